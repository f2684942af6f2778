"""What time it is, without an interpreter: the system's clock, read by compiled code."""

import ctypes
import sys
import time

import numpy as np

from rtengine.native.intrinsics import address_of, call
from rtengine.native.kernel import kernel

SECOND = 1_000_000_000  # nanoseconds
FUNCTION, IDENTITY, PER_SECOND, RESULT = 0, 1, 2, 3  # of the memory of a clock


def prepare() -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Memory of a clock: the address of the function, its argument, its ticks in a second, and room for an answer."""
    if sys.platform == "win32":
        per_second = ctypes.c_int64()
        ctypes.windll.kernel32.QueryPerformanceFrequency(ctypes.byref(per_second))
        counter = address_of(ctypes.windll.kernel32.QueryPerformanceCounter)
        return np.array([counter, 0, per_second.value, 0, 0], np.int64)
    return np.array([address_of(ctypes.CDLL(None).clock_gettime), time.CLOCK_MONOTONIC, 0, 0, 0], np.int64)


@kernel
def now(clock):
    """Nanoseconds since some moment."""
    if clock[PER_SECOND]:
        call(clock[FUNCTION], (clock.ctypes.data + 8 * RESULT,))
        ticks, per_second = clock[RESULT], clock[PER_SECOND]
        return ticks // per_second * SECOND + ticks % per_second * SECOND // per_second  # the product would overflow
    call(clock[FUNCTION], (clock[IDENTITY], clock.ctypes.data + 8 * RESULT))
    return clock[RESULT] * SECOND + clock[RESULT + 1]
