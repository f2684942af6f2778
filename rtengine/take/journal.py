"""The log of a performance while it is played: what graphs and host have noted, written in the order of time."""

from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rtengine import events
from rtengine.graph import Graph
from rtengine.take import automation
from rtengine.take.automation import DEEDS, END


class Journal:
    """A log file; everything but reading the records belongs to whoever holds the engine's lock."""

    def __init__(self, file: Path, host: np.void, graph: Graph, about: Mapping[str, Any]) -> None:
        """host: the record of rtengine.live.host. about: what the graph was built from.

        Raises OSError if the file cannot be.
        """
        self._file, self._host = file.open("w", encoding="utf-8"), host
        self._graphs: dict[int, Graph] = {}  # those that may still be turned, by their number
        self._swaps: deque[dict[str, Any]] = deque()  # what to say of the graphs that take over
        self._restart: dict[str, float] = {}
        self._late = self._lost = self._count = 0
        self._ready: list[tuple[int, dict[str, Any]]] = []  # lines whose turn has not come
        channels = {"sample_rate": graph.sample_rate, "inputs": graph.inputs, "outputs": graph.outputs}
        automation.write(self._file, channels | self._enter(graph, about))
        host["noting"] = True

    def swap(self, graph: Graph, about: Mapping[str, Any]) -> None:
        """Another graph is going to take over; before the host is asked."""
        self._swaps.append(self._enter(graph, about))

    def restart(self, graph: Graph, late: int) -> None:
        """The graph was emptied while the host held it, after it was late so often; before the host is to go on."""
        self._late += late
        self._restart = graph.targets()
        graph.memory["events"]["logging"] = True

    def _enter(self, graph: Graph, about: Mapping[str, Any]) -> dict[str, Any]:
        graph.memory["events"]["logging"] = True
        self._graphs[self._count] = graph
        self._count += 1
        return {"latency": graph.latency, "start": graph.targets(), "about": dict(about)}

    def write(self, everything: bool = False) -> None:
        """Append what happened before the host's time of now, or everything once it has stopped."""
        now = int(self._host["clock"])  # first: what was before is there
        for number, graph in self._graphs.items():
            for address, event in graph.taken():
                self._ready.append((event.time, automation.line(number, address, event)))
        for event in events.drain(self._host["deeds"]["taken"]):
            self._ready.append((event.time, self._told(event.time, DEEDS[event.target], bool(event.a))))
        self._ready.sort(key=lambda ready: ready[0])
        count = len(self._ready) if everything else sum(time < now for time, _ in self._ready)
        automation.write(self._file, *(line for _, line in self._ready[:count]))
        del self._ready[:count]

    def leave(self, graph: Graph) -> None:
        """A graph plays no more."""
        self.write()
        for number in [n for n, g in self._graphs.items() if g is graph]:
            self._count_losses(self._graphs.pop(number))

    def close(self) -> None:
        """Write the rest, and how good the log is."""
        self.write(everything=True)
        for graph in self._graphs.values():
            self._count_losses(graph)
        lost = self._lost + int(self._host["deeds"]["lost"])
        time = int(self._host["clock"])
        automation.write(self._file, {"time": time, "deed": END, "late": self._late, "lost": lost})
        self._file.close()

    def _told(self, time: int, deed: str, on: bool) -> dict[str, Any]:
        line: dict[str, Any] = {"time": time, "deed": deed, "on": on}
        if deed == "swap":
            line |= self._swaps.popleft()
        if deed == "hold" and not on:
            line["start"] = self._restart
        return line

    def _count_losses(self, graph: Graph) -> None:
        self._late += graph.late
        self._lost += int(graph.memory["events"]["unlogged"][0])
