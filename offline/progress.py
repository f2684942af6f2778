"""What a person who watches sees: a bar with the time left, a word about a long wait. Nothing where no one watches."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

PATIENCE = 1.5  # seconds before a word is said
PACE = 0.05  # seconds between two lines for a program


@contextmanager
def progress(label: str, samples: int, kind: str = "bar") -> Iterator[Callable[[int], None]]:
    """Give a function to be told how many samples are done; samples: the expected number, 0 if unknown.

    kind: "bar", or "json" for lines as {"done": 44100, "of": 88200}.
    """
    if kind == "json":
        yield _lines(samples)
        return
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=samples or None)
        yield lambda done: bar.update(task, advance=done)


@contextmanager
def patience(word: str) -> Iterator[None]:
    """Say a word on the terminal if what follows takes long."""
    timer = Timer(PATIENCE, lambda: print(word, file=sys.stderr, flush=True))
    timer.daemon = True
    if sys.stderr.isatty():
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _lines(samples: int) -> Callable[[int], None]:
    done, last = 0, 0.0

    def tell(count: int) -> None:
        nonlocal done, last
        done += count
        if time.monotonic() >= last + PACE:
            last = time.monotonic()
            print(json.dumps({"done": done, "of": samples}), file=sys.stderr, flush=True)

    return tell
