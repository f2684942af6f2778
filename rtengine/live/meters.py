"""The host's two meters, of what comes in and of what is heard, beside what the blocks of its graph show.

They are the host's and not the graph's: they go on while the graph rests, and when another takes over.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from rtengine.block import Reading
from rtengine.blocks.meter import Meter
from rtengine.listing import GRID

ENDS = {"input": "input", "meter": "output"}  # ends of the host, by the names under which surfaces know their meters
SHOWN = Meter().readings


def prepare(sample_rate: float, inputs: int, outputs: int) -> dict[str, Any]:
    """Memory of both, each as that of a Meter in a graph."""
    return {end: _prepare(sample_rate, channels) for end, channels in (("input", inputs), ("output", outputs))}


def _prepare(sample_rate: float, channels: int) -> dict[str, Any]:
    shown = {name: reading.initial(channels) for name, reading in SHOWN.items()}
    return Meter().prepare(sample_rate, GRID, channels) | {"readings": shown}


def readings(inside: Mapping[str, Reading], inputs: int, outputs: int) -> dict[str, Reading]:
    """What a host of so many channels shows, by address: the first meter, what its graph shows inside, the last."""
    first, last = (
        {f"/{name}/{kind}": replace(r, count=r.count or channels) for kind, r in SHOWN.items()}
        for name, channels in zip(ENDS, (inputs, outputs), strict=True)
    )
    return first | dict(inside) | last


def reading(meters: np.void, address: str) -> tuple[float, ...] | None:
    """What one of the meters shows; None if the address is of none."""
    _, name, *kind = address.split("/")
    if name not in ENDS or len(kind) != 1 or kind[0] not in SHOWN:
        return None
    return tuple(np.atleast_1d(meters[ENDS[name]]["readings"][kind[0]]).tolist())
