"""The graph as source: one call a line, compiled to C functions.

Closures over kernels could not be kept on disk and start 4 to 8 times slower, so the chain is written out as a file of
its own beside the compiled kernels. The file's folder is named by a digest of all that goes into it.
"""

import ctypes
import hashlib
import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import carray, cfunc, from_dtype, types

from rtengine import events
from rtengine.block import Block
from rtengine.native.cache import cache_directory, digest, prune, used
from rtengine.native.denormals import FLUSH, float_mode, set_float_mode
from rtengine.native.intrinsics import call, floats
from rtengine.native.kernel import Kernel, caching, kernel

GRID = 64  # samples between two steps of the parameters, and the most that a block sees at once

Callback = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_ulong,
    ctypes.c_void_p,
    ctypes.c_ulong,
    ctypes.c_void_p,
)


class Step(NamedTuple):
    """One call in the listing; `kernel` is None where the slow parts run if there is no worker."""

    path: str
    part: str
    block: Block
    kernel: Kernel | None


class Native(NamedTuple):
    """The compiled graph: a PaStreamCallback, the work function of the threads, and what they were compiled from."""

    callback: Any
    work: Any
    listing: str


def compile_graph(blocks: Mapping[str, Block], channels: int, layout: np.dtype[np.void]) -> Native:
    """Compile a tree of blocks over a record of this layout to C functions that are kept on disk."""
    steps = list(_steps(blocks))
    works = [Step(s.path, f"work{i}", s.block, w) for s in steps if not s.kernel for i, w in enumerate(s.block.works)]
    listing = _callback_source(steps, channels) + _work_source(works)
    kernels = tuple((f"{s.path}_{s.part}", s.kernel) for s in [*steps, *works] if s.kernel)
    return _compile(listing, _file(listing, {type(s.block) for s in steps}), kernels, layout)


@cache
def _compile(listing: str, file: Path, kernels: tuple[tuple[str, Kernel], ...], layout: np.dtype[np.void]) -> Native:
    """Compile, or load what was compiled; once in a process, for numba keeps the code for ever."""
    names: dict[str, Any] = dict(kernels)
    names |= {"carray": carray, "floats": floats, "int64": np.int64, "__name__": __name__}
    names |= {"float_mode": float_mode, "set_float_mode": set_float_mode, "FLUSH": FLUSH}
    names |= {"advance": advance, "load": load, "store": store, "drain": drain}
    exec(compile(listing, file, "exec"), names)
    memory = types.CPointer(from_dtype(layout))
    buffer = types.CPointer(types.float32)
    pa_callback = types.intc(buffer, buffer, types.ulong, types.voidptr, types.ulong, memory)
    work = types.int64(memory, types.int64, types.int64)
    with caching(file.parent):
        return Native(
            cfunc(pa_callback, cache=True, error_model="numpy")(names["callback"]),
            cfunc(work, cache=True, error_model="numpy")(names["work"]),
            listing,
        )


def _steps(blocks: Mapping[str, Block]) -> Iterator[Step]:
    for path, block in blocks.items():
        if block.fork:
            yield Step(path, "fork", block, block.fork)
        yield from _steps(block.branch)
        if block.works:
            yield Step(path, "work", block, None)
        yield Step(path, "process", block, block.process)


def _file(listing: str, blocks: set[type[Block]]) -> Path:
    """The listing as a file: numba keeps compiled code by source file, and tracebacks show its lines."""
    sources = {Path(inspect.getfile(block)) for block in blocks} | {Path(__file__)}
    identity = hashlib.sha256(listing.encode() + b"".join(sorted(digest(source) for source in sources))).hexdigest()
    file = used(cache_directory() / f"graph-{identity[:16]}") / "listing.py"
    if not file.is_file():
        prune()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(listing)
    return file


def _callback_source(steps: list[Step], channels: int) -> str:
    inline = "if memory.inline: drain(memory.work, memory.address)"
    calls = [f"{s.path}_{s.part}(state[{s.path!r}], params[{s.path!r}], x)" if s.kernel else inline for s in steps]
    body = "\n        ".join(calls)
    return f"""
def callback(indata, outdata, size, time_info, flags, userdata):
    mode = float_mode()
    set_float_mode(mode | FLUSH)
    memory = carray(userdata, 1)[0]
    state, params = memory.state, memory.params
    source, sink = carray(indata, (size, {channels})), carray(outdata, (size, {channels}))
    done, size = 0, int64(size)  # unsigned in C, and -size would wrap
    while done < size:
        n = advance(memory, size - done)
        x = carray(floats(memory.x.ctypes.data), ({channels}, n))
        memory.bad_in += load(source, done, x)
        {body}
        memory.bad_out += store(x, sink, done)
        done += n
    set_float_mode(mode)
    return 0
"""


def _work_source(works: list[Step]) -> str:
    """One unit of each slow part whose turn it is in this thread; the function returns how many there were."""
    turn = "    if {} % threads == thread: busy += int64({}_{}(state[{!r}]))"
    calls = [turn.format(i, s.path, s.part, s.path) for i, s in enumerate(works)]
    first = ["", "", "def work(userdata, thread, threads):", "    state, busy = carray(userdata, 1)[0].state, 0"]
    return "\n".join([*first, *calls, "    return busy", ""])


@kernel
def advance(memory, most):
    """Return how many samples to run before the next grid point; at one, take what is due and move the parameters."""
    along = memory.clock % GRID
    if along == 0:
        events.apply(memory.events, memory.clock, memory.targets)
        for p in range(memory.values.shape[0]):
            way = memory.targets[p] - memory.values[p]
            if abs(way) <= memory.near[p]:
                memory.values[p] = memory.targets[p]
            else:
                memory.values[p] += memory.rates[p] * way
    n = min(GRID - along, most)
    memory.clock += n
    return n


@kernel
def load(source, start, x):
    """Take x (channels, n) from the interleaved source; what is not finite becomes 0. Returns how many were not."""
    bad = 0
    for c in range(x.shape[0]):
        for n in range(x.shape[1]):
            v = source[start + n, c]
            if not np.isfinite(v):
                v = np.float32(0)
                bad += 1
            x[c, n] = v
    return bad


@kernel
def store(x, sink, start):
    """Give x (channels, n) to the interleaved sink; what is not finite becomes 0. Returns how many were not."""
    bad = 0
    for c in range(x.shape[0]):
        for n in range(x.shape[1]):
            v = x[c, n]
            if not np.isfinite(v):
                v = np.float32(0)
                bad += 1
            sink[start + n, c] = v
    return bad


@kernel
def drain(work, memory):
    """Run the slow parts, here and now, until they have nothing left to do."""
    while call(work, (memory, 0, 1)):
        pass
