"""A performance as a file: every change of a parameter and everything the host did, with its sample time.

One JSON object a line. The first says what was played: sample rate, inputs, outputs, and of the first graph its
latency, what it was built from and where its parameters were. A change is {"time": samples, "graph": number, "address":
..., "value": ...}; where a wire turns the parameter again, "value" is null; an event for a block's inbox has "event" (a
name of rtengine.events.KINDS), "channel", "a" and "b" in its place. What the host did is {"time": samples, "host": ...,
...}, see HOST_EVENTS. Lines may stand in any order.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rtengine.events import KINDS, SET, Event
from rtengine.files.json_text import parsed

HOST_EVENTS = (  # by the numbers that the host gives them
    "bypass",  # on: whether from here on it fades to the input, or back
    "swap",  # the next graph begins to run, unheard until its latency is over; about it as about the first
    "hold",  # on: the graph, which is muted, does not run; off: it runs again, emptied, from "start"
)
FILE = "file"  # the dry recording of this name begins here
GAP = "gap"  # not long before, so many samples were not recorded, as the disk was too slow
LATE = "late"  # from here on so many samples were not, or not only, the wet signal: a worker was late
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


class Release(NamedTuple):
    """A parameter that a hand gave back to its wire."""

    time: int
    graph: int
    address: str


class Sent(NamedTuple):
    """An event that reached a block's inbox, at this very sample; see rtengine.events."""

    time: int
    graph: int
    address: str
    kind: int
    channel: int
    a: float
    b: float


class HostEvent(NamedTuple):
    """What the host did at a grid point, see HOST_EVENTS."""

    time: int
    kind: str
    on: bool = True
    start: Mapping[str, float] = {}


class Lapse(NamedTuple):
    """A worker was late: from this sample on, so many were dry or between dry and wet. Or they were not recorded."""

    time: int
    samples: int


class Performance(NamedTuple):
    """What a log says; late: samples for which the dry sound stood in, None if the log has no end."""

    sample_rate: float
    inputs: int
    outputs: int
    graphs: tuple[Played, ...]
    events: tuple["Happened", ...]
    late: int | None
    lost: int
    lapses: tuple[Lapse, ...] = ()
    gaps: tuple[Lapse, ...] = ()
    files: Mapping[str, int] = {}  # dry recordings, and the samples at which they begin


Happened = Change | Release | Sent | HostEvent


def read(file: Path) -> Performance:
    """Read a log; ValueError names the line that is wrong, OSError the file that is not there."""
    number = 1
    try:
        lines = _whole(file.read_text("utf-8"))
        about = parsed(lines[0])
        graphs, events, end = [_played(about)], list[Happened](), dict[str, int]()
        lapses, gaps, files = list[Lapse](), list[Lapse](), dict[str, int]()
        turned: list[tuple[int, int]] = []  # lines, and the graphs that they name
        for line in lines[1:]:
            number += 1
            fields = parsed(line)
            time = int(fields["time"])
            if time < 0:
                raise ValueError(f"time {time} is before the start")
            kind = fields.get("host", fields.get("deed"))  # as older logs have it
            if kind == END:
                end = fields
            elif kind == LATE:
                lapses.append(Lapse(time, int(fields["samples"])))
            elif kind == GAP:
                gaps.append(Lapse(time, int(fields["samples"])))
            elif kind == FILE:
                files[str(fields["name"])] = time
            elif kind is not None:
                kind = HOST_EVENTS[HOST_EVENTS.index(kind)]
                events.append(HostEvent(time, kind, bool(fields.get("on", True)), _values(fields.get("start", {}))))
                if kind == "swap":
                    graphs.append(_played(fields))
            else:
                change = _change(time, fields)
                turned.append((number, change.graph))
                events.append(change)
        for where, graph in turned:  # at the end, for a swap may stand behind what it leads to
            if not 0 <= graph < len(graphs):
                number = where
                raise ValueError(f"there is no graph {graph}")
        late, lost = end.get("late"), int(end.get("lost", 0))
        rate, inputs = float(about["sample_rate"]), int(about.get("inputs", about.get("channels")))
        outputs = int(about.get("outputs", inputs))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"line {number} of {file} is no automation: {error}") from None
    events.sort(
        key=lambda event: (event.time, not isinstance(event, HostEvent))
    )  # a graph is there before it is turned
    missing = tuple(sorted(lapses)), tuple(sorted(gaps))
    return Performance(rate, inputs, outputs, tuple(graphs), tuple(events), late, lost, *missing, files)


def _whole(text: str) -> list[str]:
    """The lines, without a last one that was cut off as the host died."""
    lines = text.splitlines()
    if len(lines) > 1 and not text.endswith("\n"):
        try:
            parsed(lines[-1])
        except ValueError:
            return lines[:-1]
    return lines


def line(graph: int, address: str, event: Event) -> dict[str, Any]:
    """What a graph took, as a line of a log."""
    fields: dict[str, Any] = {"time": event.time, "graph": graph, "address": address}
    if event.kind > SET:
        name = next(name for name, kind in KINDS.items() if kind == event.kind)
        return fields | {"event": name, "channel": event.channel, "a": event.a, "b": event.b}
    return fields | {"value": event.a if event.kind == SET else None}


def _change(time: int, fields: Mapping[str, Any]) -> Change | Release | Sent:
    where = time, int(fields["graph"]), str(fields["address"])
    if "event" in fields:
        return Sent(*where, KINDS[fields["event"]], int(fields["channel"]), float(fields["a"]), float(fields["b"]))
    return Release(*where) if fields["value"] is None else Change(*where, float(fields["value"]))


def _played(fields: Mapping[str, Any]) -> Played:
    return Played(int(fields["latency"]), _values(fields["start"]), dict(fields["about"]))


def _values(fields: Mapping[str, Any]) -> dict[str, float]:
    return {str(address): float(value) for address, value in fields.items()}
