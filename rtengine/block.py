"""A Block is one processor of the graph; a Parameter is a number that a player turns, a Reading one that it shows."""

import math
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

import numpy as np

if TYPE_CHECKING:  # the window has Parameters, and no compiler
    from rtengine.native.kernel import Kernel

SMOOTHING = 0.02  # seconds, time constant of every parameter that is not a step
LONG = 0.005  # seconds of work, a hop or so: whoever has to be in time can wait as long, and no longer


@dataclass(frozen=True)
class Parameter:
    """A bounded real number, and the only description of a control in this project.

    scale: how a surface should spread the range; "step" takes whole numbers and is never smoothed.
    choices: names of the steps from `low` upwards, where they have names.
    share: one of several in its block that are blended; to choose it is to set it to `high` and the others to `low`.
    costly: higher values cost more time; the host can be asked to choose the highest that the machine can bear.
    """

    default: float
    low: float
    high: float
    unit: str = ""
    scale: Literal["linear", "log", "step"] = "linear"
    doc: str = ""
    choices: tuple[str, ...] = ()
    share: bool = False
    costly: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.default <= self.high:
            raise ValueError(f"default {self.default} is outside {self.low} to {self.high}")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"a log scale cannot begin at {self.low:g}: low must be above 0")

    def check(self, address: str, value: float) -> float:
        """Return the value, or raise ValueError with the value and the bound."""
        if not self.low <= value <= self.high:
            raise ValueError(f"{address} = {value:g} is outside {self.low:g} to {self.high:g} {self.unit}".rstrip())
        if self.scale == "step" and value != round(value):
            raise ValueError(f"{address} = {value:g} is not a whole number from {self.low:g} to {self.high:g}")
        return float(value)

    def clip(self, value: float) -> float:
        """The nearest value that it can have; ValueError for NaN."""
        if math.isnan(value):
            raise ValueError("nan is no number")
        inside = min(max(float(value), self.low), self.high)
        return float(round(inside)) if self.scale == "step" else inside

    def value(self, position: float) -> float:
        """The value at a place in the range, 0 to 1 (else the nearer end), spread as the scale says.

        log: low (high / low)^position.  linear and step: low + position (high - low), steps rounded.
        """
        if self.scale == "log":
            return self.clip(self.low * (self.high / self.low) ** min(max(position, 0.0), 1.0))
        return self.clip(self.low + position * (self.high - self.low))

    def position(self, value: float) -> float:
        """Where a value lies in the range, 0 to 1: the inverse of `value`; 0 if there is but one."""
        if self.low == self.high:
            return 0.0
        value = min(max(value, self.low), self.high)
        if self.scale == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def parse(self, text: str) -> float:
        """A number, or the name of a choice in capitals or not, as a value; its bounds are for `check` or `clip`.

        ValueError says what it could be.
        """
        names = [name.casefold() for name in self.choices]
        if text.strip().casefold() in names:
            return self.low + names.index(text.strip().casefold())
        try:
            return float(text)
        except ValueError:
            choices = f" or one of {', '.join(self.choices)}" if self.choices else ""
            raise ValueError(f"{text[:40]} is not a number{choices}") from None


@dataclass(frozen=True)
class Reading:
    """A number, or a short vector, that a block shows: what Parameter is to a control, this is to a meter.

    low, high: the range that a surface draws, in `unit`; a value may leave it, but is always finite.
    count: how many numbers; 0 is one for each channel that the block is given.
    choices: names of the whole numbers from `low` upwards, where the number stands for a name.
    """

    low: float
    high: float
    unit: str = ""
    doc: str = ""
    count: int = 1
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"low {self.low} is not below high {self.high}")
        if self.count < 0:
            raise ValueError(f"count {self.count} is below 0")

    def length(self, channels: int) -> int:
        """How many numbers there are in a block that is given so many channels."""
        return self.count or channels

    def initial(self, channels: int) -> Any:
        """Its value before the first sample: `low`, or 0 where that is within the range; float32."""
        value = np.float32(min(max(0.0, self.low), self.high) if self.choices or self.low >= 0 else self.low)
        return value if self.count == 1 else np.full(self.length(channels), value)


class Work(NamedTuple):
    """One slow part: kernel(state) -> bool does one unit off the audio thread, and returns whether there was one.

    seconds: how long a unit may take. What is longer than LONG gets a native thread of its own, so that it delays no
    other; the rest share the graph's threads.
    """

    kernel: "Kernel"
    seconds: float = 0.0

    @property
    def long(self) -> bool:
        """Whether it has a thread of its own."""
        return self.seconds > LONG


class Block:
    """One processor: its interface (parameters, readings, channels), its memory (prepare), its native loop (process).

    The kernels are static methods under `@kernel`. In a graph the order is: fork, the branch's blocks or the works if
    there is no worker thread, process. state is the record that prepare described, params a record of the parameters;
    x is float32, C order, changed in place: (channels, samples up to block_size). Where a block makes another number
    of channels than it is given, x has the larger number of rows: the first ones hold what came, and then what goes.

    The graph adds to the state `readings`, a record with a float32, or a vector of them, for each Reading. `process`
    writes them, never a slow part: so they belong to the samples, and are the same live, offline and replayed. Where
    prepare has a field "clock", it is the number of samples since the start at the first sample of x. Where it has a
    field "waits", the slow parts keep in it how many samples must come before one of them has something to do, if all
    are in one thread and none had: then that thread sleeps until they are there. 0: they cannot tell.
    """

    rows: tuple[int, int] | None = None  # first and count of the rows that it works on; None: all
    spare: int = 0  # floats left free in params, for shares to come: more of them, and the compiled code is the same
    branch: Mapping[str, "Block"] = MappingProxyType({})  # blocks between fork and process; only Mix has any
    fork: "Kernel | None" = None  # fork(state, params, x): the first half of a block with a branch or with work
    receive: "Kernel | None" = None  # receive(state, params, kind, channel, a, b): an event at its sample, see events
    sends: bool = False  # whether it sends events to others: the graph adds `outbox` to its state
    process: "Kernel"  # process(state, params, x)

    @property
    def works(self) -> "Sequence[Kernel | Work]":
        """The slow part: kernels, or Works that say how long they take.

        Several are stages joined by rings, each with one writer and one reader: threads may share them.
        """
        return ()

    @property
    def slow(self) -> list[Work]:
        """The slow part, each stage with how long it takes."""
        return [work if isinstance(work, Work) else Work(work) for work in self.works]

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The block's controls by name: its class's Parameters, unless a block says otherwise."""
        return self._declared(Parameter)

    @property
    def readings(self) -> dict[str, Reading]:
        """What the block shows, by name: its class's Readings, unless a block says otherwise."""
        return self._declared(Reading)

    def _declared(self, kind: type) -> dict[str, Any]:
        return {n: p for c in reversed(type(self).__mro__) for n, p in vars(c).items() if isinstance(p, kind)}

    def channels(self, given: int) -> int:
        """How many channels it makes of those that it is given; ValueError if it cannot work on so many."""
        return given

    def dry(self, given: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The gains (made, given) by which what comes in is heard while the block is bypassed.

        As it came where as much goes out; else the sum of all channels to each: nothing is lost, nothing is placed.
        """
        made = self.channels(given)
        return np.eye(given, dtype=np.float32) if made == given else np.ones((made, given), np.float32)

    def latency(self, sample_rate: float) -> int:
        """Samples between an input and its effect on the output, known before prepare."""
        return 0

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        """Return all memory that the kernels will ever touch, by name, at its initial value.

        channels: those that it is given. block_size is the most samples that one call of process sees; the graph
        calls with fewer at will.
        """
        return {}

    def bind(self, state: np.void) -> object:
        """Finish the packed memory with what needs addresses (foreign sessions, tensors); return what must live on."""
        return None

    def late(self, state: np.void) -> int:
        """Samples for which something stood in for the slow part since the start, as it was not there in time."""
        return 0

    def on(self, first: int, count: int) -> Self:
        """The same block for the rows first up to first + count alone; the others pass by it."""
        if first < 0 or count < 1:
            raise ValueError(f"rows {first} to {first + count} are none")
        if self.channels(count) != count:
            raise ValueError(
                f"{type(self).__name__} makes {self.channels(count)} of {count} rows: it must have them all"
            )
        other = copy(self)
        object.__setattr__(other, "rows", (first, count))  # some blocks are frozen
        return other
