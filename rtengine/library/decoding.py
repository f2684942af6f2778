"""Processes that decode what strangers made: they end with their parent, and no file holds them for ever.

Light: who plays waits for their start.
"""

import faulthandler
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rtengine.files.names import shown
from rtengine.library.tags import named

LAST = 15  # seconds more, after which a decoder that no longer listens is ended with its process
GENTLY = 5  # niceness of a scan


def begin(parent: int, gently: bool = True) -> None:
    """Begin a process: it leaves the keyboard to its parent, ends with it, and does not crowd out music."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if gently and hasattr(os, "nice"):
        os.nice(GENTLY)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


@contextmanager
def in_time(seconds: int) -> Iterator[None]:
    """Raise TimeoutError after so many seconds; where that is not heard, end this process LAST seconds later.

    Only in the main thread of a process, as the pool's are.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def late(number: int, frame: object) -> None:
        raise TimeoutError(f"it takes longer to read than {seconds} s, which is too long for its size")

    before = signal.signal(signal.SIGALRM, late)
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(seconds + LAST, exit=True, file=nowhere)
        signal.alarm(seconds)
        try:
            yield
        finally:
            signal.alarm(0)
            faulthandler.cancel_dump_traceback_later()
            signal.signal(signal.SIGALRM, before)


@contextmanager
def speakable(file: Path) -> Iterator[Path]:
    """The same file by a name in UTF-8: some decoders open no other. What they say of it names the file itself."""
    if str(file).isascii() or named(str(file)) == str(file):
        yield file
        return
    with TemporaryDirectory() as folder:
        link = Path(folder) / f"file{file.suffix if file.suffix.isascii() else ''}"
        link.symlink_to(file)
        try:
            yield link
        except (OSError, ValueError) as error:
            if str(link) not in str(error):
                raise
            raise ValueError(str(error).replace(str(link), shown(file))) from None
