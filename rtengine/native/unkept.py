"""Compiled code that cannot be kept is run all the same: a full disk costs the next start time, and this one nothing.

numba takes what a disk refuses for an error of the program, but on Windows. And it writes a file to each folder for
each function, to see whether it could. This mends both for whoever imports it, which whatever compiles anything does.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from numba.core import caching


@contextmanager
def _at_best(self: Any) -> Iterator[None]:
    """Read or write what is kept, if the disk lets us."""
    with suppress(OSError):
        yield


caching.Cache._guard_against_spurious_io_errors = _at_best

_tried: set[str] = set()
_try = caching._CacheLocator.ensure_cache_path


def _once(self: Any) -> None:
    """Make the folder if there is none, and write to it if nobody here has."""
    folder = self.get_cache_path()
    if folder not in _tried or not Path(folder).is_dir():
        _try(self)
        _tried.add(folder)


caching._CacheLocator.ensure_cache_path = _once
