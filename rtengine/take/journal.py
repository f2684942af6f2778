"""The log of a performance while it is played: what graphs and host have noted, written in the order of time."""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rtengine import events
from rtengine.blocks.offload import LAPSES
from rtengine.graph import Graph
from rtengine.take import automation
from rtengine.take.automation import END, FILE, GAP, HOST_EVENTS, LATE
from rtengine.take.writing import Lines, Say, time_of_day


class Journal:
    """A log file, which never raises once it is there: what the disk does not take waits, see Lines.

    Everything belongs to whoever holds the engine's lock.
    """

    def __init__(
        self, file: Path, host: np.void, graph: Graph, about: Mapping[str, Any], say: Say = lambda sentence: None
    ) -> None:
        """host: the record of rtengine.live.host. about: what the graph was built from.

        Raises OSError if the file cannot be.
        """
        self._host = host
        self._file = Lines(file, "the log", lambda: time_of_day(int(host["clock"]), graph.sample_rate), say)
        self._graphs: dict[int, Graph] = {}  # those that may still be turned, by their number
        self._swaps: deque[dict[str, Any]] = deque()  # what to say of the graphs that take over
        self._restart: dict[str, float] = {}
        self._lapses: dict[tuple[int, str], int] = {}  # of each graph's slow blocks: how many are in the log
        self._late = self._lost = self._count = 0
        self._unrecorded = int(host["unrecorded"])
        self._ready: list[tuple[int, dict[str, Any]]] = []  # lines whose turn has not come
        channels = {"sample_rate": graph.sample_rate, "inputs": graph.inputs, "outputs": graph.outputs}
        self._add(channels | self._enter(graph, about))
        host["noting"] = True

    def swap(self, graph: Graph, about: Mapping[str, Any]) -> None:
        """Another graph is going to take over; before the host is asked."""
        self._swaps.append(self._enter(graph, about))

    def losing(self, graph: Graph) -> None:
        """The graph is going to be emptied, and the host holds it: what it has noted would be lost."""
        self.write()
        for number in self._numbers(graph):
            self._count_losses(number, graph)
            for key in [key for key in self._lapses if key[0] == number]:
                del self._lapses[key]

    def restart(self, graph: Graph) -> None:
        """It was emptied; before the host is to go on."""
        self._restart = graph.targets()
        graph.memory["events"]["logging"] = True

    def file(self, name: str, time: int) -> None:
        """A dry recording of this name begins at this sample."""
        self._add({"time": time, "host": FILE, "name": name})

    def write(self, everything: bool = False) -> None:
        """Append what happened before the host's time of now, or everything once it has stopped."""
        now = int(self._host["clock"])  # first: what was before is there
        for number, graph in self._graphs.items():
            for address, event in graph.taken():
                self._ready.append((event.time, automation.line(number, address, event)))
            self._read_lapses(number, graph, ended=False)
        for event in events.drain(self._host["happened"]["taken"]):
            self._ready.append((event.time, self._line(event.time, HOST_EVENTS[event.target], bool(event.a))))
        self._ready.sort(key=lambda ready: (ready[0], "host" not in ready[1]))  # a graph is there before it is turned
        count = len(self._ready) if everything else sum(time < now for time, _ in self._ready)
        for _, line in self._ready[:count]:
            self._add(line)
        del self._ready[:count]
        if (unrecorded := int(self._host["unrecorded"])) > self._unrecorded:
            self._add({"time": now, "host": GAP, "samples": unrecorded - self._unrecorded})
            self._unrecorded = unrecorded

    def leave(self, graph: Graph) -> None:
        """A graph plays no more."""
        self.write()
        for number in self._numbers(graph):
            self._count_losses(number, self._graphs.pop(number))

    def close(self) -> None:
        """Write the rest, and how good the log is."""
        for number, graph in self._graphs.items():
            self._count_losses(number, graph)
        self.write(everything=True)
        lost = self._lost + int(self._host["happened"]["lost"]) + self._file.lost
        self._add({"time": int(self._host["clock"]), "host": END, "late": self._late, "lost": lost})
        self._file.close()

    def _enter(self, graph: Graph, about: Mapping[str, Any]) -> dict[str, Any]:
        graph.memory["events"]["logging"] = True
        self._graphs[self._count] = graph
        self._count += 1
        return {"latency": graph.latency, "start": graph.targets(), "about": dict(about)}

    def _add(self, line: Mapping[str, Any]) -> None:
        self._file.add(json.dumps(line))

    def _numbers(self, graph: Graph) -> list[int]:
        return [n for n, g in self._graphs.items() if g is graph]

    def _line(self, time: int, kind: str, on: bool) -> dict[str, Any]:
        line: dict[str, Any] = {"time": time, "host": kind, "on": on}
        if kind == "swap":
            line |= self._swaps.popleft()
        if kind == "hold" and not on:
            line["start"] = self._restart
        return line

    def _read_lapses(self, number: int, graph: Graph, ended: bool) -> None:
        """Note when a worker was late: each time once it is over, or all of them if the graph has ended."""
        for path, ends in self._ends(graph):
            lapses = ends["lapses"]
            count = int(lapses["count"]) - (bool(lapses["open"]) and not ended)
            for i in range(max(self._lapses.get((number, path), 0), count - LAPSES), count):
                time, samples = (int(lapses[name][i % LAPSES]) for name in ("begin", "samples"))
                self._ready.append((time, {"time": time, "host": LATE, "graph": number, "samples": samples}))
            self._lapses[number, path] = max(count, self._lapses.get((number, path), 0))

    @staticmethod
    def _ends(graph: Graph) -> Iterator[tuple[str, np.void]]:
        """Those of the blocks whose sound comes back from a worker; others may show late, but sound the same."""
        for path in graph.blocks:
            state = graph.state(path)
            if "ends" in (state.dtype.names or ()):
                yield path, state["ends"]

    def _count_losses(self, number: int, graph: Graph) -> None:
        self._read_lapses(number, graph, ended=True)
        self._late += sum(int(ends["late"]) for _, ends in self._ends(graph))
        self._lost += int(graph.memory["events"]["unlogged"][0])
