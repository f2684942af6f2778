"""Graph: named blocks, compiled to one native function over one record of memory.

The audio is cut at every GRID-th sample since the start, whatever the size of the buffers that come in. At these points
the parameters move towards their targets, and between them they rest: so the samples do not depend on the block size.
Everything that the compiled code touches is in the record `memory`: to reset is one assignment, a snapshot is one copy,
and two graphs are equal if their bytes are. What is compiled can be read in `Graph.listing`.
"""

from collections.abc import Iterator, Mapping
from math import exp
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from rtengine import events
from rtengine.block import SMOOTHING, Block, Parameter
from rtengine.listing import GRID, Callback, compile_graph
from rtengine.native import ring
from rtengine.native.record import Memory, record
from rtengine.native.worker import Workers

ARRIVED = 1e-5  # of a parameter's range: nearer than this it takes the target's exact value

Samples = NDArray[np.float32]


class Graph:
    """A prepared chain of blocks.

    Names are flat: the blocks of a branch stand beside their parent, so that a player writes /texture/strength wherever
    the texture is. sample_rate in Hz; channels alike in and out. Without `start` the slow parts run inside `process`.
    """

    def __init__(self, sample_rate: float, channels: int = 2, **blocks: Block) -> None:
        self.sample_rate, self.channels = sample_rate, channels
        self.blocks = _flat(blocks)
        self.parameters = {f"/{path}/{n}": p for path, b in self.blocks.items() for n, p in b.parameters.items()}
        self.latency = sum(block.latency(sample_rate) for block in blocks.values())
        self.memory = self._pack(sample_rate, channels)
        self._index = {address: i for i, address in enumerate(self._addresses())}
        self.callback, self._work, self.listing = compile_graph(blocks, channels, self.memory.dtype)
        self.memory["address"], self.memory["work"] = self.memory.ctypes.data, self._work.address
        self._call = Callback(self.callback.address)
        self._workers: Workers | None = None
        self._bound = [block.bind(self.memory["state"][path][0]) for path, block in self.blocks.items()]
        self._initial = self.memory.copy()

    def _pack(self, sample_rate: float, channels: int) -> Memory:
        params = {
            path: {field: np.float32(p.default if p else 0) for field, _, p in _fields(block)}
            for path, block in self.blocks.items()
        }
        known = [self.parameters.get(address) for address in self._addresses()]
        memory = record(
            {
                "x": np.zeros(channels * GRID, np.float32),
                "clock": np.int64(0),
                "address": np.int64(0),
                "work": np.int64(0),
                "inline": np.int64(1),
                "bad_in": np.int64(0),
                "bad_out": np.int64(0),
                "targets": np.array([p.default if p else 0 for p in known], np.float32),
                "rates": np.array([_rate(p, sample_rate) for p in known], np.float32),
                "events": events.prepare(),
                "near": np.array([ARRIVED * (p.high - p.low) if p else 0 for p in known], np.float32),
                "params": record(params, line=4)[0],  # float after float, with no gaps
                "state": {
                    path: b.prepare(sample_rate, GRID, channels) or {"none": 0} for path, b in self.blocks.items()
                },
            }
        )
        return memory.view(_overlay(memory.dtype, "values", (np.float32, len(known)), "params"))

    def _addresses(self) -> Iterator[str]:
        """One address a float of the record's params, in its order."""
        for path, block in self.blocks.items():
            yield from (f"/{path}/{name}" for _, name, _ in _fields(block))

    def __getitem__(self, address: str) -> float:
        """The target of a parameter; KeyError names the address."""
        return float(self.memory["targets"][0, self._known(address)])

    def __setitem__(self, address: str, value: float) -> None:
        """Move a parameter; ValueError names the value and the bound, KeyError the address."""
        index = self._known(address)
        self.memory["targets"][0, index] = self.parameters[address].check(address, value)

    def at(self, time: int, address: str, value: float) -> bool:
        """Move a parameter at the first grid point not before `time` (samples, may be past); False if the ring is full.

        Errors as above. One thread at a time may call this, while audio runs or not.
        """
        index = self._known(address)
        return events.push(self.memory["events"][0], time, index, self.parameters[address].check(address, value))

    def moved(self) -> Iterator[tuple[int, str, float]]:
        """The events that took effect since the last call: clock of the grid point, address, value. One thread."""
        by_index = {i: address for address, i in self._index.items()}
        for time, index, value in events.taken(self.memory["events"][0]):
            yield time, by_index[index], value

    @property
    def pending(self) -> int:
        """Events that have not taken effect, or that stand behind such."""
        return int(ring.filled(self.memory["events"]["waiting"]["index"][0]))

    @property
    def late(self) -> int:
        """Samples that the worker threads owed and the dry signal stood in for, since the start."""
        states = (self.state(path) for path in self.blocks)
        return sum(int(s["ends"]["late"]) for s in states if "ends" in (s.dtype.names or ()))

    def field(self, name: str) -> int:
        """The address of a field of the record."""
        assert self.memory.dtype.fields
        return int(self.memory.ctypes.data + self.memory.dtype.fields[name][1])

    def _known(self, address: str) -> int:
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
        """Run x, float32 (channels, samples), through the graph; returns as much, `latency` samples late."""
        if x.ndim != 2 or x.shape[0] != self.channels:
            raise ValueError(f"audio of shape {x.shape} is not ({self.channels}, samples)")
        source = np.ascontiguousarray(x.T, dtype=np.float32)
        sink = np.empty_like(source)
        self._call(source.ctypes.data, sink.ctypes.data, len(source), None, 0, self.memory.ctypes.data)
        return np.ascontiguousarray(sink.T)

    def start(self, threads: int = 1, urgent: bool = False) -> None:
        """Give the slow parts to native threads. The blocks need headroom for it, see Texture.

        urgent: other programs are not to keep them waiting, where the system allows it.
        """
        self.stop()
        self.memory["inline"] = 0
        self._workers = Workers(self._work.address, self.memory.ctypes.data, threads, urgent)

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
            self._workers.stop()
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
        self.memory[:] = self._initial


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
