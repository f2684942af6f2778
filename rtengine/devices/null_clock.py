"""A native thread that plays the part of a sound card."""

import threading
from typing import Any

import numpy as np

from rtengine.native.callback import OUTPUT_UNDERFLOW
from rtengine.native.clock import SECOND, now, prepare
from rtengine.native.denormals import FLUSH, float_mode, set_float_mode
from rtengine.native.intrinsics import call
from rtengine.native.kernel import kernel
from rtengine.native.priority import AUDIO, hurry
from rtengine.native.ring import load_acquire, store_release
from rtengine.native.worker import IN_MILLISECONDS, SLEEP, nap

BEHIND = 4  # blocks that the null clock may be late before it gives them up


@kernel
def tick(stop, clock, callback, memory, source, sink, size, sample_rate, sleep, in_milliseconds, timespec):
    """Call callback(source, sink, size, ...) once every size / sample_rate seconds until stop[0] is set.

    source (samples + size, channels) goes round after `samples`. Blocks that could not be in time are given up, and the
    next one has the flag of an underflow, as a sound card would do it.
    """
    period = SECOND * size / sample_rate
    start, blocks, position, flags = now(clock), 0, 0, 0
    length = source.shape[0] - size
    step = source.strides[0]
    set_float_mode(float_mode() | FLUSH)
    while load_acquire(stop, 0) == 0:
        early = start + np.int64(blocks * period) - now(clock)
        if early > 0:
            timespec[0], timespec[1] = early // SECOND, early % SECOND
            nap(sleep, in_milliseconds, timespec)
            continue
        if early < -BEHIND * period:
            start, blocks, flags = now(clock), 0, OUTPUT_UNDERFLOW
        call(callback, (source.ctypes.data + position * step, sink.ctypes.data, size, 0, flags, memory))
        position, flags = (position + size) % length, 0
        blocks += 1


class NullClock:
    """A sound card without a sound: calls a callback in time, with silence or a sound in a loop as its input."""

    def __init__(
        self,
        callback: int,
        memory: int,
        channels: tuple[int, int],
        block_size: int,
        sample_rate: float,
        loop: Any = None,
    ) -> None:
        """callback: a PaStreamCallback's address; channels: in, out; loop: float32 (samples, in), None is silence."""
        loop = np.zeros((1, channels[0]), np.float32) if loop is None else loop
        repeats = np.arange(len(loop) + block_size) % len(loop)
        self._source = np.ascontiguousarray(loop[repeats])
        self._sink = np.zeros((block_size, channels[1]), np.float32)
        self._stop = np.zeros(1, np.int64)
        self._thread = threading.Thread(
            target=self._run,
            args=(self._stop, prepare(), callback, memory, self._source, self._sink, block_size, float(sample_rate),
                  SLEEP, IN_MILLISECONDS, np.zeros(2, np.int64)),
            name="rtengine null clock",
            daemon=True,
        )  # fmt: skip
        self._thread.start()

    def _run(self, *arguments: Any) -> None:  # those of tick
        hurry(AUDIO)
        tick(*arguments)

    def stop(self) -> None:
        """Return when the callback will not be called any more."""
        ask_to_stop(self._stop)
        self._thread.join()


@kernel
def ask_to_stop(stop):
    """Set the flag so that the loop sees it."""
    store_release(stop, 0, 1)
