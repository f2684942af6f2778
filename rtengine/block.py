"""A Block is one processor of the graph; a Parameter is one number a player can turn."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from rtengine.native.kernel import Kernel

SMOOTHING = 0.02  # seconds, time constant of every parameter that is not a step


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
