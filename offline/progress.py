"""What a person who watches sees: a bar with the time left. Nothing where no one watches."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PACE = 0.05  # seconds between two lines for a program


@contextmanager
def progress(
    label: str, kind: str = "bar", part: tuple[float, float] = (0.0, 1.0)
) -> Iterator[Callable[[int, int], None]]:
    """Give a function to be told how many samples are done, and of how many; 0 if nobody knows.

    kind: "bar", or "json" for lines as {"done": 44100, "of": 88200}. part: from where to where in the whole of it this
    goes, where there are several, for the lines; a bar has its own.
    """
    if kind == "json":
        yield _lines(*part)
        return
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(label, total=None)

    def tell(done: int, of: int) -> None:
        bar.start()  # not before, for another may be shown until then
        bar.update(task, completed=done, total=of or None)

    try:
        yield tell
    finally:
        bar.stop()


def _lines(first: float, end: float) -> Callable[[int, int], None]:
    last = 0.0

    def tell(done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() >= last + PACE:
            last = time.monotonic()
            done = round(first * of + (end - first) * done)
            print(json.dumps({"done": done, "of": of}), file=sys.stderr, flush=True)

    return tell
