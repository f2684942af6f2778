"""The mixing desk: strips, their sum, width and a main strip, with Layer 0 at the faders if wanted."""

from collections.abc import Mapping, Sequence

from rtengine.block import Block, Parameter
from rtengine.blocks.console.automix import ROLES, Automix, wires
from rtengine.blocks.console.bus import Bus
from rtengine.blocks.console.pairs import Pairs
from rtengine.blocks.console.spread import Spread
from rtengine.blocks.console.strip import Strip
from rtengine.blocks.limiter import Limiter
from rtengine.dsp.console.normalise import ACTION, KNEE
from rtengine.graph import NO_WIRES, Graph
from rtengine.patches.patch import Part, Patch, Setup

STRIPS = 16  # at most: what a desk of this kind has, and what one core bears with ease


def console(sample_rate: float, strips: int, automatic: bool = False) -> Graph:
    """The desk for 2 `strips` channels in and 2 out, with everything at its default: the sum, with peaks below -1 dBTP.

    automatic: with Layer 0 at the strips, see Automix; a parameter that a hand takes is its own from then on.
    Raises ValueError if there are not 1 to 16 strips.
    """
    last: dict[str, Block] = {"limiter": Limiter()}
    turned = wires(strips) if automatic else NO_WIRES
    return Graph(sample_rate, 2 * strips, wires=turned, **blocks(strips, automatic), **last)


def blocks(strips: int, automatic: bool) -> dict[str, Block]:
    """The desk without its limiter, by name; ValueError if there are not 1 to 16 strips."""
    if not 1 <= strips <= STRIPS:
        raise ValueError(f"{strips} stems are not 1 to {STRIPS}: sum some of them first")
    row: dict[str, Block] = {f"strip/{i + 1}": Strip().on(2 * i, 2) for i in range(strips)}
    ears: dict[str, Block] = {"automix": Automix(strips)} if automatic else {}
    return {**ears, **row, "bus": Bus(strips), "spread": Spread(), "main": Strip()}


def assign(graph: Graph, roles: Sequence[str]) -> None:
    """Tell Layer 0 what the strips play: the roles of Automix. Compressors get the manners of their role."""
    for i, role in enumerate(roles, 1):
        graph[f"/automix/role{i}"] = ROLES.index(role)
        for name, value in manners(role).items():
            graph[f"/strip/{i}/{name}"] = value


def manners(role: str) -> dict[str, float]:
    """How the compressor of a role goes about it."""
    attack, release, ratio = ACTION["vocals" if role == "speech" else role]
    return {"attack": attack, "release": release, "ratio": ratio, "knee": KNEE}


def build(setup: Setup) -> Part:
    """A strip for each input, or for each pair of them."""
    automatic, pairs = PATCH.setting(setup, "automatic") > 0, PATCH.setting(setup, "pairs") > 0
    if pairs and setup.inputs % 2:
        raise ValueError(f"{setup.inputs} channels are no pairs")
    strips = setup.inputs // 2 if pairs else setup.inputs
    first: Mapping[str, Block] = {} if pairs else {"pairs": Pairs()}
    start = {f"/strip/{i}/{name}": v for i in range(1, strips + 1) for name, v in manners("other").items()}
    return Part({**first, **blocks(strips, automatic)}, wires(strips) if automatic else {}, start if automatic else {})


PATCH = Patch(
    "console",
    "a mixing desk for up to 16 microphones that finds its balance by itself",
    build,
    settings={
        "automatic": Parameter(1, 0, 1, "", "step", "whether the desk moves its own faders", ("off", "on")),
        "pairs": Parameter(0, 0, 1, "", "step", "inputs are microphones, or stereo pairs", ("off", "on")),
    },
    inputs=(1, 2 * STRIPS),
)
