"""The graph as source: one call a line, compiled to C functions.

Closures over kernels could not be kept on disk and start 4 to 8 times slower, so the chain is written out as a file of
its own beside the compiled kernels. The file's folder is named by a digest of all that goes into it.
"""

import ctypes
import hashlib
import inspect
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import carray, cfunc, from_dtype, types
from numpy.typing import NDArray

from rtengine import events
from rtengine.block import Block, Work
from rtengine.native.ahead import elsewhere
from rtengine.native.awaited import compiling
from rtengine.native.cache import cache_directory, digest, prune, used
from rtengine.native.collector import at_rest
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
    """One call in the listing, on so many rows from the first; `kernel` is None where the slow parts run inline."""

    path: str
    part: str
    block: Block
    kernel: Kernel | None
    first: int
    rows: int


class Plan(NamedTuple):
    """A chain of blocks: its calls in order, how many channels each block is given, and how many come out.

    rows: the most channels anywhere. dry: gains (outputs, inputs) by which the input is heard in place of the chain.
    """

    steps: list[Step]
    given: dict[str, int]
    outputs: int
    rows: int
    dry: NDArray[np.float32]


class Source(NamedTuple):
    """A graph that is to be compiled: its listing, in which file that stands, and what it calls by name.

    slow: those of the kernels that are the slow parts of the block at a path. layout: of the record.
    """

    listing: str
    file: Path
    kernels: tuple[tuple[str, Kernel], ...]
    slow: tuple[tuple[str, Kernel], ...]
    layout: np.dtype[np.void]

    def functions(self) -> dict[str, tuple[Any, Any]]:
        """The callback, a PaStreamCallback, and the work function of the threads: each as (signature, function)."""
        names: dict[str, Any] = dict(self.kernels)
        names |= {"carray": carray, "floats": floats, "int64": np.int64, "__name__": __name__}
        names |= {"float_mode": float_mode, "set_float_mode": set_float_mode, "FLUSH": FLUSH}
        names |= {"turn": turn, "ahead": ahead, "load": load, "store": store, "drain": drain, "GRID": GRID}
        names |= {"receive": events.receive, "forward": events.forward, "empty": events.empty}
        exec(compile(self.listing, self.file, "exec"), names)
        memory, buffer = types.CPointer(from_dtype(self.layout)), types.CPointer(types.float32)
        pa_callback = types.intc(buffer, buffer, types.ulong, types.voidptr, types.ulong, memory)
        work = types.int64(memory, types.int64, types.int64)
        return {"callback": (pa_callback, names["callback"]), "work": (work, names["work"])}


class Native(NamedTuple):
    """A compiled graph: its two functions."""

    callback: Any
    work: Any


def plan(blocks: Mapping[str, Block], inputs: int) -> Plan:
    """Fold the channels through a tree of blocks; ValueError if they do not fit."""
    steps: list[Step] = []
    given: dict[str, int] = {}
    dry = np.eye(inputs, dtype=np.float32)
    channels = most = inputs
    for path, block in blocks.items():
        first, count = block.rows or (0, channels)
        if first + count > channels:
            raise ValueError(f"{path} works on channels {first + 1} to {first + count}, and there are {channels}")
        made = block.channels(count)
        given[path] = count
        if block.fork:
            steps.append(Step(path, "fork", block, block.fork, first, count))
        if block.branch:
            inner = plan(block.branch, count)
            if inner.outputs != made:
                raise ValueError(f"the branch of {path} makes {inner.outputs} channels of {count}, not {made}")
            if block.rows and inner.rows > count:
                raise ValueError(f"the branch of {path} needs {inner.rows} channels, of which it has {count}")
            steps += [s._replace(first=first + s.first) for s in inner.steps]
            given |= inner.given
            most = max(most, inner.rows)
        if block.works:
            steps.append(Step(path, "work", block, None, first, count))
        steps.append(Step(path, "process", block, block.process, first, max(count, made)))
        most = max(most, made)
        if not block.rows:
            dry, channels = block.dry(count) @ dry, made
    return Plan(steps, given, channels, most, dry)


def written(chain: Plan, inputs: int, wires: Mapping[str, Sequence[int]], layout: np.dtype[np.void]) -> Source:
    """Write a plan out over a record of this layout.

    wires: for each block that sends events, the numbers of the inboxes that get them.
    """
    steps = chain.steps
    names = _names([s.path for s in steps])
    works = [(s.path, f"{names[s.path]}_work{i}", w) for s in steps if not s.kernel for i, w in enumerate(s.block.slow)]
    clocks, waiting = ([p for p in names if field in (layout["state"][p].names or ())] for field in ("clock", "waits"))
    listing = _callback_source(chain, inputs, wires, names, clocks) + _work_source(works, waiting)
    kernels = [(f"{names[s.path]}_{s.part}", s.kernel) for s in steps if s.kernel]
    kernels += [(f"{names[s.path]}_receive", s.block.receive) for s in steps if s.block.receive]
    kernels += [(name, work.kernel) for _, name, work in works]
    slow = tuple((path, work.kernel) for path, _, work in works)
    file = _file(listing, {type(s.block) for s in steps})
    return Source(listing, file, tuple(dict(kernels).items()), slow, layout)


def inboxes(steps: Sequence[Step]) -> list[str]:
    """The blocks that take events, by the numbers of their inboxes."""
    return list(dict.fromkeys(s.path for s in steps if s.block.receive))


def _names(paths: Sequence[str]) -> dict[str, str]:
    """An identifier for each block: its path, which may have slashes."""
    names: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        name = re.sub(r"\W", "_", path)
        names[path] = name if name not in names.values() else f"{name}_{len(names)}"
    return names


@cache
def compile_graph(source: Source) -> Native:
    """Compile, or load what was compiled and kept on disk; once in a process, for numba keeps the code for ever."""
    (pa_callback, callback), (work_type, work) = source.functions().values()
    state = from_dtype(source.layout).typeof("state")
    folder = source.file.parent
    options = {"cache": True, "error_model": "numpy"}
    new = not any(folder.rglob("*.nbi"))
    with at_rest(), caching(folder), compiling([callback, work] if new else []):
        with elsewhere([(k, (state.typeof(path),)) for path, k in source.slow] if new else []) as left:
            compiled = cfunc(pa_callback, **options)(callback)
            for kernel_left, given in left:
                kernel_left.get_call_template(given, {})
        return Native(compiled, cfunc(work_type, **options)(work))


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


def _callback_source(
    chain: Plan, inputs: int, wires: Mapping[str, Sequence[int]], names: Mapping[str, str], clocks: Sequence[str]
) -> str:
    views = dict.fromkeys([(0, inputs), *((s.first, s.rows) for s in chain.steps if s.kernel), (0, chain.outputs)])
    body = [
        f"{_view(*v)} = carray(floats(memory.x.ctypes.data{f' + {4 * v[0]} * n' if v[0] else ''}), ({v[1]}, n))"
        for v in views
    ]
    body.append(f"memory.bad_in += load(source, done, {_view(0, inputs)})")
    for s in chain.steps:
        if s.kernel is None:
            body.append("if memory.inline: drain(memory.work, memory.address)")
            continue
        state = f"state[{s.path!r}]"
        body.append(f"{names[s.path]}_{s.part}({state}, params[{s.path!r}], {_view(s.first, s.rows)})")
        if s.part == "process" and s.block.sends:
            body += [f"forward(memory.events, {state}.outbox, {i}, GRID)" for i in wires.get(s.path, ())]
            body.append(f"empty({state}.outbox)")
    body.append(f"memory.bad_out += store({_view(0, chain.outputs)}, sink, done)")
    times = [f"state[{path!r}].clock = memory.clock" for path in clocks]
    lines = "\n        ".join([*times, *_inbox_source(chain.steps, names), *body])
    return f"""
def callback(indata, outdata, size, time_info, flags, userdata):
    mode = float_mode()
    set_float_mode(mode | FLUSH)
    memory = carray(userdata, 1)[0]
    state, params = memory.state, memory.params
    source, sink = carray(indata, (size, {inputs})), carray(outdata, (size, {chain.outputs}))
    done, size = 0, int64(size)  # unsigned in C, and -size would wrap
    while done < size:
        turn(memory)
        n = min(GRID - memory.clock % GRID, size - done)
        {lines}
        memory.clock += n
        done += n
    set_float_mode(mode)
    return 0
"""


def _inbox_source(steps: Sequence[Step], names: Mapping[str, str]) -> list[str]:
    """Hand over the events that are due, and run no further than to the next."""
    paths = inboxes(steps)
    if not paths:
        return []
    now = "now.kind, now.channel, now.a, now.b"
    calls = [
        f"    {'el' * (i > 0)}if now.target == {i}: {names[p]}_receive(state[{p!r}], params[{p!r}], {now})"
        for i, p in enumerate(paths)
    ]
    first = ["now = memory.events.now", "while receive(memory.events, memory.clock):"]
    return [*first, *calls, "n = ahead(memory.events, memory.clock, n)"]


def _view(first: int, count: int) -> str:
    return f"x{first}_{count}"


def _work_source(works: Sequence[tuple[str, str, Work]], waiting: Sequence[str]) -> str:
    """One unit of each slow part whose turn it is in this thread; the function returns how many there were.

    The first `threads` threads share the short ones; after them each long one has its own. Thread -1 does them all.
    If there was none, and the blocks can tell, it returns minus the samples that must come before there is one.
    """
    lines = ["", "", "def work(userdata, thread, threads):", "    state, busy = carray(userdata, 1)[0].state, 0"]
    short = long = 0
    for path, name, work in works:
        its_turn = f"thread == threads + {long}" if work.long else f"{short} % threads == thread"
        short, long = short + (not work.long), long + work.long
        lines.append(f"    if thread < 0 or {its_turn}: busy += int64({name}(state[{path!r}]))")
    paths = dict.fromkeys(path for path, _, work in works if not work.long)
    if paths and all(path in waiting for path in paths) and not any(path in paths for path, _, w in works if w.long):
        samples = ", ".join(f"state[{path!r}].waits" for path in paths)
        fewest = f"min({samples})" if len(paths) > 1 else samples
        lines.append(f"    if busy == 0 and thread == 0 and threads == 1: return -{fewest}")
    return "\n".join([*lines, "    return busy", ""])


@kernel
def turn(memory):
    """At a grid point, take what is due, and move the parameters towards their targets."""
    if memory.clock % GRID != 0:
        return
    events.apply(memory.events, memory.clock, memory.targets, memory.held)
    for w in range(memory.wires.count):
        p = memory.wires.target[w]
        v = carray(floats(memory.address + memory.wires.source[w]), 1)[0]
        if not memory.held[p] and np.isfinite(v):
            v = min(max(v, memory.wires.low[w]), memory.wires.high[w])
            memory.targets[p] = np.rint(v) if memory.wires.whole[w] else v
    for p in range(memory.values.shape[0]):
        way = memory.targets[p] - memory.values[p]
        if abs(way) <= memory.near[p]:
            memory.values[p] = memory.targets[p]
        else:
            memory.values[p] += memory.rates[p] * way


@kernel
def ahead(queue, clock, n):
    """How many of the next n samples come before an event for an inbox.

    One at least: an event that is due already, and came after all that were due were taken, is taken a sample later.
    """
    return max(events.soonest(queue.inner, events.soonest(queue.waiting, clock + n)) - clock, 1)


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
    while call(work, (memory, -1, 1)) > 0:
        pass
