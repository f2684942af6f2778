"""Width for mixes of mono channels."""

from typing import Any

import numpy as np

from rtengine.block import Block, Parameter
from rtengine.dsp.console import place, spread
from rtengine.native.kernel import kernel

NONE = -60.0  # dB


class Spread(Block):
    """Add a side signal made of the middle, so many dB below it in three bands (250 and 2500 Hz between them).

    The sum of left and right stays what it was: nothing is lost in mono. One row, or more than two, pass as they are.
    At its defaults there is no side and the sound passes bit for bit.
    """

    low = Parameter(-16.1, NONE, 6.0, "dB", "linear", "side over mid below 250 Hz")
    middle = Parameter(NONE, NONE, 6.0, "dB", "linear", "side over mid from 250 to 2500 Hz; -60 is no side at all")
    high = Parameter(-10.2, NONE, 6.0, "dB", "linear", "side over mid above 2500 Hz")

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        glide = -np.expm1(-1 / (place.GLIDE * sample_rate))
        return {"sample_rate": float(sample_rate), "glide": glide, "spread": spread.prepare(sample_rate, block_size)}

    @staticmethod
    @kernel
    def process(state, params, x):
        if x.shape[0] == 2:
            low, middle, high = np.float64(params.low), np.float64(params.middle), np.float64(params.high)
            spread.run(state.spread, x, low, middle, high, state.glide, state.sample_rate)
