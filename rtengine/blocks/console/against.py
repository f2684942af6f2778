"""The mix against the plain sum of what came in, both equally loud, so that the better one wins and not the louder one.

Beside    L R of all strips > ... the same, and behind them their plain sum
Against   mix, ..., plain sum > mix, or at a turn the plain sum, brought to the loudness that the mix has of late
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.block import Block, Parameter, Reading
from rtengine.blocks.console.bus import nearer
from rtengine.dsp.console import place
from rtengine.dsp.loudness import k_weighting, weighted
from rtengine.native.kernel import kernel

LATE = 3.0  # seconds: time constant of both loudnesses
SILENT = 1e-7  # mean square, weighted: quieter sums have no loudness to be matched
MOST = 24.0  # dB of gain at most


@dataclass(frozen=True, eq=False)
class Beside(Block):
    """Add the plain sum of `strips` pairs, two rows, behind them and `monitors` more; these pass bit for bit."""

    strips: int = 1
    monitors: int = 0

    def channels(self, given: int) -> int:
        if given not in (1, 2 * self.strips + self.monitors):
            raise ValueError(f"{given} channels are not the {2 * self.strips} of {self.strips} strips")
        return given if given == 1 else given + 2

    def dry(self, given: int) -> NDArray[np.float32]:
        """The channels as they come, and their sum."""
        eye = np.eye(given, dtype=np.float32)
        if given == 1:
            return eye
        total = np.zeros((2, given), np.float32)
        total[:, : 2 * self.strips] = np.tile(np.eye(2, dtype=np.float32), self.strips)
        return np.concatenate([eye, total])

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return {"strips": self.strips, "monitors": self.monitors}

    @staticmethod
    @kernel
    def process(state, params, x):
        first = 2 * state.strips + state.monitors
        if x.shape[0] < first + 2:
            return
        left, right = x[first], x[first + 1]
        left[:] = 0
        right[:] = 0
        for s in range(state.strips):
            for n in range(x.shape[1]):
                left[n] += place.bounded(x[2 * s, n])
                right[n] += place.bounded(x[2 * s + 1, n])


class Against(Block):
    """Of four rows and more the first two are the mix, or at a turn the last two, which are the plain sum and end here.

    Fewer rows pass as they are.
    """

    plain = Parameter(0, 0, 1, "", "step", "hear the mix, or the plain sum as loud", ("mix", "plain sum"))
    matched = Reading(-MOST, MOST, "dB", "gain that makes the plain sum as loud as the mix")

    def channels(self, given: int) -> int:
        return given - 2 if given > 3 else given

    def dry(self, given: int) -> NDArray[np.float32]:
        """The mix, and what passes."""
        made = self.channels(given)
        found = np.eye(given, dtype=np.float32)
        return found[:made]

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return {
            "coefficients": k_weighting(sample_rate),
            "filters": np.zeros((4, 4)),
            "energy": np.zeros(2),  # of mix and plain sum, of late
            "share": -np.expm1(-1 / (LATE * sample_rate)),
            "glide": -np.expm1(-1 / (place.GLIDE * sample_rate)),
            "turned": 0.0,  # how far from the mix to the plain sum
            "gain": 1.0,
        }

    @staticmethod
    @kernel
    def process(state, params, x):
        if x.shape[0] < 4:
            return
        last = x.shape[0] - 2
        measure(state, x)
        most = 10 ** (MOST / 20)
        wanted = state.gain
        if state.energy[0] > SILENT and state.energy[1] > SILENT:
            wanted = min(max(np.sqrt(state.energy[0] / state.energy[1]), 1 / most), most)
        state.readings.matched = 20 * np.log10(wanted)
        for n in range(x.shape[1]):
            state.gain = nearer(state.gain, wanted, state.glide)
            state.turned = nearer(state.turned, np.float64(params.plain), state.glide)
            if state.turned > 0:
                a, b = np.float32(1 - state.turned), np.float32(state.turned * state.gain)
                x[0, n] = a * x[0, n] + b * x[last, n]
                x[1, n] = a * x[1, n] + b * x[last + 1, n]


@kernel
def measure(state, x):
    """The weighted mean squares of late, of the first two rows, and of the last two."""
    for c in range(4):
        f, energy, row = state.filters[c], state.energy[c // 2], x[c if c < 2 else x.shape[0] - 4 + c]
        past = f[0], f[1], f[2], f[3]
        for n in range(x.shape[1]):
            y, past = weighted(state.coefficients, past, np.float64(place.bounded(row[n])))
            energy += state.share * (y * y - energy)
        f[0], f[1], f[2], f[3] = past
        state.energy[c // 2] = energy
