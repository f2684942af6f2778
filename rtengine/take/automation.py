"""A performance as a file: every change of a parameter and everything the host did, with its sample time.

One JSON object a line. The first says what was played: sample rate, channels, and of the first graph its latency, what
it was built from and where its parameters were. A change is {"time": samples, "graph": number, "address": ..., "value":
...}; a deed of the host is {"time": samples, "deed": ..., ...}, see DEEDS. Lines may stand in any order.
"""

import json
from collections.abc import Mapping
from io import TextIOBase
from pathlib import Path
from typing import Any, NamedTuple

DEEDS = (  # by the numbers that the host gives them
    "bypass",  # on: whether from here on it fades to the input, or back
    "swap",  # the next graph begins to run, unheard until its latency is over; about it as about the first
    "hold",  # on: the graph, which is muted, does not run; off: it runs again, emptied, from "start"
)
END = "end"  # the last line; late, lost: samples that were dry for a late worker, lines for which there was no room


class Played(NamedTuple):
    """A graph that was played: latency in samples, targets at its start, and what it was built from."""

    latency: int
    start: Mapping[str, float]
    about: Mapping[str, Any]


class Change(NamedTuple):
    """A parameter's new target, at a grid point, in samples since the start; graph counts the swaps."""

    time: int
    graph: int
    address: str
    value: float


class Deed(NamedTuple):
    """What the host did at a grid point, see DEEDS."""

    time: int
    deed: str
    on: bool = True
    start: Mapping[str, float] = {}


class Performance(NamedTuple):
    """What a log says; late: samples for which the dry sound stood in, None if the log has no end."""

    sample_rate: float
    channels: int
    graphs: tuple[Played, ...]
    events: tuple[Change | Deed, ...]
    late: int | None
    lost: int


def write(file: TextIOBase, *lines: Mapping[str, Any]) -> None:
    """Append lines to a log."""
    file.writelines(json.dumps(line) + "\n" for line in lines)


def read(file: Path) -> Performance:
    """Read a log; ValueError names the line that is wrong, OSError the file that is not there."""
    number = 1
    try:
        lines = file.read_text("utf-8").splitlines()
        about = json.loads(lines[0])
        graphs, events, end = [_played(about)], list[Change | Deed](), dict[str, int]()
        for line in lines[1:]:
            number += 1
            fields = json.loads(line)
            time = int(fields["time"])
            if time < 0:
                raise ValueError(f"time {time} is before the start")
            if fields.get("deed") == END:
                end = fields
            elif "deed" in fields:
                deed = DEEDS[DEEDS.index(fields["deed"])]
                events.append(Deed(time, deed, bool(fields.get("on", True)), _values(fields.get("start", {}))))
                if deed == "swap":
                    graphs.append(_played(fields))
            else:
                change = Change(time, int(fields["graph"]), str(fields["address"]), float(fields["value"]))
                if not 0 <= change.graph < len(graphs):
                    raise ValueError(f"there is no graph {change.graph} yet")
                events.append(change)
        late, lost = end.get("late"), int(end.get("lost", 0))
        rate, channels = float(about["sample_rate"]), int(about["channels"])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"line {number} of {file} is no automation: {error}") from None
    events.sort(key=lambda event: (event.time, isinstance(event, Change)))  # a graph is there before it is turned
    return Performance(rate, channels, tuple(graphs), tuple(events), late, lost)


def _played(fields: Mapping[str, Any]) -> Played:
    return Played(int(fields["latency"]), _values(fields["start"]), dict(fields["about"]))


def _values(fields: Mapping[str, Any]) -> dict[str, float]:
    return {str(address): float(value) for address, value in fields.items()}
