"""A sound card that is a function: calls an engine's callback through its pointer, with buffers of any size."""

from collections.abc import Callable, Iterator

import numpy as np

from rtengine.block import Block, Parameter
from rtengine.graph import Graph
from rtengine.listing import Callback
from rtengine.live.engine import Engine
from rtengine.native.kernel import kernel

SAMPLE_RATE = 48_000
SIZES = (32, 1, 64, 480, 2048, 100, 7)


class Scale(Block):
    """Multiplies by its parameter, a sample late; "broken" gives NaN until it is reset."""

    scale = Parameter(1, 0, 8, "", "linear", "factor")
    broken = Parameter(0, 0, 1, "", "step", "give NaN, and remember it")

    def latency(self, sample_rate: float) -> int:
        return 1

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, object]:
        return {"last": np.zeros(channels, np.float32), "sick": np.float32(0)}

    @staticmethod
    @kernel
    def process(state, params, x):
        if params.broken:
            state.sick = np.float32(np.nan)
        for c in range(x.shape[0]):
            for n in range(x.shape[1]):
                state.last[c], x[c, n] = x[c, n], state.last[c] * params.scale + state.sick


def scale(channels: int = 2) -> Graph:
    return Graph(SAMPLE_RATE, channels, tone=Scale())


class Card:
    """Plays an engine that was not started; `every` buffer its control is called, as the thread would."""

    def __init__(self, engine: Engine, sizes: tuple[int, ...] = SIZES, seed: int = 0) -> None:
        self.engine, self.sizes = engine, sizes
        self._callback = Callback(engine.callback.address)
        self._random = np.random.default_rng(seed)
        engine.memory["open"] = True

    def play(self, x: np.ndarray, each: Callable[[], None] = lambda: None, flags: int = 0) -> np.ndarray:
        """x (channels, samples) through the engine; `each` is called before each buffer."""
        source = np.ascontiguousarray(x.T, np.float32)
        sink = np.full((len(source), int(self.engine.memory["outputs"][0])), np.nan, np.float32)
        for start, size in self._cut(len(source)):
            each()
            pointers = (a[start:].ctypes.data for a in (source, sink))
            assert self._callback(*pointers, size, None, flags, self.engine.memory.ctypes.data) == 0
            self.engine.control()
        return sink.T

    def _cut(self, samples: int) -> Iterator[tuple[int, int]]:
        start = 0
        while start < samples:
            size = min(int(self._random.choice(self.sizes)), samples - start)
            yield start, size
            start += size


def tone(seconds: float, hertz: float = 100, amplitude: float = 0.5, channels: int = 2) -> np.ndarray:
    """A steady sine, the same in all channels: its slope is known."""
    n = np.arange(round(seconds * SAMPLE_RATE))
    return np.tile(amplitude * np.sin(2 * np.pi * hertz * n / SAMPLE_RATE), (channels, 1)).astype(np.float32)


def steepest(y: np.ndarray) -> float:
    """The largest step from sample to sample."""
    return float(np.abs(np.diff(y, axis=1)).max())
