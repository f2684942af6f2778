"""The mixing desk: strips, their sum, width, a main strip and a limiter."""

from collections.abc import Sequence

from rtengine.block import Block
from rtengine.blocks.console.automix import ROLES, Automix, wires
from rtengine.blocks.console.bus import Bus
from rtengine.blocks.console.spread import Spread
from rtengine.blocks.console.strip import Strip
from rtengine.blocks.limiter import Limiter
from rtengine.dsp.console.normalise import ACTION, KNEE
from rtengine.graph import NO_WIRES, Graph

STRIPS = 16  # at most: what a desk of this kind has, and what one core bears with ease


def console(sample_rate: float, strips: int, automatic: bool = False) -> Graph:
    """The desk for 2 `strips` channels in and 2 out, with everything at its default: the sum, with peaks below -1 dBTP.

    automatic: with Layer 0 at the strips, see Automix; a parameter that a hand takes is its own from then on.
    Raises ValueError if there are not 1 to 16 strips.
    """
    if not 1 <= strips <= STRIPS:
        raise ValueError(f"{strips} stems are not 1 to {STRIPS}: sum some of them first")
    row: dict[str, Block] = {f"strip/{i + 1}": Strip().on(2 * i, 2) for i in range(strips)}
    sum_: dict[str, Block] = {"bus": Bus(strips), "spread": Spread(), "main": Strip(), "limiter": Limiter()}
    ears: dict[str, Block] = {"automix": Automix(strips)} if automatic else {}
    return Graph(sample_rate, 2 * strips, wires=wires(strips) if automatic else NO_WIRES, **ears, **row, **sum_)


def assign(graph: Graph, roles: Sequence[str]) -> None:
    """Tell Layer 0 what the strips play: the roles of Automix. Compressors get the manners of their role."""
    for i, role in enumerate(roles, 1):
        graph[f"/automix/role{i}"] = ROLES.index(role)
        attack, release, ratio = ACTION["vocals" if role == "speech" else role]
        for name, value in (("attack", attack), ("release", release), ("ratio", ratio), ("knee", KNEE)):
            graph[f"/strip/{i}/{name}"] = value
