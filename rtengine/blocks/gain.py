"""Gain."""

from typing import Any

import numpy as np

from rtengine.block import SMOOTHING, Block, Parameter
from rtengine.native.kernel import kernel

SILENCE, HIGHEST = -60.0, 24.0  # dB


class Gain(Block):
    """Louder or softer. At 0 dB the sound passes bit for bit; at -60 dB there is silence, as at the end of a fader.

    The level slides in dB, so that a move is as smooth at the bottom of the range as at its top.
    """

    gain = Parameter(0.0, SILENCE, HIGHEST, "dB", "linear", "-60 is silence")

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return {
            "level": np.float32(-np.inf),  # dB; none yet: the first sample has the level it should
            "slope": np.float32((HIGHEST - SILENCE) / (SMOOTHING * sample_rate)),  # the most dB in a sample
        }

    @staticmethod
    @kernel
    def process(state, params, x):
        level, target, slope = state.level, params.gain, state.slope
        if level < SILENCE:
            level = target
        n = 0
        while n < x.shape[1] and level != target:
            level += min(max(target - level, -slope), slope)
            factor = amplitude(level)
            for c in range(x.shape[0]):
                x[c, n] *= factor
            n += 1
        state.level = level
        factor = amplitude(level)
        for c in range(x.shape[0]):
            for i in range(n, x.shape[1]):
                x[c, i] *= factor


@kernel
def amplitude(level):
    """The factor of a level in dB."""
    return np.float32(0) if level <= SILENCE else np.float32(10 ** (level / 20))
