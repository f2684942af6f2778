"""What the C library does with memory that was given back: by default it keeps most of it, anew for each thread.

Graphs are built by threads that come and go, and each may get a heap of its own, in which large pieces that were freed
stay: a host that was played for seven minutes had grown by 470 MB. One heap for all, from which large arrays stay away,
keeps it flat; the audio thread never asks for memory, so nobody who is in a hurry waits for it.
Source: glibc, mallopt(3), malloc_trim(3). Elsewhere there is nothing to do.
"""

import ctypes
import sys

ARENA_MAX, MMAP_THRESHOLD = -8, -3  # malloc.h: M_ARENA_MAX, M_MMAP_THRESHOLD
LARGE = 1 << 20  # bytes of an array that goes back to the system as soon as it is freed


def one_heap() -> None:
    """Let all threads share a heap; before there are any."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):
            library.mallopt(ARENA_MAX, 1)
            library.mallopt(MMAP_THRESHOLD, LARGE)


def give_back() -> None:
    """Return what is free to the system: milliseconds, and not for the audio thread."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "malloc_trim"):
            library.malloc_trim(0)
