"""The bus with a room of the player's own: an impulse response in place of the delay lines."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.blocks.console.bus import Bus, finish, gather
from rtengine.dsp.console import convolution
from rtengine.native.kernel import kernel


def _silence() -> NDArray[np.float32]:
    return np.zeros((2, 1), np.float32)


@dataclass(frozen=True, eq=False)
class Hall(Bus):
    """As Bus; `room_decay` and `room_damping` do nothing, for the response has its own.

    response: (2, taps) float32 at the graph's rate, at most convolution.TAPS; ValueError says so.
    """

    response: NDArray[np.float32] = field(default_factory=_silence)

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return super().prepare(sample_rate, block_size, channels) | {"room": convolution.prepare(self.response)}

    @staticmethod
    @kernel
    def process(state, params, x):
        n = x.shape[1]
        gather(state, params, x)
        convolution.run(state.room, state.send[0, :n], state.sum[0, :n], state.sum[1, :n])
        finish(state, params, x)
