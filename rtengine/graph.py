"""Graph: named blocks, compiled to one native function over one record of memory.

The audio is cut at every GRID-th sample since the start, whatever the size of the buffers that come in. At these points
the parameters move towards their targets, and between them they rest: so the samples do not depend on the block size.
Everything that the compiled code touches is in the record `memory`, which a snapshot brings back to its beginning, and
two graphs are equal if their bytes are. What is compiled can be read in `Graph.listing`.
"""

import os
import threading
import weakref
from collections.abc import Iterator, Mapping
from math import exp, isfinite
from types import MappingProxyType, TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from rtengine import events
from rtengine.block import SMOOTHING, Block, Parameter
from rtengine.events import Event
from rtengine.listing import GRID, Callback, Plan, compile_graph, inboxes, plan, written
from rtengine.native import forked, ring
from rtengine.native.record import Memory, Snapshot, record
from rtengine.native.worker import Pulse, Workers

ARRIVED = 1e-5  # of a parameter's range: nearer than this it takes the target's exact value
CHANNELS = 15  # of events: the highest, as in MIDI
NO_WIRES: Mapping[str, str] = MappingProxyType({})

Samples = NDArray[np.float32]


class Graph:
    """A prepared chain of blocks.

    Names are flat: the blocks of a branch stand beside their parent, so that a player writes /texture/strength wherever
    the texture is. sample_rate in Hz; inputs: channels that come in, of which the blocks make `outputs`. wires: what
    turns what, {"/strip/1/gain": "/brain/gains/0"}: at each grid point a reading's number (of a vector, the one of this
    index) is the target of a parameter, until a hand takes it; or {"/synth": "/arp"}: what a block sends reaches
    another's inbox GRID samples later. Without `start` the slow parts run inside `process`.
    """

    compiled = staticmethod(compile_graph)

    def __init__(
        self, sample_rate: float, inputs: int = 2, *, wires: Mapping[str, str] = NO_WIRES, **blocks: Block
    ) -> None:
        if inputs < 1:
            raise ValueError(f"{inputs} channels are none")
        chain = plan(blocks, inputs)
        self.sample_rate, self.inputs, self.outputs, self.dry = sample_rate, inputs, chain.outputs, chain.dry
        self.blocks = _flat(blocks)
        self.parameters = controls(blocks)
        self.readings = {f"/{path}/{n}": r for path, b in self.blocks.items() for n, r in b.readings.items()}
        if both := self.parameters.keys() & self.readings.keys():
            raise ValueError(f"{', '.join(sorted(both))} is a parameter and a reading")
        self.inboxes = {f"/{path}": i for i, path in enumerate(inboxes(chain.steps))}
        self.latency = sum(block.latency(sample_rate) for block in blocks.values())
        self._given = chain.given
        self._index = {address: i for i, address in enumerate(self._addresses())}
        self.wires = {target: source for target, source in wires.items() if target not in self.inboxes}
        self.memory = self._pack(chain)
        self._connect()
        routes: dict[str, list[int]] = {}
        for target, source in wires.items():
            if target in self.inboxes:
                routes.setdefault(self._sender(source), []).append(self.inboxes[target])
        self.source = written(chain, inputs, routes, self.memory.dtype)
        self.callback, self._work = self.compiled(self.source)
        self.memory["address"], self.memory["work"] = self.memory.ctypes.data, self._work.address
        self._call = Callback(self.callback.address)
        self._workers: Workers | None = None
        self._alone = threading.Lock()  # one thread at a time is in `process`
        self._process = os.getpid()  # in which the workers are
        forked.children_may_leave()
        self.bound = [block.bind(self.memory["state"][path][0]) for path, block in self.blocks.items()]
        self._initial = Snapshot(self.memory)

    @property
    def listing(self) -> str:
        """What is compiled, as it can be read."""
        return self.source.listing

    def _pack(self, chain: Plan) -> Memory:
        params = {
            path: {field: np.float32(p.default if p else 0) for field, _, p in _fields(block)}
            for path, block in self.blocks.items()
        }
        known = [self.parameters.get(address) for address in self._addresses()]
        memory = record(
            {
                "x": np.zeros(chain.rows * GRID, np.float32),
                "clock": np.int64(0),
                "address": np.int64(0),
                "work": np.int64(0),
                "inline": np.int64(1),
                "bad_in": np.int64(0),
                "bad_out": np.int64(0),
                "targets": np.array([p.default if p else 0 for p in known], np.float32),
                "rates": np.array([_rate(p, self.sample_rate) for p in known], np.float32),
                "held": np.zeros(len(known), np.int8),  # 1: taken from its wire by a hand
                "wires": _wires(len(self.wires)),
                "events": events.prepare(),
                "near": np.array([ARRIVED * (p.high - p.low) if p else 0 for p in known], np.float32),
                "params": record(params, line=4)[0],  # float after float, with no gaps
                "state": {path: self._state(path, block) or {"none": 0} for path, block in self.blocks.items()},
            }
        )
        return memory.view(_overlay(memory.dtype, "values", (np.float32, len(known)), "params"))

    def _state(self, path: str, block: Block) -> dict[str, Any]:
        """What the block asks for, and the places of what it shows and of what it sends."""
        channels = self._given[path]
        state = block.prepare(self.sample_rate, GRID, channels)
        if block.readings:
            state = state | {"readings": {name: r.initial(channels) for name, r in block.readings.items()}}
        if block.sends:
            state = state | {"outbox": events.room(events.OUTBOX)}
        return state

    def _connect(self) -> None:
        """Fill the table of wires."""
        table = self.memory["wires"][0]
        table["count"] = len(self.wires)
        for w, (target, source) in enumerate(self.wires.items()):
            table["target"][w], parameter = self.place(target), self.parameters[target]
            values, element = self._reading(source)
            table["source"][w] = values[element:].ctypes.data - self.memory.ctypes.data
            table["low"][w], table["high"][w] = parameter.low, parameter.high
            table["whole"][w] = parameter.scale == "step"

    def _reading(self, source: str) -> tuple[NDArray[np.float32], int]:
        """Where a reading is, and which of its numbers is meant."""
        address, element = (source, 0)
        if source not in self.readings:
            address, _, index = source.rpartition("/")
            element = int(index) if index.isdigit() else -1
        if address not in self.readings:
            raise KeyError(f"{source} is none of the readings {', '.join(self.readings) or '(there are none)'}")
        values = self.shown(address)
        if not 0 <= element < len(values):
            raise ValueError(f"{source} is outside 0 to {len(values) - 1} of {address}")
        return values, element

    def shown(self, address: str) -> NDArray[np.float32]:
        """The live numbers of a reading."""
        path, _, name = address[1:].rpartition("/")
        return self.memory["state"][path]["readings"][name].reshape(-1)

    def _sender(self, source: str) -> str:
        path = source[1:]
        if path not in self.blocks or not self.blocks[path].sends:
            raise KeyError(f"{source} sends no events")
        return path

    def _addresses(self) -> Iterator[str]:
        """One address a float of the record's params, in its order."""
        for path, block in self.blocks.items():
            yield from (f"/{path}/{name}" for _, name, _ in _fields(block))

    def __getitem__(self, address: str) -> float:
        """The target of a parameter; KeyError names the address."""
        return float(self.memory["targets"][0, self.place(address)])

    def __setitem__(self, address: str, value: float) -> None:
        """Move a parameter; ValueError names the value and the bound, KeyError the address."""
        index = self.place(address)
        self.memory["targets"][0, index] = self.parameters[address].check(address, value)
        self.memory["held"][0, index] = True

    def reading(self, address: str) -> tuple[float, ...]:
        """What a block shows; KeyError names the address."""
        if address not in self.readings:
            raise KeyError(f"{address} is none of {', '.join(self.readings) or 'the readings, for there are none'}")
        return tuple(self.shown(address).tolist())

    def automatic(self, address: str) -> bool:
        """Whether a wire turns this parameter just now."""
        return address in self.wires and not self.memory["held"][0, self.place(address)]

    def targets(self) -> dict[str, float]:
        """Where all parameters are going that no wire turns."""
        return {address: self[address] for address in self.parameters if not self.automatic(address)}

    def at(self, time: int, address: str, value: float) -> bool:
        """Move a parameter at the first grid point not before `time` (samples, may be past); False if the ring is full.

        Errors as above. One thread at a time may call this, while audio runs or not.
        """
        index = self.place(address)
        value = self.parameters[address].check(address, value)
        return self._push(Event(time, index, events.SET, 0, value, 0))

    def release(self, address: str, time: int = 0) -> bool:
        """Give a parameter that a hand has taken back to its wire, at the first grid point not before `time`. As above.

        ValueError if nothing is wired to it.
        """
        if address not in self.wires:
            raise ValueError(f"nothing turns {address} by itself: it is not wired")
        return self._push(Event(time, self.place(address), events.RELEASE, 0, 0, 0))

    def send(self, inbox: str, kind: int, channel: int = 0, a: float = 0, b: float = 0, time: int = 0) -> bool:
        """Give a block, "/synth", an event at its very sample, or at once if that is past; False if the ring is full.

        kind, a, b: see rtengine.events; channel 0 to 15. KeyError if the block takes none, ValueError with the bounds.
        """
        if inbox not in self.inboxes:
            raise KeyError(f"{inbox} takes no events: {', '.join(self.inboxes) or 'no block here does'}")
        if kind not in events.KINDS.values():
            raise ValueError(f"kind {kind} is outside 1 to {max(events.KINDS.values())}")
        if not 0 <= channel <= CHANNELS:
            raise ValueError(f"channel {channel} is outside 0 to {CHANNELS}")
        if not (isfinite(a) and isfinite(b)):
            raise ValueError(f"{a:g}, {b:g} are not finite")
        return self._push(Event(time, self.inboxes[inbox], kind, channel, a, b))

    def _push(self, event: Event) -> bool:
        return events.push(self.memory["events"][0], event)

    def taken(self) -> Iterator[tuple[str, Event]]:
        """The events that took effect since the last call, with the address of a parameter or an inbox. One thread."""
        parameters, boxes = {i: a for a, i in self._index.items()}, list(self.inboxes)
        for event in events.drain(self.memory["events"]["taken"][0]):
            yield (boxes if event.kind > events.SET else parameters)[event.target], event

    @property
    def pending(self) -> int:
        """Events that have not taken effect, or that stand behind such."""
        return int(ring.filled(self.memory["events"]["waiting"]["index"][0]))

    @property
    def late(self) -> int:
        """Samples that the worker threads owed and the dry signal stood in for, since the start."""
        return sum(block.late(self.state(path)) for path, block in self.blocks.items())

    def field(self, name: str) -> int:
        """The address of a field of the record."""
        assert self.memory.dtype.fields
        return int(self.memory.ctypes.data + self.memory.dtype.fields[name][1])

    def place(self, address: str) -> int:
        """Where a parameter is among targets and values; KeyError names the address."""
        if address not in self.parameters:
            raise KeyError(f"{address} is none of {', '.join(self.parameters)}")
        return self._index[address]

    def settle(self) -> None:
        """Let every parameter arrive at its target at once; call it before the first sample."""
        self.memory["values"] = self.memory["targets"]

    def state(self, path: str) -> np.void:
        """A block's live memory, for reading meters and counters."""
        return self.memory["state"][path][0]

    def process(self, x: Samples) -> Samples:
        """Run x, float32 (inputs, samples), through the graph; returns (outputs, samples), `latency` samples late.

        Raises TypeError or ValueError if x is no such array, RuntimeError if the graph is at work in another thread or
        has left its threads behind in another process.
        """
        if not isinstance(x, np.ndarray):
            raise TypeError(f"audio is a {type(x).__name__} and no float32 array of shape ({self.inputs}, samples)")
        if x.dtype.kind != "f":
            raise TypeError(f"audio of dtype {x.dtype} is not float32 with a full scale of 1")
        if x.ndim != 2 or x.shape[0] != self.inputs:
            raise ValueError(f"audio of shape {x.shape} is not ({self.inputs}, samples)")
        if self._workers and self._process != os.getpid():
            raise RuntimeError("the threads of this graph did not come along when its process forked: build it anew")
        if not self._alone.acquire(blocking=False):
            raise RuntimeError("this graph is at work in another thread: give each thread a graph of its own")
        try:
            source = np.ascontiguousarray(x.T, dtype=np.float32)
            sink = np.empty((len(source), self.outputs), np.float32)
            self._call(source.ctypes.data, sink.ctypes.data, len(source), None, 0, self.memory.ctypes.data)
            return np.ascontiguousarray(sink.T)
        finally:
            self._alone.release()

    def start(self, threads: int = 1, urgent: bool = False, pulse: Pulse | None = None) -> None:
        """Give the slow parts to native threads. The blocks need headroom for it, see Texture.

        threads: for the short ones; those whose units are long have one each besides.
        urgent: other programs are not to keep them waiting, where the system allows it.
        pulse: where the audio thread says when buffers come, so that nobody looks for them before, see Workers.
        """
        self.stop()
        self.memory["inline"] = 0
        self._process = os.getpid()
        long = sum(work.long for block in self.blocks.values() for work in block.slow)
        self._workers = Workers(
            self._work.address,
            self.memory.ctypes.data,
            threads,
            urgent,
            own=long,
            pulse=pulse,
            sample_rate=self.sample_rate,
        )
        self._end = weakref.finalize(self, self._workers.stop)  # they work in memory that goes with this graph

    @property
    def worked(self) -> float:
        """Seconds for which the threads of the slow parts have worked since they were started."""
        return self._workers.seconds if self._workers else 0.0

    @property
    def threads(self) -> int:
        """How many native threads the slow parts have; 0: they run inside `process`."""
        return self._workers.count if self._workers else 0

    def stop(self) -> None:
        """End the threads; from now on the slow parts run inside `process`."""
        if self._workers:
            self._end()
        self._workers = None
        self.memory["inline"] = 1

    close = stop

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def reset(self) -> None:
        """Forget all audio and set every parameter to its default, as if newly built; threads are stopped."""
        self.stop()
        self._initial.restore(self.memory)


def controls(blocks: Mapping[str, Block]) -> dict[str, Parameter]:
    """The parameters by address that a graph of these blocks has."""
    return {f"/{path}/{name}": p for path, block in _flat(blocks).items() for name, p in block.parameters.items()}


def _flat(blocks: Mapping[str, Block]) -> dict[str, Block]:
    flat: dict[str, Block] = {}
    for name, block in blocks.items():
        for path, inner in {**_flat(block.branch), name: block}.items():
            if path in flat:
                raise ValueError(f"two blocks are named {path}")
            flat[path] = inner
    return flat


def _fields(block: Block) -> list[tuple[str, str, Parameter | None]]:
    """What a kernel finds in `params`: field, the parameter's name, the parameter if there is one.

    Shares stand last and are numbered, for their names are a matter of models and files, and not of code.
    """
    plain = [(n, n, p) for n, p in block.parameters.items() if not p.share]
    shares = [(n, p) for n, p in block.parameters.items() if p.share]
    numbered = [(f"share{i}", n, p) for i, (n, p) in enumerate(shares)]
    spare = [(f"share{i}", f"share{i}", None) for i in range(len(shares), len(shares) + block.spare)]
    return [*plain, *numbered, *spare] or [("none", "none", None)]


def _rate(parameter: Parameter | None, sample_rate: float) -> float:
    """The share of the way to its target that a parameter goes in one step of the grid."""
    return 1 if parameter is None or parameter.scale == "step" else 1 - exp(-GRID / (SMOOTHING * sample_rate))


def _overlay(dtype: np.dtype[np.void], name: str, shape: tuple[Any, int], over: str) -> np.dtype[np.void]:
    """Add a field that names the same bytes as field `over`: a record to the blocks, a vector to the graph."""
    assert dtype.fields
    assert dtype.names
    fields = {n: dtype.fields[n] for n in dtype.names}
    return np.dtype(
        {
            "names": [*fields, name],
            "formats": [*(f[0] for f in fields.values()), shape],
            "offsets": [*(f[1] for f in fields.values()), fields[over][1]],
            "itemsize": dtype.itemsize,
            "aligned": True,
        }
    )


def _wires(count: int) -> dict[str, Any]:
    """The table of wires; source: bytes from the beginning of the record."""
    room = max(count, 1)  # numba knows no empty arrays in records
    return {
        "count": 0,
        "source": np.zeros(room, np.int64),
        "target": np.zeros(room, np.int64),
        "low": np.zeros(room, np.float32),
        "high": np.zeros(room, np.float32),
        "whole": np.zeros(room, np.int8),
    }
