"""A ring between two threads: one writer, one reader, no lock.

The indices count all items ever written and read, and wrap only after 10^11 years of audio. The writer alone stores
WRITE, the reader alone READ; a store releases what was written before it, the other side's load acquires it.
Source: L. Lamport, "Proving the correctness of multiprocess programs", 1977, section 3; C11 section 7.17.3.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic

from rtengine.native.kernel import kernel

WRITE, READ = 0, 8  # int64 words apart: a cache line of 64 bytes each


def _ordered(ordering: str) -> Callable[..., Any]:
    @intrinsic
    def load(typingctx: Any, array: Any, index: Any) -> Any:
        def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
            data = context.make_array(sig.args[0])(context, builder, args[0]).data
            return builder.load_atomic(builder.gep(data, [args[1]]), ordering, 8)

        return array.dtype(array, types.intp), codegen

    @intrinsic
    def store(typingctx: Any, array: Any, index: Any, value: Any) -> Any:
        def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
            data = context.make_array(sig.args[0])(context, builder, args[0]).data
            builder.store_atomic(args[2], builder.gep(data, [args[1]]), ordering, 8)
            return context.get_dummy_value()

        return types.void(array, types.intp, array.dtype), codegen

    return load if ordering == "acquire" else store


load_acquire, store_release = _ordered("acquire"), _ordered("release")


def indices(filled: int = 0) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The two counters of a ring that starts with `filled` items in it."""
    index = np.zeros(16, np.int64)
    index[WRITE] = filled
    return index


def samples(channels: int, size: int, filled: int = 0) -> dict[str, Any]:
    """Memory of a ring of at least `size` samples (channels, a power of two), with `filled` zeros in it."""
    return {"index": indices(filled), "data": np.zeros((channels, power_of_two(size)), np.float32)}


def power_of_two(size: int) -> int:
    """The smallest power of two that is at least `size`: sizes change seldom, and wrapping is one AND."""
    return 1 << max(size - 1, 0).bit_length()


@kernel
def filled(index):
    """Items ready for the reader."""
    return load_acquire(index, WRITE) - index[READ]


@kernel
def free(index, size):
    """Room for the writer, in items."""
    return size - (index[WRITE] - load_acquire(index, READ))


@kernel
def publish(index, count):
    """Hand `count` items, written from index[WRITE] on, to the reader."""
    store_release(index, WRITE, index[WRITE] + count)


@kernel
def release(index, count):
    """Give the room of the `count` oldest items back to the writer."""
    store_release(index, READ, index[READ] + count)


@kernel
def write(ring, x):
    """Append all of x (channels, n), or nothing if there is no room. Returns the samples written."""
    n = x.shape[1]
    if n > free(ring.index, ring.data.shape[1]):
        return 0
    mask = ring.data.shape[1] - 1
    start = ring.index[WRITE]
    for c in range(x.shape[0]):
        for i in range(n):
            ring.data[c, (start + i) & mask] = x[c, i]
    publish(ring.index, n)
    return n


@kernel
def read(ring, y):
    """Fill all of y (channels, n), or nothing if too few are there. Returns the samples read."""
    n = y.shape[1]
    if n > filled(ring.index):
        return 0
    mask = ring.data.shape[1] - 1
    start = ring.index[READ]
    for c in range(y.shape[0]):
        for i in range(n):
            y[c, i] = ring.data[c, (start + i) & mask]
    release(ring.index, n)
    return n


@kernel
def drop(ring, n):
    """Discard up to n samples. Returns how many."""
    n = min(n, filled(ring.index))
    release(ring.index, n)
    return n
