"""What a plug-in is told to a host: its parameters and readings, and an image for each sample rate."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from rtengine.block import Parameter, Reading
from rtengine.export import code
from rtengine.export.image import Image, taken
from rtengine.export.order import Order
from rtengine.export.pool import Pool
from rtengine.graph import Graph

FORMS = {1: "mono", 2: "stereo"}
FIRST_ID = 16  # below are those of the glue


class Knob(NamedTuple):
    """A parameter, or one number of a reading.

    number: in a vector, from 1 on; 0 if it is none. start: its value. place: of a parameter, among all of the graph's.
    """

    address: str
    number: int
    about: Parameter | Reading
    start: float
    place: int = 0
    wired: bool = False

    @property
    def symbol(self) -> str:
        """A name as C has them."""
        return re.sub(r"\W", "_", self.address[1:]) + (f"_{self.number}" if self.number else "")

    @property
    def name(self) -> str:
        """For people: what it is called in its block."""
        own = self.address.rpartition("/")[2].replace("_", " ")
        return f"{own} {self.number}" if self.number else own

    @property
    def module(self) -> str:
        """For people: the block."""
        return self.address[1:].rpartition("/")[0]

    @property
    def identity(self) -> int:
        """A number that stays when others come: 32-bit FNV-1a of the symbol."""
        value = 0x811C9DC5
        for byte in self.symbol.encode():
            value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
        return max(value, FIRST_ID)


class Plugin(NamedTuple):
    """One plug-in of a bundle. form: "stereo". codes: of each image. dry: gains (outputs, inputs) of the bypass."""

    form: str
    doc: str
    inputs: int
    outputs: int
    threads: int
    parameters: list[Knob]
    readings: list[Knob]
    presets: dict[str, list[float]]
    images: list[Image]
    codes: list[str]
    dry: list[float]


def described(order: Order, channels: int, pool: Pool, told: Callable[[], object] = lambda: None) -> Plugin:
    """The plug-in for this number of channels; its code is compiled where it is not kept. ValueError in a sentence.

    told: is called after each image.
    """
    images, codes = [], []
    for rate in order.rates:
        image, graph = taken(lambda **setup: order.graph(rate, channels, **setup), pool)  # noqa: B023  # called here
        code.object_file(graph.source)
        images.append(image)
        codes.append(code.identity(graph.source))
        told()
    works = [work for block in graph.blocks.values() for work in block.slow]
    parameters = list(_parameters(graph))
    return Plugin(
        FORMS.get(channels, f"{channels} channels"),
        f"{order.patch} of rtengine",
        graph.inputs,
        graph.outputs,
        sum(work.long for work in works) + any(not work.long for work in works),
        parameters,
        list(_readings(graph)),
        {name: [values.get(k.address, k.start) for k in parameters] for name, values in order.presets.items()},
        images,
        codes,
        graph.dry.reshape(-1).tolist(),
    )


def _parameters(graph: Graph) -> Iterator[Knob]:
    for address, about in graph.parameters.items():
        yield Knob(address, 0, about, graph[address], graph._index[address], address in graph.wires)


def _readings(graph: Graph) -> Iterator[Knob]:
    for address, about in graph.readings.items():
        values = graph.reading(address)
        for i, value in enumerate(values):
            yield Knob(address, i + 1 if len(values) > 1 else 0, about, value)
