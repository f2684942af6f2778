"""Where the fit of a window begins: each band is given the distribution of levels that the texture has in it.

The frames of a band keep their order, the loud ones stay the loud ones, but the i-th of them gets the level that the
i-th of the texture's has: a hiss becomes even, a chirp stands out of silence. Of a blend of textures, each level is the
mean of theirs (the Wasserstein barycentre of one-dimensional distributions). Levels are against the broadband level of
the second around, as in the statistics.

Source: Pitie, Kokaram, Dahyot, "N-dimensional probability density function transfer", ICCV 2005 (one dimension of it).
"""

from typing import Any

import numpy as np

from rtengine.dsp.elementary import exp, log
from rtengine.models.texture.bands import BANDS, FRAME_RATE
from rtengine.native.kernel import kernel

AROUND = int(FRAME_RATE) // 2  # frames to either side, of the broadband level
DEEP = np.float32(6.9)  # nepers, 60 dB, below the loudest that counts
EQUALISED = np.float32(0.6)  # the rest is left to the steps, which weigh what of the song it would cost
TINY, HALF, TWO = np.float32(1e-12), np.float32(0.5), np.float32(2)


def prepare(frames: int) -> dict[str, Any]:
    """Memory for windows of so many frames."""
    return {
        "wanted": np.zeros((BANDS, frames), np.float32),  # levels, lowest first
        "level": np.zeros((BANDS, frames), np.float32),
        "order": np.zeros(frames, np.int64),
        "mean": np.zeros(BANDS, np.float32),  # of each band's levels
        "broad": np.zeros(frames, np.float32),  # level of all bands
    }


@kernel
def want(memory, levels, share):
    """Add a share of a texture's levels (frames, BANDS), in nepers, to those that are wanted."""
    steady(memory, levels)
    for b in range(BANDS):
        sort(memory.level[b], memory.order)
        for i in range(memory.order.shape[0]):
            memory.wanted[b, i] += share * memory.level[b, memory.order[i]]


@kernel
def begin(memory, levels, spectrum, gains):
    """Set gains (frames, BANDS), in nepers, that give levels (frames, BANDS) the wanted distribution.

    spectrum (BANDS,): mean levels, against the broadband level, towards which each band goes EQUALISED of the way.
    """
    steady(memory, levels)
    for b in range(BANDS):
        sort(memory.level[b], memory.order)
        whole = EQUALISED * (spectrum[b] - memory.mean[b])
        for i in range(memory.order.shape[0]):
            m = memory.order[i]
            gains[m, b] = whole + memory.wanted[b, i] - memory.level[b, m]


@kernel
def steady(memory, levels):
    """Take levels (frames, BANDS) against the broadband level of the second around, and each band's mean from them."""
    frames, level, broad = levels.shape[0], memory.level, memory.broad
    highest = levels[0, 0]
    for m in range(frames):
        power = TINY
        for b in range(BANDS):
            power += exp(TWO * levels[m, b]) / np.float32(BANDS)
            highest = max(highest, levels[m, b])
        broad[m] = HALF * log(power)
    total = np.float32(0)
    for i in range(-AROUND, AROUND):
        total += broad[min(max(i, 0), frames - 1)]
    for m in range(frames):
        total += broad[min(m + AROUND, frames - 1)]
        for b in range(BANDS):
            level[b, m] = max(levels[m, b], highest - DEEP) - total / np.float32(2 * AROUND + 1)
        total -= broad[max(m - AROUND, 0)]
    for b in range(BANDS):
        mean = np.float32(0)
        for m in range(frames):
            mean += level[b, m]
        for m in range(frames):
            level[b, m] -= mean / np.float32(frames)
        memory.mean[b] = mean / np.float32(frames)


@kernel
def sort(values, order):
    """The order of values (n,), lowest first and of equal ones the first, as indices (n,): a heap sort."""
    count = order.shape[0]
    for i in range(count):
        order[i] = i
    for root in range(count // 2 - 1, -1, -1):
        sift(values, order, root, count)
    for end in range(count - 1, 0, -1):
        order[0], order[end] = order[end], order[0]
        sift(values, order, 0, end)


@kernel
def sift(values, order, root, end):
    """Let the entry at `root` sink until none below it is greater."""
    while 2 * root + 1 < end:
        child = 2 * root + 1
        if child + 1 < end and after(values, order[child + 1], order[child]):
            child += 1
        if not after(values, order[child], order[root]):
            return
        order[root], order[child] = order[child], order[root]
        root = child


@kernel
def after(values, a, b):
    """Whether entry a comes after entry b."""
    return values[a] > values[b] or (values[a] == values[b] and a > b)
