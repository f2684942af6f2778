"""The plug-ins of a bundle laid out in processes of their own, one for each number of channels: numba uses one core.

What they compile is kept on disk, and found there by the process that puts the bundle together.
"""

import pickle
import sys
from contextlib import AbstractContextManager
from functools import partial

from rtengine.export.order import Order
from rtengine.export.plugin import described
from rtengine.export.pool import Pool
from rtengine.native.ahead import beside


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


def elsewhere(order: Order, count: Count) -> AbstractContextManager[None]:
    """Lay out all plug-ins but the first in other processes; where one dies, it is done again, and errors are told."""
    return beside(__name__, [(order, channels) for channels in order.counts[1:]], lambda line: count.add())


def main() -> None:
    """Lay out the plug-in that comes in, and print a line for each image that is done."""
    order, channels = pickle.load(sys.stdin.buffer)
    described(order, channels, Pool(), partial(print, "done", flush=True))


if __name__ == "__main__":
    main()
