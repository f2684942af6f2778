"""A graph's memory before the first sample, as a program without Python can make it again.

Most of it is zeros; the rest is runs of bytes in a pool that many images share. What depends on where the memory lies,
or on how much time the threads have, is found by building the graph twice: at another place, and for more headroom.
Whatever else differs then is something that cannot be exported, and is refused.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.export.pool import Pool
from rtengine.graph import Graph
from rtengine.models import onnx
from rtengine.models.texture.fit import Sessions
from rtengine.models.texture.weights import Weights
from rtengine.native.record import LINE
from rtengine.native.worker import SLEEP

HEADROOM = 512  # samples for which an image is made: an instance adds what it has more or less
APART = 64  # samples by which the other build has more
LARGE = 4_096  # bytes of a field that has runs of its own, so that images share them
SELF, WORK, DATA, TIME, NONE = range(5)  # what a word is to be completed with, see Fix


class Run(NamedTuple):
    """So many bytes of the pool, from `source` on, that belong to the memory's `offset`."""

    offset: int
    source: int
    length: int


class Fix(NamedTuple):
    """A 64-bit word of the memory that is to be completed.

    SELF: the memory's own address. WORK: that of the work function. DATA: the pool's, and `value` bytes further.
    TIME: by how much the headroom is more than HEADROOM is to be added. NONE: it stays 0.
    """

    offset: int
    kind: int
    value: int = 0


class Image(NamedTuple):
    """Offsets in bytes from the beginning of a memory of `size` bytes; latency in samples, with HEADROOM.

    slack: samples of headroom that the threads want besides the longest buffer. values: of targets, values, held,
    inline. readings: in the graph's order, number after number. late: the counters of samples that came too late.
    """

    sample_rate: int
    size: int
    latency: int
    slack: int
    runs: list[Run]
    fixes: list[Fix]
    fields: dict[str, int]
    readings: list[int]
    late: list[int]


def taken(build: Callable[..., Graph], pool: Pool) -> tuple[Image, Graph]:
    """The image of the graph that build(headroom=..., live=...) makes, and the graph.

    ValueError names the block that cannot be exported.
    """
    graph, other = build(headroom=HEADROOM), build(headroom=HEADROOM + APART)
    check(graph)
    fixes = [*_addresses(graph, pool), Fix(graph.field("work") - graph.field("x"), WORK)]
    memory, second = _words(graph), _words(other)
    for fix in (*fixes, *_addresses(other, pool)):
        for words in (memory, second):
            words[fix.offset // 8] = 0
    time = np.flatnonzero(second - memory == APART)
    memory[time] = second[time]
    memory[time] -= APART
    second[time] -= APART
    _check_same(graph, memory, second)
    size = 512
    slack = build(live=True, block_size=size).latency - build(live=True, headroom=0).latency - size
    base = graph.memory.ctypes.data
    image = Image(
        round(graph.sample_rate),
        graph.memory.nbytes,
        graph.latency,
        max(slack, 0),
        list(_runs(memory.view(np.uint8), _large(graph.memory.dtype), pool)),
        [fix for fix in fixes if fix.kind != NONE] + [Fix(8 * int(word), TIME) for word in time],
        {name: graph.field(name) - base for name in ("targets", "values", "held", "inline")},
        [a.ctypes.data - base + 4 * i for a in map(graph.shown, graph.readings) for i in range(a.size)],
        [begin for name, begin, _ in _leaves(graph.memory.dtype) if name.endswith("/ends/late")],
    )
    return image, graph


def check(graph: Graph) -> None:
    """ValueError names the block that cannot be without Python, or without notes."""
    for address in graph.inboxes:
        raise ValueError(f"{address} is played by notes: a plug-in of an effect cannot have it")
    for path, bound in zip(graph.blocks, graph.bound, strict=True):
        if isinstance(bound, onnx.Session | Sessions):
            raise ValueError(f"/{path} runs a network of another kind in onnxruntime, which no plug-in has")
        if bound is not None and not isinstance(bound, Weights):
            raise ValueError(f"/{path} plays from {type(bound).__name__}, which cannot be exported")


def _words(graph: Graph) -> NDArray[np.int64]:
    return graph.memory.view(np.int64).copy()


def _addresses(graph: Graph, pool: Pool) -> Iterator[Fix]:
    """The words that hold addresses of this process."""
    words = graph.memory.view(np.int64)
    for word in np.flatnonzero(words == graph.memory.ctypes.data):
        yield Fix(8 * int(word), SELF)
    for bound in graph.bound:
        if isinstance(bound, Weights):
            for word in np.flatnonzero(words == bound.data.ctypes.data):
                yield Fix(8 * int(word), DATA, pool.place(bound.data.tobytes()))
    for word in np.flatnonzero(words == SLEEP):
        yield Fix(8 * int(word), NONE)  # naps are for renders, which a plug-in is not


def _check_same(graph: Graph, memory: NDArray[np.int64], second: NDArray[np.int64]) -> None:
    different = np.flatnonzero(memory != second)
    if different.size:
        names = sorted({_name(graph.memory.dtype, 8 * int(word)) for word in different})
        raise ValueError(f"{', '.join(names[:3])}: what it holds depends on this process, and cannot be exported")


def _leaves(dtype: np.dtype[Any], offset: int = 0, name: str = "") -> Iterator[tuple[str, int, int]]:
    """Every field that has no fields: its path, where it begins, and its bytes."""
    for field, (inner, begin, *_) in (dtype.fields or {}).items():
        path = f"{name}/{field}"
        if inner.fields:
            yield from _leaves(inner, offset + begin, path)
        else:
            yield path, offset + begin, inner.itemsize


def _name(dtype: np.dtype[Any], offset: int) -> str:
    return next((n for n, begin, size in _leaves(dtype) if begin <= offset < begin + max(size, 8)), "a gap")


def _large(dtype: np.dtype[Any]) -> list[int]:
    """Where large fields begin and end."""
    return [edge for _, begin, size in _leaves(dtype) if size >= LARGE for edge in (begin, begin + size)]


def _runs(memory: NDArray[np.uint8], edges: Sequence[int], pool: Pool) -> Iterator[Run]:
    """The lines that are not zeros, as runs that cross no edge."""
    filled: NDArray[np.bool_] = np.any(memory.reshape(-1, LINE), axis=1)
    cuts = {edge // LINE for edge in edges} | {-(-edge // LINE) for edge in edges}
    starts = [i for i in np.flatnonzero(filled) if i == 0 or not filled[i - 1] or i in cuts]
    for start in map(int, starts):
        end = start + 1
        while end < len(filled) and filled[end] and end not in cuts:
            end += 1
        piece = memory[start * LINE : end * LINE].tobytes()
        yield Run(start * LINE, pool.place(piece), len(piece))
