"""Says that code is being compiled, and how long it takes: nobody should think that the program hangs."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import NamedTuple

from rtengine.native.awaited import progress

PATIENCE = 1.0  # seconds of silence
OFTEN = 10.0  # seconds between two sentences
SURE = 0.1  # of all: before, the time left is anybody's guess
REFRESH = 0.2  # seconds between two states of the bar


def kernels() -> Callable[[], tuple[int, int]]:
    """What tells how many kernels have been compiled since now, and of how many."""
    ready, all_ = progress()
    return lambda: (progress()[0] - ready, progress()[1] - all_)


class Work(NamedTuple):
    """What is waited for: what is being done to how many of what; begin() returns what tells how many of how many."""

    doing: str = "compiling for this processor, once"
    unit: str = "functions"
    begin: Callable[[], Callable[[], tuple[int, int]]] = kernels


KERNELS = Work()


@contextmanager
def told(
    say: Callable[[str], object], patience: float = PATIENCE, often: float = OFTEN, work: Work = KERNELS
) -> Iterator[None]:
    """While this lasts, say how far the compiling of kernels is: by a bar, or in sentences if this is no terminal."""
    done = threading.Event()
    watch = partial(_bar, patience, work) if sys.stderr.isatty() else partial(_sentences, patience, work, say, often)
    thread = threading.Thread(target=watch, args=(done,), name="rtengine compiling", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _sentences(patience: float, work: Work, say: Callable[[str], object], often: float, done: threading.Event) -> None:
    began, counted, wait = time.monotonic(), work.begin(), patience
    while not done.wait(wait):
        ready, all_ = counted()
        if 0 < ready < all_:
            left = (time.monotonic() - began) * (all_ - ready) / ready
            known = f", about {left:.0f} s left" if ready >= SURE * all_ else ""
            say(f"{work.doing}: {ready} of {all_} {work.unit}{known}")
            wait = often


def _bar(patience: float, work: Work, done: threading.Event) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    counted = work.begin()
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with ExitStack() as shown:
        bar, wait = Progress(*columns, console=Console(stderr=True), transient=True), patience
        task = bar.add_task(work.doing, total=None)
        while not done.wait(wait):
            ready, all_ = counted()
            if ready < all_ and not bar.live.is_started:
                shown.enter_context(bar)
            bar.update(task, completed=ready, total=all_ or None)
            wait = REFRESH
