"""Two sound cards with clocks of their own, and a bridge between them, in simulated time."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numba import carray, cfunc, types

from rtengine.devices import bridge
from rtengine.listing import Callback
from rtengine.native.clock import RESULT, SECOND
from rtengine.native.intrinsics import address_of

RATE = 48_000
BUFFER = types.CPointer(types.float32)


@cfunc(types.intc(BUFFER, BUFFER, types.ulong, types.voidptr, types.ulong, types.CPointer(types.int64)))
def through(indata, outdata, size, time_info, flags, userdata):
    """A host that lets its input through, and counts the flags of xruns of the input."""
    source, sink = carray(indata, (size, 2)), carray(outdata, (size, 2))
    seen = carray(userdata, 2)
    for k in range(2):
        seen[k] += (np.int64(flags) >> k) & 1
    for n in range(size):
        for c in range(2):
            sink[n, c] = source[n, c]
    return 0


@dataclass
class Cards:
    """ppm: how much faster than its nominal rate a card's clock is; late: seconds that a buffer comes late, at most."""

    ppm_in: float = 0
    ppm_out: float = 0
    size_in: int = 128
    size_out: int = 128
    late: float = 0.001
    rate_in: float = RATE
    rate_out: float = RATE
    seed: int = 0
    flags: np.ndarray = field(default_factory=lambda: np.zeros(2, np.int64))

    def __post_init__(self) -> None:
        self.timer = np.array([address_of(ctypes.CDLL(None).labs), 0, 0, 0, 0], np.int64)  # gives what is in it
        self.memory = bridge.prepare(
            2, 2, (self.rate_in, self.rate_out), (through.address, self.flags.ctypes.data), self.timer
        )
        capture, pull = bridge.compile_bridge(self.memory.dtype)
        self._capture, self._pull = Callback(capture.address), Callback(pull.address)
        self._random = np.random.default_rng(self.seed)
        self.true_in, self.true_out = self.rate_in * (1 + self.ppm_in / 1e6), self.rate_out * (1 + self.ppm_out / 1e6)
        self._in = self._out = 0  # samples so far
        self._heap = [self._due(True), self._due(False)]
        self.speeds: list[float] = []
        self.lags: list[float] = []

    def _due(self, source: bool) -> tuple[float, bool]:
        """When the next buffer is full, or is to be filled, and is called."""
        at = (self._in + self.size_in) / self.true_in if source else self._out / self.true_out + 0.0123
        return at + self._random.uniform(0, self.late), source

    def play(
        self, seconds: float, signal: Callable[[np.ndarray], np.ndarray], stalled: tuple[float, float] = (0, 0)
    ) -> np.ndarray:
        """What is played, (samples, 2): signal is a function of physical time; the input does nothing while stalled."""
        played = []
        while self._out < seconds * self.true_out:
            now, source = min(self._heap)
            self._tell(source, now)
            if source:
                t = (self._in + np.arange(self.size_in)) / self.true_in
                x = np.ascontiguousarray(np.repeat(signal(t)[:, None], 2, axis=1), np.float32)
                if not stalled[0] < now < stalled[1]:
                    self._capture(x.ctypes.data, None, self.size_in, None, 0, self.memory.ctypes.data)
                self._in += self.size_in
            else:
                y = np.full((self.size_out, 2), np.nan, np.float32)
                self._pull(None, y.ctypes.data, self.size_out, None, 0, self.memory.ctypes.data)
                self._out += self.size_out
                played.append(y)
                self.speeds.append(float(self.memory["speed"][0]))
            self._heap[self._heap.index((now, source))] = self._due(source)
        return np.concatenate(played)

    def times(self, samples: int) -> np.ndarray:
        """When each sample is played that `play` returned."""
        return np.arange(samples) / self.true_out + 0.0123

    def _tell(self, source: bool, now: float) -> None:
        timer = self.memory["source" if source else "sink"]["timer"][0]
        timer[RESULT], timer[RESULT + 1] = divmod(round(now * SECOND) + int(self.memory["epoch"][0]), SECOND)
