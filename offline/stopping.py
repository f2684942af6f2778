"""Being stopped: Ctrl-C, kill, a closed terminal. What is half written is removed on the way out."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
SIGNALS = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
WORD = "stopped; no half-written file is left"


class Stopped(BaseException):
    """A signal, its number in args, asked the program to end."""


def listen() -> None:
    """From now on raise Stopped where the program is when a signal comes."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped(number)

    for number in SIGNALS:
        signal.signal(number, stop)


@contextmanager
def at_once() -> Iterator[None]:
    """End without unwinding if a signal comes while nothing is half written.

    For the time of compiling: LLVM calls back into Python, and an exception would be lost there.
    """

    def end(number: int, frame: FrameType | None) -> None:
        os.write(sys.stderr.fileno(), f"{WORD}\n".encode())
        os._exit(128 + number)

    if threading.current_thread() is not threading.main_thread():  # which alone may say what signals do
        yield
        return
    before = {number: signal.signal(number, end) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
