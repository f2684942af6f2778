"""A performance as a file: every change of a parameter with its sample time, and the same performance from the file.

One JSON object a line. The first says what was played: sample rate, channels, latency and the targets at the start; the
others are {"time": samples, "address": ..., "value": ...}, in the order in which they took effect.
"""

import json
from collections.abc import Iterable, Mapping
from io import TextIOBase
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rtengine.graph import Graph, Samples


class Change(NamedTuple):
    """A parameter's new target, at a grid point, in samples since the start."""

    time: int
    address: str
    value: float


class Performance(NamedTuple):
    """What a log says."""

    sample_rate: float
    channels: int
    latency: int
    start: Mapping[str, float]
    changes: tuple[Change, ...]


def heading(graph: Graph) -> str:
    """The first line of a log."""
    start = {address: graph[address] for address in graph.parameters}
    about = {"sample_rate": graph.sample_rate, "channels": graph.channels, "latency": graph.latency, "start": start}
    return json.dumps(about) + "\n"


def write(file: TextIOBase, changes: Iterable[tuple[int, str, float]]) -> None:
    """Append changes to a log."""
    file.writelines(json.dumps(Change(*change)._asdict()) + "\n" for change in changes)


def read(file: Path) -> Performance:
    """Read a log; ValueError names the line that is wrong, OSError the file that is not there."""
    lines = file.read_text("utf-8").splitlines()
    number = 1
    try:
        about: dict[str, Any] = json.loads(lines[0])
        changes: list[Change] = []
        for line in lines[1:]:
            number += 1
            change = Change(**json.loads(line))
            if change.time < (changes[-1].time if changes else 0):
                raise ValueError("goes back in time")
            changes.append(Change(int(change.time), str(change.address), float(change.value)))
        return Performance(about["sample_rate"], about["channels"], about["latency"], about["start"], tuple(changes))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"line {number} of {file} is no automation: {error}") from None


def perform(graph: Graph, performance: Performance, x: Samples) -> Samples:
    """Run x, float32 (channels, samples), through a newly built graph, its parameters moving as they did then.

    Raises ValueError if the graph is another than the one that was played, or has other parameters.
    """
    for name in ("sample_rate", "channels", "latency"):
        there, here = getattr(performance, name), getattr(graph, name)
        if there != here:
            raise ValueError(f"the performance has {name.replace('_', ' ')} {there:g}, this graph {here:g}")
    unknown = {*performance.start, *(c.address for c in performance.changes)} - {*graph.parameters}
    if unknown:
        raise ValueError(f"this graph has no {', '.join(sorted(unknown))}")
    for address, value in performance.start.items():
        graph[address] = value
    graph.settle()
    parts, position = [], 0
    for time, address, value in performance.changes:
        if position < time < x.shape[1]:
            parts.append(graph.process(x[:, position:time]))
            position = time
        if time < x.shape[1]:
            graph[address] = value
    parts.append(graph.process(x[:, position:]))
    return np.concatenate(parts, axis=1)
