"""Dry/wet mix."""

from typing import Any

import numpy as np

from rtengine.block import SMOOTHING, Block, Parameter, kernel
from rtengine.ring import power_of_two


ROOM = 2**17  # samples at least of the dry path, so that most graphs have the same compiled code


class Mix(Block):
    """Equal-power blend of its branch with its input, the input delayed by the branch's latency.

    y = sqrt(amount) wet + sqrt(1 - amount) dry. At 0 and 1 the one or the other comes out bit for bit.
    """

    amount = Parameter(1.0, 0.0, 1.0, "", "linear", "0 is dry, 1 is wet")

    def __init__(self, **wet: Block) -> None:
        self.branch = wet

    def latency(self, sample_rate: float) -> int:
        return sum(block.latency(sample_rate) for block in self.branch.values())

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        latency = self.latency(sample_rate)
        return {
            "line": np.zeros((channels, max(power_of_two(latency + block_size), ROOM)), np.float32),
            "written": 0,
            "latency": latency,
            "amount": np.float32(self.amount.default),
            "slope": np.float32(1 / (SMOOTHING * sample_rate)),  # the most that amount moves in a sample
        }

    @staticmethod
    @kernel
    def fork(state, params, x):
        """Keep the dry signal."""
        mask = state.line.shape[1] - 1
        for c in range(x.shape[0]):
            for n in range(x.shape[1]):
                state.line[c, (state.written + n) & mask] = x[c, n]
        state.written += x.shape[1]

    @staticmethod
    @kernel
    def process(state, params, x):
        mask = state.line.shape[1] - 1
        start = state.written - x.shape[1] - state.latency
        amount, slope = state.amount, state.slope
        for n in range(x.shape[1]):
            amount += min(max(params.amount - amount, -slope), slope)
            wet = np.sqrt(amount)
            dry = np.sqrt(np.float32(1) - amount)
            for c in range(x.shape[0]):
                x[c, n] = wet * x[c, n] + dry * state.line[c, (start + n) & mask]
        state.amount = amount
