"""Streams of blocks of sound: cutting out a part, running it through a graph, listening in."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]  # (channels, samples), C order
SIZE = 1 << 16  # samples


class Processor(Protocol):
    """What a graph is to a stream of sound."""

    inputs: int
    latency: int  # samples

    def process(self, x: Samples) -> Samples:
        """As many samples, `latency` late."""


def excerpt(blocks: Iterable[Samples], start: int, length: int | None) -> Iterator[Samples]:
    """Leave out the first `start` samples and what comes after `length` more."""
    position, stop = 0, None if length is None else start + length
    for x in blocks:
        first, last = max(start - position, 0), None if stop is None else stop - position
        position += x.shape[1]
        if x[:, first:last].size:
            yield np.ascontiguousarray(x[:, first:last])
        if stop is not None and position >= stop:
            return


def regrouped(blocks: Iterable[Samples], size: int) -> Iterator[Samples]:
    """The same samples in blocks of `size`, but for the last, which may be shorter."""
    held: list[Samples] = []
    count = 0
    for x in blocks:
        start = 0
        while start < x.shape[1]:
            part = x[:, start : start + size - count]
            held.append(part)
            count += part.shape[1]
            start += part.shape[1]
            if count == size:
                yield held[0] if len(held) == 1 else np.concatenate(held, axis=1)
                held, count = [], 0
    if count:
        yield np.concatenate(held, axis=1)


def through(graph: Processor, blocks: Iterable[Samples]) -> Iterator[Samples]:
    """What the graph makes of them: as many samples, in time, for its latency is taken off."""
    return excerpt(map(graph.process, chain(blocks, silence(graph.inputs, graph.latency))), graph.latency, None)


def silence(channels: int, samples: int) -> Iterator[Samples]:
    """Blocks of zeros."""
    for start in range(0, samples, SIZE):
        yield np.zeros((channels, min(SIZE, samples - start)), np.float32)


def seen(blocks: Iterable[Samples], *watchers: Callable[[Samples], object]) -> Iterator[Samples]:
    """The same blocks, shown to the watchers as they pass."""
    for x in blocks:
        for watch in watchers:
            watch(x)
        yield x
