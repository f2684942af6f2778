"""The worker thread: one native loop over the slow parts of a graph, no interpreter in it."""

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.native.clock import SECOND, now, prepare
from rtengine.native.denormals import FLUSH, float_mode, set_float_mode
from rtengine.native.intrinsics import call, sleep_function
from rtengine.native.kernel import kernel
from rtengine.native.priority import LONG_WORK, WORK, hurry
from rtengine.native.ring import load_acquire, store_release

NAP = 1_000_000  # nanoseconds between two looks at an empty ring: a fifth of a hop; a look costs 15 us of a core
REST = 5_000_000  # nanoseconds of a nap, less than any headroom, when there was nothing to do for so many naps,
TIRED = 150  # 0.15 s and so longer than the longest buffer: as when the graph is bypassed
DOZE = 50_000  # nanoseconds between two looks for files, where more comes at once; then NAP
AFTER = 150_000  # nanoseconds from when a buffer should have been given to the look for it: it may be a little late
CAME, SIZE, TOOK = 0, 1, 2  # of a pulse: when the last buffer came, its samples, and nanoseconds until it was given
SLEEP, IN_MILLISECONDS = sleep_function()

Pulse = NDArray[np.int64]


@kernel
def nap(sleep, in_milliseconds, timespec):
    """Sleep for the (seconds, nanoseconds) in timespec; on Windows, whose timer is no finer, for one millisecond."""
    if in_milliseconds:
        call(sleep, (1,))
    else:
        call(sleep, (timespec.ctypes.data, 0))


@kernel
def until(came, pulse, samples, sample_rate, time):
    """Nanoseconds until so many more samples should be there, if buffers go on as they came; 0: nobody can tell."""
    size = pulse[SIZE]
    if came == 0 or size == 0 or samples <= 0:
        return 0
    buffers = (samples + size - 1) // size
    return came + np.int64(buffers * size * SECOND / sample_rate) + pulse[TOOK] + AFTER - time


@kernel
def loop(
    stop, work, memory, thread, threads, sleep, in_milliseconds, timespec, timer, busy, short, long, pulse, sample_rate
):
    """Call work(memory, thread, threads) until stop[0] is set, and nap when it had nothing to do.

    If it can tell how many samples it waits for, the nap ends when they should have come; else, and when they are late,
    it is one of `short` nanoseconds. long: of the longest nap, and of each after TIRED with nothing to do.
    busy[thread] counts the nanoseconds of the calls that had; timer is that of rtengine.native.clock.
    """
    set_float_mode(float_mode() | FLUSH)
    idle = 0
    while load_acquire(stop, 0) == 0:
        began = now(timer)
        came = load_acquire(pulse, CAME)  # first: of a buffer that comes meanwhile the samples may not have been seen
        done = call(work, (memory, thread, threads))
        if done > 0:
            idle = 0
            busy[thread] += now(timer) - began
        else:
            idle += 1
            ahead = until(came, pulse, -done, sample_rate, now(timer))
            timespec[1] = long if idle >= TIRED else min(ahead, long) if ahead > 0 else short
            nap(sleep, in_milliseconds, timespec)


def sleeping() -> tuple[int, bool, NDArray[np.int64]]:
    """What `nap` needs, with memory of its own."""
    return SLEEP, IN_MILLISECONDS, np.zeros(2, np.int64)


class Workers:
    """Native threads that share the work of one graph; the same results whatever their number."""

    def __init__(
        self,
        work: int,
        memory: int,
        threads: int,
        urgent: bool = False,
        *,
        own: int = 0,
        pulse: Pulse | None = None,
        sample_rate: float = 1,
    ) -> None:
        """work, memory: addresses of the graph's work function and record, which must outlive this object.

        urgent: ask the system that they run before ordinary threads. own: how many more threads, for one slow part
        each. pulse: where the audio thread writes CAME, SIZE and TOOK of each buffer; sample_rate of these, in Hz.
        """
        self._urgent, self.count = urgent, threads
        pulse = np.zeros(3, np.int64) if pulse is None else pulse
        self._stop = np.zeros(1, np.int64)
        self._busy = np.zeros(threads + own, np.int64)
        self._threads = [
            threading.Thread(
                target=self._run,
                args=(
                    LONG_WORK if i >= threads else WORK,
                    self._stop,
                    work,
                    memory,
                    i,
                    threads,
                    *sleeping(),
                    prepare(),
                    self._busy,
                    *((NAP, REST) if urgent else (DOZE, NAP)),
                    pulse,
                    float(sample_rate),
                ),
                name=f"rtengine work {i}",
                daemon=True,
            )
            for i in range(threads + own)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, priority: int, *arguments: Any) -> None:  # those of loop
        if self._urgent:
            hurry(priority)
        loop(*arguments)

    @property
    def seconds(self) -> float:
        """The time for which the threads have worked, all of them together, since they were started."""
        return float(self._busy.sum()) / SECOND

    def stop(self) -> None:
        """Return when no thread touches the graph any more."""
        store_release_from_python(self._stop)
        for thread in self._threads:
            thread.join()


@kernel
def store_release_from_python(stop):
    """Set the flag so that the loops see it."""
    store_release(stop, 0, 1)
