"""The graph that plays, how another takes over from it, and how a broken one is put right."""

import threading
from collections.abc import Mapping
from typing import Any

from rtengine.graph import Graph
from rtengine.live import host
from rtengine.native.memory import give_back
from rtengine.native.record import Memory, touch
from rtengine.take.journal import Journal


class Exchange:
    """Two places of the host. `lock` belongs to those who push events and those who change the graph."""

    def __init__(self, memory: Memory, graph: Graph, threads: int) -> None:
        """memory: the host's, with the graph in its first place. threads: native ones for slow parts, at least 0."""
        self.memory, self.graph, self.lock = memory, graph, threading.RLock()
        self.log: Journal | None = None
        self.closed = False
        self._host: Any = memory[0]
        self._threads = threads if any(block.works for block in graph.blocks.values()) else 0
        self._leaving: Graph | None = None  # the one that is being faded out,
        self._swaps = 0  # until the host has counted so many
        self._late = 0  # samples, of the graphs that are gone

    @property
    def clock(self) -> int:
        """Samples since the start, those of the last buffer included."""
        return int(self._host["clock"])

    @property
    def late(self) -> int:
        """Samples that departed from the wet signal as a worker was late, since the start."""
        with self.lock:
            return self._late + self.graph.late + (self._leaving.late if self._leaving else 0)

    @property
    def busy(self) -> bool:
        """Whether no other graph can take over just now."""
        return bool(self._leaving or self._host["hold"])

    @property
    def fading(self) -> bool:
        """Whether another graph is being faded in."""
        return self._leaving is not None

    def start(self) -> None:
        """Let the slow parts work."""
        self._ready(self.graph)

    def _ready(self, graph: Graph) -> None:
        touch(graph.memory)
        if self._threads:
            graph.start(self._threads, urgent=True, pulse=self._host["pulse"])

    def stop(self) -> None:
        """End them; no other graph takes over any more."""
        self.closed = True
        self.graph.stop()
        if self._leaving:
            self._leaving.stop()

    def check(self, graph: Graph) -> None:
        """ValueError if this graph cannot take over, or not just now."""
        own = self.graph.sample_rate, self.graph.inputs, self.graph.outputs
        if (graph.sample_rate, graph.inputs, graph.outputs) != own:
            ends = f"{graph.inputs} to {graph.outputs} channels at {graph.sample_rate:g} Hz"
            ours = f"{own[1]} to {own[2]} channels at {own[0]:g} Hz"
            raise ValueError(f"a graph of {ends} cannot take over from one of {ours}")
        if self._leaving:
            raise ValueError("another graph is being faded in just now")
        if self._host["hold"]:  # it could not begin, and what holds it would wait for it
            raise ValueError("the sound is being put right just now")
        if self.closed:
            raise ValueError("the engine is closed")

    def swap(self, graph: Graph, about: Mapping[str, Any]) -> None:
        """Let a checked graph, whose parameters are set, take over; about: what it was built from, for the log."""
        graph.settle()
        self._ready(graph)
        host.place(self.memory, 1 - int(self._host["current"]), graph)
        self._leaving, self.graph = self.graph, graph
        self._swaps += 1
        if self.log:
            self.log.swap(graph, about)
        self._host["swap"] = True

    def finish(self) -> None:
        """Let go of the graph that was faded out."""
        with self.lock:
            if self._leaving and self._host["swaps"] == self._swaps:
                self._leaving.stop()
                self._late += self._leaving.late
                if self.log:
                    self.log.leave(self._leaving)
                self._leaving = None
                give_back()

    def recover(self, targets: Mapping[str, float]) -> bool:
        """Empty the graph of all its sound, once it is muted and the audio thread lets it go; whether that was so."""
        with self.lock:
            if not self._host["alarm"] or self._leaving:
                return False
            self._host["hold"] = True
            if not self._host["held"]:
                return False
            late = self.graph.late
            if self.log:
                self.log.losing(self.graph)
            self.graph.reset()
            for address, value in targets.items():
                self.graph[address] = value
            self.graph.settle()
            self._late += late
            if self.log:
                self.log.restart(self.graph)
            self.start()
            self._host["alarm"] = self._host["hold"] = False
            return True
