"""Native functions for the audio and the worker threads, kept on disk; and what mends numba for it."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numba

from rtengine.native import quicker, unasked, unkept  # noqa: F401  # they mend numba
from rtengine.native.cache import kernel_directory
from rtengine.native.part import part

Kernel = Callable[..., Any]  # numba is its type checker
OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy"}


def _content(self: Any) -> tuple[str, tuple[str]]:
    """Name a type in symbols by what it holds.

    Numba numbers the records it meets and leaves out the shape of arrays in them. Two layouts compiled in two processes
    can so get one symbol; loaded from disk into a third, the code of the one then runs on the memory of the other.
    """
    return type(self).__name__, (hashlib.sha256(self.name.encode()).hexdigest()[:16],)


for layout in (numba.types.Record, numba.types.NestedArray):
    layout.mangling_args = property(_content)
# numba would run code for a shorter record on one that begins alike, and warn of it at an order of calls that is chance
numba.types.Record.can_convert_to = lambda self, typingctx, other: None


def kernel(function: Kernel) -> Kernel:
    """Compile for the audio and the worker thread: no interpreter lock, no exceptions, kept on disk.

    `error_model="numpy"`: a division by zero gives infinity, as in C, for raising would need Python.
    """
    folder = kernel_directory(Path(function.__code__.co_filename))
    with caching(folder):
        compiled = numba.njit(**OPTIONS)(function)
    with caching(folder / "parts"):
        called = part(function, **OPTIONS)
    _without_literals(called)
    compiled.get_call_template, compiled.get_overload = called.get_call_template, called.get_overload
    return compiled


def _without_literals(dispatcher: Any) -> None:
    """Compile a kernel that is called by others for numbers, and not once more for each constant that it is given.

    Numba would do both, and drop the one for the constant when what calls it turns out to count. Where a constant is
    needed, as for the lanes of a shuffle, the kernel cannot be compiled for a number, and has its constant.
    """
    resolve = dispatcher.get_call_template

    def template(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        plain = tuple(map(numba.types.unliteral, arguments))
        try:
            return resolve(plain, keywords)
        except numba.core.errors.TypingError:
            if plain == arguments:
                raise
            return resolve(arguments, keywords)

    dispatcher.get_call_template = template


@contextmanager
def caching(directory: Path) -> Iterator[None]:
    """Let what numba decorates meanwhile keep its compiled code in this folder, unless $NUMBA_CACHE_DIR is set."""
    settings: Any = numba.config  # has its names from the environment, at import
    before = settings.CACHE_DIR
    settings.CACHE_DIR = before or str(directory)
    try:
        yield
    finally:
        settings.CACHE_DIR = before
