"""A logged performance once more, through the same host and as fast as it goes: the same samples, bit for bit.

What the host was asked for is asked for again, just before the grid point at which it took effect; what it would have
recorded is the result. Equality ends where a worker was late, for then the dry sound stood in, and where lines or parts
of the recording were lost: the log says how many, and where. A recording that began later is heard from there on, as if
silence had been before.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import Any

import numpy as np

from rtengine.files.blocks import silence
from rtengine.graph import Graph, Samples
from rtengine.listing import Callback
from rtengine.live import host
from rtengine.native import ring
from rtengine.take.automation import Change, Happened, HostEvent, Performance, Release, Sent

MOST_AT_ONCE = 1 << 15  # samples at a time: less than the host's ring for recordings holds

Build = Callable[[int], Graph]  # the graph of this number, newly built


def perform(build: Build, performance: Performance, x: Samples) -> Samples:
    """The whole of x, float32 (inputs, samples) from the start of the performance on; the same length. As below."""
    return np.concatenate([np.zeros((performance.outputs, 0), np.float32), *performed(build, performance, [x])], axis=1)


def performed(build: Build, performance: Performance, blocks: Iterable[Samples], begin: int = 0) -> Iterator[Samples]:
    """The same for blocks that follow each other. What a graph's threads are, they are again after it was emptied.

    begin: at which sample of the performance the first block begins.

    Raises ValueError if a graph is another than the one that was played, or has other parameters.
    """
    with ExitStack() as stack:
        stage = Stage(lambda number: stack.enter_context(checked(build(number), performance, number)), performance)
        waiting = deque(performance.events)
        for x in chain(silence(performance.inputs, begin), blocks):
            done = 0
            while done < x.shape[1]:
                while waiting and waiting[0].time <= stage.clock:
                    stage.apply(waiting.popleft())
                until = min(waiting[0].time - stage.clock, MOST_AT_ONCE) if waiting else MOST_AT_ONCE
                y = stage.run(x[:, done : done + until])
                if stage.clock > begin:
                    yield y
                done += until


def checked(graph: Graph, performance: Performance, number: int) -> Graph:
    """The graph as it was at its start."""
    played = performance.graphs[number]
    wanted = (performance.sample_rate, performance.inputs, performance.outputs, played.latency)
    ours = (graph.sample_rate, graph.inputs, graph.outputs, graph.latency)
    for name, there, here in zip(("sample rate", "inputs", "outputs", "latency"), wanted, ours, strict=True):
        if there != here:
            raise ValueError(f"the performance has {name} {there:g}, this graph {here:g}")
    turned = {c.address for c in performance.events if not isinstance(c, HostEvent) and c.graph == number}
    if unknown := {*played.start, *turned} - {*graph.parameters, *graph.inboxes}:
        raise ValueError(f"this graph has no {', '.join(sorted(unknown))}")
    _settle(graph, played.start)
    return graph


class Stage:
    """The host and its graphs, in simulated time."""

    def __init__(self, build: Build, performance: Performance) -> None:
        self._build, self._graphs = build, [build(0)]
        self._memory = host.prepare(self._graphs[0])
        self._host: Any = self._memory[0]
        self._host["recording"] = True  # before the level, which stays shut: the host holds nothing that is heard
        self._callback = Callback(host.compile_host(self._memory.dtype).address)
        self._channels = performance.inputs, performance.outputs

    @property
    def clock(self) -> int:
        """Samples since the start."""
        return int(self._host["clock"])

    def apply(self, event: Happened) -> None:
        """Ask for what happened at this grid point."""
        match event:
            case Change():
                self._graphs[event.graph][event.address] = event.value
            case Release():
                self._graphs[event.graph].release(event.address)
            case Sent():
                self._graphs[event.graph].send(*event[2:])
            case HostEvent(kind="bypass"):
                self._host["bypass"] = event.on
            case HostEvent(kind="swap"):
                self._graphs.append(self._build(len(self._graphs)))
                host.place(self._memory, 1 - int(self._host["current"]), self._graphs[-1])
                self._host["swap"] = True
            case HostEvent(kind="hold"):
                self._hold(event)

    def _hold(self, event: HostEvent) -> None:
        if not event.on:
            graph = self._graphs[-1]
            threads = graph.threads
            graph.reset()
            _settle(graph, event.start)
            if threads:
                graph.start(threads)
            self._host["alarm"] = False
        self._host["hold"] = event.on

    def run(self, x: Samples) -> Samples:
        """The next samples, float32 (inputs, at most MOST_AT_ONCE)."""
        inputs, outputs = self._channels
        source, size = np.ascontiguousarray(x.T, np.float32), x.shape[1]
        sink = np.empty((size, outputs), np.float32)
        self._callback(source.ctypes.data, sink.ctypes.data, size, None, 0, self._memory.ctypes.data)
        take = np.empty((inputs + outputs, size), np.float32)
        ring.read(self._host["tape"], take)
        for gone in self._graphs[: int(self._host["swaps"])]:
            gone.stop()
        return take[inputs:]


def _settle(graph: Graph, values: Any) -> None:
    for address, value in values.items():
        graph[address] = value
    graph.settle()
