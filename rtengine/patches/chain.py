"""Patches by their names, and the graph of one or of several in a chain.

Around them stand a meter at each end, a gain and a limiter. To add an instrument is to add a module to this folder with
a Patch named PATCH.
"""

import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol

from rtengine.block import Block, Parameter
from rtengine.blocks.gain import Gain
from rtengine.blocks.limiter import Limiter
from rtengine.graph import Graph, controls
from rtengine.patches.patch import Patch, Setup

ONCE = ("chain", "patch", "master")  # modules of this folder that are no instruments
RATES = (8_000, 384_000)  # Hz


class Controls(Protocol):
    """A graph, as far as it is turned; or a Sheet."""

    parameters: dict[str, Parameter]

    def __setitem__(self, address: str, value: float) -> None: ...

    def settle(self) -> None: ...


Turn = Callable[[Controls], object]


class Sheet:
    """The controls of a graph that is not built yet: it refuses what the graph would refuse, and keeps nothing."""

    def __init__(self, parameters: dict[str, Parameter]) -> None:
        self.parameters = parameters

    def __setitem__(self, address: str, value: float) -> None:
        if address not in self.parameters:
            raise KeyError(f"{address} is none of {', '.join(self.parameters)}")
        self.parameters[address].check(address, value)

    def settle(self) -> None:
        """There is nothing that moves."""


def names() -> list[str]:
    """All patches, in the order of the alphabet."""
    return [m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)]) if m.name not in ONCE]


def find(name: str) -> Patch:
    """The patch of this name; ValueError says which there are."""
    if name not in names():
        raise ValueError(f"there is no patch {name[:80]!r}: choose from {', '.join(names())}")
    patch = import_module(f"rtengine.patches.{name}").PATCH
    assert isinstance(patch, Patch)
    return patch


def chained(text: str) -> tuple[Patch, ...]:
    """The patches of "console,texture": sound goes through them in this order. ValueError as above."""
    patches = tuple(find(name.strip()) for name in text.split(","))
    if len({patch.name for patch in patches}) < len(patches):
        raise ValueError(f"{text} has a patch twice")
    return patches


def parsed(patches: Sequence[Patch], given: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Settings from texts, numbers or names of choices; ValueError says which there are, or what one may be."""
    known = {name: setting for patch in patches for name, setting in patch.settings.items()}
    found = {}
    for name, text in given:
        _check_names("setting", [name], [*known])
        try:
            found[name] = known[name].check(name, known[name].parse(text))
        except ValueError as error:
            raise ValueError(f"{name}: {error}" if name not in str(error) else str(error)) from None
    return found


def build(patches: Sequence[Patch], setup: Setup, turn: Turn = lambda graph: None, kind: type[Graph] = Graph) -> Graph:
    """The graph of these patches, one after the other. ValueError, KeyError or OSError in one sentence.

    Each patch declares its own settings and files; a name that two of them have is meant for both. turn: sets controls;
    it is tried on a sheet first, so that what is wrong is refused before anything is compiled.
    """
    if not RATES[0] <= setup.sample_rate <= RATES[1]:
        raise ValueError(f"sample rate {setup.sample_rate:g} is outside {RATES[0]} to {RATES[1]} Hz")
    low, high = patches[0].inputs
    if not low <= setup.inputs <= high:
        raise ValueError(f"{setup.inputs} channels are not {low} to {high}, which {patches[0].name} takes")
    _check_names("setting", setup.settings, [name for patch in patches for name in patch.settings])
    _check_names("file", setup.files, [name for patch in patches for name in patch.files])
    parts = [patch.build(setup) for patch in patches]
    inner = {path: block for part in parts for path, block in part.blocks.items()}
    if len(inner) < sum(len(part.blocks) for part in parts):
        raise ValueError(f"{' and '.join(p.name for p in patches)} have blocks of one name: they cannot be chained")
    wires = {target: source for part in parts for target, source in part.wires.items()}
    blocks: dict[str, Block] = {**inner, "output": Gain(), "limiter": Limiter()}
    turn(Sheet(controls(blocks)))
    graph = kind(setup.sample_rate, setup.inputs, wires=wires, **blocks)
    for part in parts:
        for address, value in part.start.items():
            graph[address] = value
    turn(graph)
    graph.settle()
    if setup.threads:
        graph.start(setup.threads)
    return graph


def _check_names(kind: str, given: Iterable[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise ValueError(f"there is no {kind} {name[:80]!r}: {', '.join(known) or 'there is none at all'}")


def shares(graph: Controls) -> dict[str, str]:
    """Addresses of the parameters that are blended, by their names."""
    return {address.rpartition("/")[2]: address for address, p in graph.parameters.items() if p.share}


def blend(graph: Controls, weights: Mapping[str, float]) -> None:
    """Give each share its weight, and the others none; ValueError names those that there are."""
    there = shares(graph)
    for name in weights:
        if name not in there:
            raise ValueError(f"there is nothing to blend named {name}: choose from {', '.join(there) or 'nothing'}")
    for name, address in there.items():
        graph[address] = weights.get(name, 0.0)


def assign(graph: Controls, values: Sequence[tuple[str, str]]) -> None:
    """Set parameters by address from texts, numbers or names of choices; ValueError or KeyError in one sentence."""
    for address, text in values:
        parameter = graph.parameters.get(address)
        try:
            value = parameter.parse(text) if parameter else 0.0
        except ValueError as error:
            raise ValueError(f"{address} = {error}") from None
        graph[address] = value  # names the address or the bound if it is wrong
    graph.settle()
