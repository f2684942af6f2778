"""Room for stereo behind single microphones."""

import numpy as np
from numpy.typing import NDArray

from rtengine.block import Block
from rtengine.native.kernel import kernel


class Pairs(Block):
    """Each channel becomes a pair, left and right alike, for strips to place it: n channels in, 2 n out."""

    def channels(self, given: int) -> int:
        return 2 * given

    def dry(self, given: int) -> NDArray[np.float32]:
        """Each channel to both of its pair."""
        return np.repeat(np.eye(given, dtype=np.float32), 2, axis=0)

    @staticmethod
    @kernel
    def process(state, params, x):
        """From the last one on, for the pairs lie where later channels were."""
        for c in range(x.shape[0] // 2 - 1, -1, -1):
            for n in range(x.shape[1]):
                v = x[c, n]
                x[2 * c, n] = v
                x[2 * c + 1, n] = v
