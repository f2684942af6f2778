"""What a forked child does at its end: it leaves, without ending what libraries began in its parent.

onnxruntime's threads do not come along when a process forks, and at the child's end its destructor waits for them for
ever. So the C library is told to leave as soon as Python has ended; it runs its handlers last in, first out.
Source: glibc, on_exit(3). Elsewhere there is nothing to do.
"""

import ctypes
import os
import sys
from functools import cache


@cache
def children_may_leave() -> None:
    """Once in a process, before it forks."""
    if sys.platform == "linux":
        os.register_at_fork(after_in_child=_leave_after_python)


def _leave_after_python() -> None:
    library = ctypes.CDLL(None)
    if hasattr(library, "on_exit"):
        library.on_exit(ctypes.cast(library._exit, ctypes.c_void_p), None)  # which is called with the exit status
