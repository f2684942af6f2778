"""Dry/wet mix."""

from typing import Any

import numpy as np

from rtengine.block import SMOOTHING, Block, Parameter
from rtengine.native.kernel import kernel
from rtengine.native.ring import power_of_two

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
            "angle": np.float32(-1),  # none yet: the first sample has the angle it should
            "slope": np.float32(np.pi / 2 / (SMOOTHING * sample_rate)),  # the most that it moves in a sample
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
        """Move along the quarter circle (dry, wet) = (cos, sin) angle: sqrt alone has no bound to its slope at 0."""
        start = state.written - x.shape[1] - state.latency
        angle, target, slope = state.angle, np.arcsin(np.sqrt(params.amount)), state.slope
        if angle < 0:
            angle = target
        n = 0
        while n < x.shape[1] and angle != target:
            angle += min(max(target - angle, -slope), slope)
            blend(state.line, start + n, x, n, n + 1, np.cos(angle), np.sin(angle))
            n += 1
        state.angle = angle
        dry, wet = np.sqrt(np.float32(1) - params.amount), np.sqrt(params.amount)
        blend(state.line, start + n, x, n, x.shape[1], dry, wet)


@kernel
def blend(line, start, x, first, last, dry, wet):
    """X = wet x + dry line for the samples first up to last; the line is read from start on."""
    mask = line.shape[1] - 1
    for c in range(x.shape[0]):
        for n in range(first, last):
            x[c, n] = wet * x[c, n] + dry * line[c, (start + n - first) & mask]
