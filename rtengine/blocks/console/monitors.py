"""What musicians hear of themselves: mixes of the microphones as they come in, which the machine never touches."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import carray
from numpy.typing import NDArray

from rtengine.block import Block, Parameter
from rtengine.blocks.console.bus import OFF, nearer
from rtengine.dsp.console import place
from rtengine.native.intrinsics import fields
from rtengine.native.kernel import kernel

MOST = 6


@dataclass(frozen=True, eq=False)
class Monitors(Block):
    """Add `count` mono mixes behind 2 `strips` channels, which pass bit for bit; each strip counts as (L + R) / 2.

    count: 1 to 6; ValueError says so.  send1_3 is how loud strip 3 is in mix 1, level1 is that of mix 1.  One channel
    alone passes, with nothing behind it.
    """

    strips: int = 1
    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST:
            raise ValueError(f"{self.count} monitor mixes are not 1 to {MOST}")

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Of each mix its level and the sends of all strips: the kernel counts on this order."""
        found = {}
        for m in range(1, self.count + 1):
            found[f"level{m}"] = Parameter(0.0, place.SILENCE, 10.0, "dB", "linear", f"of monitor mix {m}")
            for s in range(1, self.strips + 1):
                doc = f"strip {s} in monitor mix {m}, in front of its fader; -60 is none"
                found[f"send{m}_{s}"] = Parameter(0.0, OFF, 10.0, "dB", "linear", doc)
        return found

    def channels(self, given: int) -> int:
        if given not in (1, 2 * self.strips):
            raise ValueError(f"{given} channels are not the {2 * self.strips} of {self.strips} strips")
        return given if given == 1 else given + self.count

    def dry(self, given: int) -> NDArray[np.float32]:
        """The channels as they come, and of all of them a share for each mix."""
        eye = np.eye(given, dtype=np.float32)
        return np.concatenate([eye, np.full((self.channels(given) - given, given), 1 / given, np.float32)])

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return {
            "gains": np.full((self.count, self.strips), np.nan),
            "glide": -np.expm1(-1 / (place.GLIDE * sample_rate)),
        }

    @staticmethod
    @kernel
    def process(state, params, x):
        count, strips = state.gains.shape
        if x.shape[0] < 2 * strips + count:
            return
        p = carray(fields(params), count * (strips + 1))
        for m in range(count):
            row, first = x[2 * strips + m], m * (strips + 1)
            row[:] = 0
            level = place.amplitude(p[first])
            for s in range(strips):
                send = p[first + 1 + s]
                gain = 0.0 if send <= OFF else 0.5 * level * 10 ** (send / 20)
                add(state, m, s, gain, x[2 * s], x[2 * s + 1], row)


@kernel
def add(state, m, s, target, left, right, row):
    """Add a strip to a mix, its gain on its way to the target."""
    gain = state.gains[m, s]
    if np.isnan(gain):
        gain = target
    for n in range(row.shape[0]):
        gain = nearer(gain, target, state.glide)
        row[n] += np.float32(gain) * (place.bounded(left[n]) + place.bounded(right[n]))
    state.gains[m, s] = gain
