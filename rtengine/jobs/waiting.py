"""Stopping in time: what takes long is done in small pieces, or in a thread that can be abandoned."""

from collections.abc import Callable, Iterable, Iterator
from threading import Lock, Thread
from typing import Generic, TypeVar

import numpy as np

from rtengine.files.blocks import Samples

Cancel = Callable[[], bool]  # True if the work is not wanted any more

PIECE = 1 << 13  # samples between two questions: well below half a second of work at the slowest quality
PAUSE = 0.1  # seconds between two questions while a thread works

T = TypeVar("T")


class Cancelled(Exception):  # noqa: N818  # it is no error
    """The work was stopped because it is not wanted any more; nothing of it is left."""


class _Result(Thread, Generic[T]):
    """A thread that keeps what its function returns or raises."""

    def __init__(self, function: Callable[[], T], discard: Callable[[T], object] | None) -> None:
        super().__init__(name="rtengine job", daemon=True)
        self._function, self._discard, self._lock = function, discard, Lock()
        self._abandoned = False
        self.value: list[T] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.value.append(self._function())
        except BaseException as error:  # it is raised where it is waited for
            self.error = error
        with self._lock:
            self._let_go()

    def abandon(self) -> None:
        """Let nobody wait for it: what it returns is discarded."""
        with self._lock:
            self._abandoned = True
            if not self.is_alive():
                self._let_go()

    def _let_go(self) -> None:
        if self._abandoned and self._discard:
            for value in self.value:
                self._discard(value)
            self.value.clear()


def ask(cancel: Cancel | None) -> None:
    """Raise Cancelled if that is wanted."""
    if cancel and cancel():
        raise Cancelled("cancelled; no half-written file is left")


def patiently(function: Callable[[], T], cancel: Cancel | None, discard: Callable[[T], object] | None = None) -> T:
    """What a function returns, which writes no file; if it may be cancelled it runs in a thread that can be abandoned.

    discard: what is done with a result that comes when nobody waits for it any more.
    """
    if cancel is None:
        return function()
    ask(cancel)
    thread = _Result(function, discard)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(PAUSE)
            ask(cancel)
    except BaseException:
        thread.abandon()
        raise
    if thread.error:
        raise thread.error
    return thread.value[0]


def pieces(blocks: Iterable[Samples], cancel: Cancel | None) -> Iterator[Samples]:
    """The same blocks, in small pieces between which it is asked whether to go on."""
    for x in blocks:
        if cancel is None:
            yield x
            continue
        for n in range(0, x.shape[1], PIECE):
            ask(cancel)
            yield np.ascontiguousarray(x[:, n : n + PIECE])
