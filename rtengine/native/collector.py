"""Python's collector of garbage, while modules and compiled code are loaded: all of that stays, and it is much.

A tenth of each start went into it, and a fifth of a short command into a last look at the end.
"""

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_rest() -> Iterator[None]:
    """Look for no garbage meanwhile."""
    works = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if works:
            gc.enable()


def leave_the_end() -> None:
    """Let this process, which is ours, end without a last look: its memory goes back as it is."""
    atexit.register(gc.freeze)
