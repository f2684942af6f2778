"""The plug-ins of a bundle laid out in processes of their own, one for each number of channels: numba uses one core.

What they compile is kept on disk, and found there by the process that puts the bundle together.
"""

import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from rtengine.export.order import Order
from rtengine.export.plugin import described
from rtengine.export.pool import Pool


class Count:
    """How many of the images of a bundle are done."""

    def __init__(self, images: int) -> None:
        self.images = images
        self.done = 0

    def __call__(self) -> tuple[int, int]:
        return self.done, self.images

    def add(self) -> None:
        """One more is done."""
        self.done += 1


@contextmanager
def elsewhere(order: Order, count: Count) -> Iterator[None]:
    """Lay out all plug-ins but the first in other processes; it ends when they have ended, at once by an error."""
    processes = [_process() for _ in order.counts[1:]]
    pairs = zip(processes, order.counts[1:], strict=True)
    threads = [threading.Thread(target=_follow, args=(p, order, n, count), daemon=True) for p, n in pairs]
    for thread in threads:
        thread.start()
    try:
        yield
        for thread in threads:
            thread.join()
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _process() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "rtengine.export.ahead"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _follow(process: subprocess.Popen[bytes], order: Order, channels: int, count: Count) -> None:
    assert process.stdin
    assert process.stdout
    with suppress(OSError), process.stdin:  # it may have died: then it is done again, where errors are told
        process.stdin.write(pickle.dumps((order, channels)))
    with process.stdout:
        for _ in process.stdout:
            count.add()


def main() -> None:
    """Lay out the plug-in that comes in, and print a line for each image that is done."""
    order, channels = pickle.load(sys.stdin.buffer)
    described(order, channels, Pool(), partial(print, "done", flush=True))


if __name__ == "__main__":
    main()
