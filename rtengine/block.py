"""A Block is one processor of the graph; a Parameter is one number a player can turn."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numba
import numpy as np
from numpy.typing import NDArray

from rtengine.cache import kernel_directory

Kernel = Callable[..., Any]  # numba is its type checker
SMOOTHING = 0.02  # seconds, time constant of every parameter that is not a step
LINE = 64  # bytes of a cache line, and of the widest vector
Memory = NDArray[np.void]  # a structured array of shape (1,)


def _content(self: Any) -> tuple[str, tuple[str]]:
    """Name a type in symbols by what it holds.

    Numba numbers the records it meets and leaves out the shape of arrays in them. Two layouts compiled in two processes
    can so get one symbol; loaded from disk into a third, the code of the one then runs on the memory of the other.
    """
    return type(self).__name__, (hashlib.sha256(self.name.encode()).hexdigest()[:16],)


for layout in (numba.types.Record, numba.types.NestedArray):
    layout.mangling_args = property(_content)
# numba would run code for a shorter record on one that begins alike, and warn of it at an order of calls that is chance
numba.types.Record.can_convert_to = lambda self, typingctx, other: None


def kernel(function: Kernel) -> Kernel:
    """Compile for the audio and the worker thread: no interpreter lock, no exceptions, kept on disk.

    `error_model="numpy"`: a division by zero gives infinity, as in C, for raising would need Python.
    """
    with caching(kernel_directory(Path(function.__code__.co_filename))):
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)


@contextmanager
def caching(directory: Path) -> Iterator[None]:
    """Let what numba decorates meanwhile keep its compiled code in this folder, unless $NUMBA_CACHE_DIR is set."""
    settings: Any = numba.config  # has its names from the environment, at import
    before = settings.CACHE_DIR
    settings.CACHE_DIR = before or str(directory)
    try:
        yield
    finally:
        settings.CACHE_DIR = before


@dataclass(frozen=True)
class Parameter:
    """A bounded real number, and the only description of a control in this project.

    scale: how a surface should spread the range; "step" takes whole numbers and is never smoothed.
    choices: names of the steps from `low` upwards, where they have names.
    share: one of several in its block that are blended; to choose it is to set it to `high` and the others to `low`.
    """

    default: float
    low: float
    high: float
    unit: str = ""
    scale: Literal["linear", "log", "step"] = "linear"
    doc: str = ""
    choices: tuple[str, ...] = ()
    share: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.default <= self.high:
            raise ValueError(f"default {self.default} is outside {self.low} to {self.high}")

    def check(self, address: str, value: float) -> float:
        """Return the value, or raise ValueError with the value and the bound."""
        if not self.low <= value <= self.high:
            raise ValueError(f"{address} = {value:g} is outside {self.low:g} to {self.high:g} {self.unit}".rstrip())
        if self.scale == "step" and value != round(value):
            raise ValueError(f"{address} = {value:g} is not a whole number from {self.low:g} to {self.high:g}")
        return float(value)


class Block:
    """One processor: its memory (prepare), its native loop (process), its slow part (works).

    The kernels are static methods under `@kernel`. In a graph the order is: fork, the branch's blocks or the works if
    there is no worker thread, process. state is the record that prepare described, params a record of the parameters;
    x is float32 (channels, samples up to block_size), C order, changed in place.
    """

    spare: int = 0  # floats left free in params, for shares to come: more of them, and the compiled code is the same
    branch: Mapping[str, "Block"] = MappingProxyType({})  # blocks between fork and process; only Mix has any
    fork: Kernel | None = None  # fork(state, params, x): the first half of a block with a branch or with work
    process: Kernel  # process(state, params, x)

    @property
    def works(self) -> tuple[Kernel, ...]:
        """The slow part as kernels work(state) -> bool: do one unit off the audio thread; True if there was one.

        Several are stages joined by rings, each with one writer and one reader: threads may share them.
        """
        return ()

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The block's controls by name: its class's Parameters, unless a block says otherwise."""
        return {n: p for c in reversed(type(self).__mro__) for n, p in vars(c).items() if isinstance(p, Parameter)}

    def latency(self, sample_rate: float) -> int:
        """Samples between an input and its effect on the output, known before prepare."""
        return 0

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        """Return all memory that the kernels will ever touch, by name, at its initial value.

        block_size is the most samples that one call of process sees; the graph calls with fewer at will.
        """
        return {}

    def bind(self, state: np.void) -> object:
        """Finish the packed memory with what needs addresses (foreign sessions, tensors); return what must live on."""
        return None


def record(values: dict[str, Any], line: int = LINE) -> Memory:
    """Pack named arrays, numbers and nested dicts into one structured array, shape (1,).

    Fields of `line` bytes and more begin on lines, as the whole does: vectors that cross cache lines cost double.
    """
    parts = {name: record(v, line)[0] if isinstance(v, dict) else np.asarray(v) for name, v in values.items()}
    offsets, size = [], 0
    for part in parts.values():
        unit = line if part.nbytes >= line else part.dtype.alignment
        offsets.append(-(-size // unit) * unit)
        size = offsets[-1] + part.nbytes
    size = -(-size // line) * line
    formats = [(part.dtype, part.shape) for part in parts.values()]
    dtype = np.dtype({"names": [*parts], "formats": formats, "offsets": offsets, "itemsize": size, "aligned": True})
    room = np.zeros(size + line, np.uint8)
    first = -room.ctypes.data % line
    memory = room[first : first + size].view(dtype)
    for name, part in parts.items():
        memory[name] = part
    return memory
