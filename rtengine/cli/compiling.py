"""Says that code is being compiled, and how long it takes: nobody should think that the program hangs."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from rtengine.native.awaited import progress

PATIENCE = 1.0  # seconds of silence
OFTEN = 10.0  # seconds between two sentences
REFRESH = 0.2  # seconds between two states of the bar
WORD = "compiling for this processor, once"


@contextmanager
def told(say: Callable[[str], object], patience: float = PATIENCE, often: float = OFTEN) -> Iterator[None]:
    """While this lasts, say how far the compiling of kernels is: by a bar, or in sentences if this is no terminal."""
    done = threading.Event()
    watch = partial(_bar, patience) if sys.stderr.isatty() else partial(_sentences, patience, say, often)
    thread = threading.Thread(target=watch, args=(done,), name="rtengine compiling", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _sentences(patience: float, say: Callable[[str], object], often: float, done: threading.Event) -> None:
    began, before, wait = time.monotonic(), progress(), patience
    while not done.wait(wait):
        ready, all_ = (now - then for now, then in zip(progress(), before, strict=True))
        if 0 < ready < all_:
            left = (time.monotonic() - began) * (all_ - ready) / ready
            say(f"{WORD}: {ready} of {all_} functions, about {left:.0f} s left")
            wait = often


def _bar(patience: float, done: threading.Event) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    before = progress()
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with ExitStack() as shown:
        bar, wait = Progress(*columns, console=Console(stderr=True), transient=True), patience
        task = bar.add_task(WORD, total=None)
        while not done.wait(wait):
            ready, all_ = (now - then for now, then in zip(progress(), before, strict=True))
            if ready < all_ and not bar.live.is_started:
                shown.enter_context(bar)
            bar.update(task, completed=ready, total=all_ or None)
            wait = REFRESH
