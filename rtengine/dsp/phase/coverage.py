"""How much of the overlap-add is there while frames are still missing, and what makes up for it.

Frames -overlap + 1 to `newest` have come; block 0 begins with frame 0. Where not all frames overlap yet, the sum is a
share s of what it will be. Dividing by s makes up for the missing, not dividing trusts that nothing is missing; an
estimate for the next iteration divides by s^P, what is given away for good divides by s (least squares).
"""

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.vector.frames import overlapped

P = 0.75  # 1 and 0 lose 1 to 5 dB
LEAST = 1e-4  # share below which nothing is known
FADE = 8  # of a hop: how long a block fades in, where its first frames are new; shorter leaves clicks, longer blurs


def least_look_ahead(n_fft: int, hop_length: int) -> int:
    """The samples given away lie in the first three quarters of the newest frame, where its window is at least 1/2."""
    return 1 - 3 * (n_fft // hop_length) // 4


def shares(
    window: NDArray[np.float64], hop_length: int, newest: int, last: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The sum of squared windows of frames up to `last`, and of all there will be.

    Returns two arrays (newest + overlap, hop_length).
    """
    overlap = len(window) // hop_length
    past, blocks = (overlap - 1) * hop_length, newest + overlap
    norm = np.zeros(blocks * hop_length)
    so_far = overlapped(window**2, hop_length, overlap + last)[past:]
    norm[: len(so_far)] = so_far
    full = overlapped(window**2, hop_length, 2 * overlap - 1 + newest)[past : past + len(norm)]
    return norm.reshape(blocks, hop_length), full.reshape(blocks, hop_length)


def estimate_weights(
    window: NDArray[np.float64], hop_length: int, channels: int, newest: int, final: int, blocks: int
) -> NDArray[np.float32]:
    """1 / (norm^P full^(1 - P)), without and with the newest frame; 0 before block `final`, where samples are known.

    Returns (2, hop_length + 1, blocks): row u holds block b of channel c as number b * channels + c.
    """
    rows = np.zeros((2, hop_length + 1, blocks), np.float32)
    for n in range(2):
        norm, full = shares(window, hop_length, newest, newest - 1 + n)
        known = norm > LEAST * full
        weight = np.where(known, np.where(known, norm, 1) ** -P * full ** (P - 1), 0)
        weight[:final] = 0
        rows[n, :-1, : channels * len(weight)] = np.repeat(weight.T, channels, axis=1)
    return rows


def final_gains(
    window: NDArray[np.float64], hop_length: int, newest: int, final: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the sums in block `final` are multiplied by to be given away, and those in the next one to fade.

    The second is empty where nothing fades, for `final` is 0 and all frames have come.
    """
    norm, _ = shares(window, hop_length, newest, newest)
    if final == 0:
        return (1 / norm[0]).astype(np.float32), np.zeros(0, np.float32)
    rise = np.ones(hop_length)
    fade = hop_length // FADE
    rise[:fade] = (np.arange(fade) + 0.5) / fade
    return (rise / norm[final]).astype(np.float32), ((1 - rise) / norm[final + 1])[:fade].astype(np.float32)
