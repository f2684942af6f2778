"""A block whose sound comes back from a worker: minus a half of it, 1024 samples later."""

from typing import Any

import numpy as np

from rtengine.block import Block
from rtengine.blocks import offload
from rtengine.native import ring
from rtengine.native.kernel import Kernel, kernel

LATENCY, HEADROOM = 1024, 512  # samples


class Delayed(Block):
    """As the texture is, and compiled in no time."""

    def latency(self, sample_rate: float) -> int:
        return LATENCY

    @property
    def works(self) -> tuple[Kernel, ...]:
        return (halve,)

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        ends = offload.prepare(LATENCY, HEADROOM, channels, block_size, 0, False)
        return {"clock": np.int64(0), "ends": ends, "cell": np.zeros((channels, block_size), np.float32)}

    def late(self, state: np.void) -> int:
        return int(state["ends"]["late"])

    @staticmethod
    @kernel
    def fork(state, params, x):
        offload.send(state.ends, params, x)

    @staticmethod
    @kernel
    def process(state, params, x):
        offload.receive(state.ends, x, state.clock)


@kernel
def halve(state):
    ends = state.ends
    if ring.filled(ends.up.index) < state.cell.shape[1] or ring.free(ends.down.index, ends.down.data.shape[1]) < 64:
        return False
    ring.read(ends.up, state.cell)
    for c in range(state.cell.shape[0]):
        for n in range(state.cell.shape[1]):
            state.cell[c, n] *= np.float32(-0.5)
    ring.write(ends.down, state.cell)
    return True
