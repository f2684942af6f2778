"""Where the parameters go: at once, at a sample to come, or in a fade from scene to scene."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

import numpy as np

from rtengine.block import Parameter
from rtengine.graph import Graph
from rtengine.live.exchange import Exchange

HORIZON = 0.2  # seconds before its time that an event goes to the audio thread
FUTURE = 4096  # events that may wait for their time


@dataclass(frozen=True)
class Fade:
    """A parameter on its way; times in samples since the start."""

    begin: int
    end: int
    first: float
    last: float

    def at(self, clock: int) -> float:
        """The value at a time that is not before the beginning."""
        if clock >= self.end:
            return self.last
        return self.first + (clock - self.begin) / (self.end - self.begin) * (self.last - self.first)


class Values:
    """The targets of the graph that plays; any thread may ask. dropped: events for which there was no room."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange, self._lock = exchange, exchange.lock
        self._future: list[tuple[int, int, str, float]] = []  # a heap: time, order, address, value
        self._order = count()
        self._fades: dict[str, Fade] = {}
        self._set: dict[str, float] = {}  # values on their way to the audio thread
        self.dropped = 0

    @property
    def moving(self) -> bool:
        """Whether there is something for `control` to move."""
        return bool(self._fades or self._future)

    @property
    def fading(self) -> bool:
        """Whether a fade is under way."""
        return bool(self._fades)

    @property
    def _graph(self) -> Graph:
        return self._exchange.graph

    def __getitem__(self, address: str) -> float:
        with self._lock:
            if self._graph.pending == 0:
                self._set.clear()
            return self._set[address] if address in self._set else self._graph[address]

    def __setitem__(self, address: str, value: float) -> None:
        with self._lock:
            self._fades.pop(address, None)
            self._push(0, address, value)
            self._set[address] = float(np.float32(value))

    def at(self, sample_time: int, address: str, value: float) -> None:
        """Move a parameter at the first grid point not before sample_time."""
        with self._lock:
            if sample_time <= self._exchange.clock + HORIZON * self._graph.sample_rate:
                self._push(sample_time, address, value)
                return
            self._graph[address]  # an address that is none is refused now, not then
            value = self._graph.parameters[address].check(address, value)
            if len(self._future) < FUTURE:
                heapq.heappush(self._future, (int(sample_time), next(self._order), address, value))
            else:
                self.dropped += 1

    def fade(self, values: Mapping[str, float], seconds: float) -> None:
        """Go to these values, as far as there are such parameters, in so many seconds; steps go at once."""
        with self._lock:
            begin = self._exchange.clock
            end = begin + round(seconds * self._graph.sample_rate)
            for address, value in within(self._graph.parameters, values).items():
                if self._graph.parameters[address].scale == "step":
                    self[address] = value
                else:
                    self._fades[address] = Fade(begin, end, self[address], value)
            self.control()

    def automatic(self, address: str) -> bool:
        """Whether a wire turns this parameter, and no hand has asked for it."""
        with self._lock:
            return self._graph.automatic(address) and address not in self._set

    def release(self, address: str) -> None:
        """Give a parameter back to its wire."""
        with self._lock:
            self._graph[address]
            self._fades.pop(address, None)
            self._set.pop(address, None)
            self.dropped += not self._graph.release(address)

    def targets(self) -> dict[str, float]:
        """Where all parameters go that no wire turns."""
        with self._lock:
            return {address: self[address] for address in self._graph.parameters if not self.automatic(address)}

    def forget(self) -> None:
        """What was on its way has arrived: the graph was put there."""
        self._set.clear()

    def control(self) -> None:
        """Move the fades on, and hand over the events whose time is near."""
        with self._lock:
            now = self._exchange.clock
            while self._future and self._future[0][0] <= now + HORIZON * self._graph.sample_rate:
                sample_time, _, address, value = heapq.heappop(self._future)
                if address in self._graph.parameters:
                    self._push(sample_time, address, value)
            for address, fade in list(self._fades.items()):
                if address in self._graph.parameters:
                    self._push(0, address, fade.at(now))
                if now >= fade.end:
                    del self._fades[address]

    def _push(self, sample_time: int, address: str, value: float) -> None:
        if sample_time <= 0:
            self._set.pop(address, None)  # another value comes after it
        self.dropped += not self._graph.at(int(sample_time), address, value)


def within(parameters: Mapping[str, Parameter], values: Mapping[str, float]) -> dict[str, float]:
    """Those of the values for which there are parameters, within their ranges."""
    known = {address: parameters[address] for address in values.keys() & parameters.keys()}
    clipped = {address: min(max(values[address], p.low), p.high) for address, p in known.items()}
    return {address: round(v) if known[address].scale == "step" else v for address, v in clipped.items()}
