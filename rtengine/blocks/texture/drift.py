"""Phases of their own for what is textured: each band's phase wanders from the song's, by a Hz or two.

Without it, a note that is held keeps the phase it has in the song, and one is heard through the other as through a
filter. The wandering is slow against a frame, alike in neighbouring bands, the same in all channels, and grows with the
strength from nothing at 0. The bass stays where it is.
"""

from typing import Any

import numpy as np

from rtengine.dsp.noise import white_noise
from rtengine.models.texture.bands import BANDS, FRAME_RATE, band_centres
from rtengine.models.texture.shape import BASS, decay, shape
from rtengine.models.texture.weights import spans
from rtengine.native.kernel import kernel

SECONDS = 0.1  # time constant of each of two means that make the wandering slow
NEAR = 5  # bands that wander alike
KEEP = np.float32(decay(SECONDS))
FULL_AT = np.float32(2.5)  # times the strength, up to 1: how far
CHANCES = np.int64(7919)  # apart from the seeds of the noise
TINY = np.float32(1e-12)


def prepare(hertz: float) -> dict[str, Any]:
    """Memory of `wander`. hertz: RMS of the wandering's frequency above the bass."""
    keep = decay(SECONDS)
    left = (1 - keep) ** 4 * (1 + keep * keep) / (1 - keep * keep) ** 3 / NEAR  # variance of white noise, so smoothed
    rise = np.clip(np.log2(band_centres() / BASS) + 1, 0, 1)
    fixed = shape()
    return {
        "step": (2 * np.pi * hertz / FRAME_RATE / np.sqrt(left) * rise).astype(np.float32),  # radians a frame
        "noise": np.zeros((1, BANDS + NEAR - 1), np.float32),
        "slow": np.zeros((2, BANDS), np.float32),
        "turn": np.stack([np.ones(BANDS, np.float32), np.zeros(BANDS, np.float32)]),  # of each band, e^(j phase)
        "synthesis": fixed.synthesis,
        "spans": spans(fixed.synthesis),
        "bins": np.zeros((2, fixed.synthesis.shape[1]), np.float32),
    }


@kernel
def wander(drift, seed, frame):
    """Turn each band a little further."""
    white_noise(seed + CHANCES, frame * drift.noise.shape[1], drift.noise)
    turn, slow = drift.turn, drift.slow
    for b in range(BANDS):
        total = np.float32(0)
        for i in range(NEAR):
            total += drift.noise[0, b + i]
        slow[0, b] = KEEP * slow[0, b] + (np.float32(1) - KEEP) * total / np.float32(NEAR)
        slow[1, b] = KEEP * slow[1, b] + (np.float32(1) - KEEP) * slow[0, b]
        a = drift.step[b] * slow[1, b]
        c, s = turn[0, b] - a * turn[1, b], turn[1, b] + a * turn[0, b]
        size = np.float32(1) / np.sqrt(c * c + s * s)
        turn[0, b], turn[1, b] = c * size, s * size


@kernel
def spread(drift, strength):
    """The turns of all bins, unit vectors (2, bins): none at strength 0."""
    share = min(np.float32(1), FULL_AT * strength)
    bins = drift.bins
    for k in range(bins.shape[1]):
        bins[0, k], bins[1, k] = np.float32(1) - share, 0
    for b in range(BANDS):
        for k in range(drift.spans[b, 0], drift.spans[b, 1]):
            bins[0, k] += share * drift.turn[0, b] * drift.synthesis[b, k]
            bins[1, k] += share * drift.turn[1, b] * drift.synthesis[b, k]
    for k in range(bins.shape[1]):
        size = np.sqrt(bins[0, k] * bins[0, k] + bins[1, k] * bins[1, k])
        c, s = (bins[0, k] / size, bins[1, k] / size) if size > TINY else (np.float32(1), np.float32(0))
        bins[0, k], bins[1, k] = c, s
