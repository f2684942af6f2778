"""What a plug-in is told to a host: its parameters and readings, and an image for each sample rate."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
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

    identity: str
    name: str
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
    form = FORMS.get(channels, f"{channels} channels")
    works = [work for block in graph.blocks.values() for work in block.slow]
    parameters = list(_parameters(graph))
    return Plugin(
        f"urn:rtengine:{order.slug}:{form.replace(' ', '-')}",
        order.name if len(order.counts) == 1 else f"{order.name} ({form})",
        form,
        f"{order.patch} of rtengine",
        graph.inputs,
        graph.outputs,
        sum(work.long for work in works) + any(not work.long for work in works),
        parameters,
        list(_readings(graph)),
        dict(_presets(parameters, order.presets)),
        images,
        codes,
        graph.dry.reshape(-1).tolist(),
    )


def _presets(
    parameters: Sequence[Knob], scenes: Mapping[str, Mapping[str, float]]
) -> Iterator[tuple[str, list[float]]]:
    """Each share alone, where there are several, and the scenes."""
    shares = [k.address for k in parameters if isinstance(k.about, Parameter) and k.about.share]
    alone = {address.rpartition("/")[2]: dict.fromkeys(shares, 0.0) | {address: 1.0} for address in shares}
    for name, values in ({**alone, **scenes} if len(shares) > 1 else scenes).items():
        yield name, [values.get(k.address, k.start) for k in parameters]


def _parameters(graph: Graph) -> Iterator[Knob]:
    for address, about in graph.parameters.items():
        yield Knob(address, 0, about, graph[address], graph.place(address))


def _readings(graph: Graph) -> Iterator[Knob]:
    for address, about in graph.readings.items():
        values = graph.reading(address)
        for i, value in enumerate(values):
            yield Knob(address, i + 1 if len(values) > 1 else 0, about, value)
