"""The simplest block with a parameter."""

import numpy as np

from rtengine.block import Block, Parameter
from rtengine.native.kernel import kernel


class Level(Block):
    """Adds its parameter to the signal: shows what the parameter is at each sample."""

    level = Parameter(0, -1, 1, "", "linear", "added to every sample")
    switch = Parameter(0, 0, 3, "", "step", "does nothing", ("a", "b", "c", "d"))

    @staticmethod
    @kernel
    def process(state, params, x):
        for c in range(x.shape[0]):
            for n in range(x.shape[1]):
                x[c, n] += params.level


def silence(n: int) -> np.ndarray:
    return np.zeros((2, n), np.float32)
