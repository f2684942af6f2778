"""Compiled code that cannot be kept is run all the same: a full disk costs the next start time, and this one nothing.

numba takes what a disk refuses for an error of the program, but on Windows. This mends it for whoever imports it, which
whatever compiles a graph does.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from numba.core import caching


@contextmanager
def _at_best(self: Any) -> Iterator[None]:
    """Read or write what is kept, if the disk lets us."""
    with suppress(OSError):
        yield


caching.Cache._guard_against_spurious_io_errors = _at_best
