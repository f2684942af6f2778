"""What the texture network does not learn: bands, reaches and times. Training and the host's kernels share it.

All levels in nepers. Names as in the equations of training/network.py and training/features.py.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.models.texture.bands import BANDS, BINS, FRAME_RATE, band_centres, band_matrices, loudness_weights
from rtengine.models.texture.embedding import REACH

SLOW = 3.0  # s, of the means that tell a song's long-term spectrum and level
FAST = 0.05  # s, of the level that the texture's own sound follows
MEANS = 2 * BANDS + 4  # slow means of bands, power and 1; fast means of the same
WIDTH = 3 * BANDS + 2  # of what the network hears
LOUDNESS = 1.5  # s, of the powers that the output's level is matched by
HELD = 0.12  # s, in which the room for the texture's own sound closes after the music
ROOM, LEAST_ROOM = 1.0, 0.35  # nepers (9 and 3 dB) by which a moment may get louder than the music, loud or quiet
QUIET = 2.3  # nepers (20 dB) below the usual level, where there is least room
NEIGHBOURS = 3  # bands, less one, to either side that share in the depth of each
FULL = 0.82  # the strength at which the curves apply as they were trained; a player can go beyond
BASS = 220.0  # Hz, below which
BASS_REACH = 0.9  # nepers (8 dB) are the most that the curve of gains, or the exemplar's spectrum, may move the music
DEEPEST = 2.0  # nepers (17 dB) that the exemplar's spectrum may take from it elsewhere
GATHERED = 0.4  # of the partials' spectrum, so that a single lobe makes about 1 in its bands

Floats = NDArray[np.float32]


class Shape(NamedTuple):
    """Fixed arrays. analysis (BINS, BANDS + 2): power of bins to power of bands, mean power, loudness.

    synthesis (BANDS, BINS), columns of sum 1; gathering (BINS, BANDS); loudness (BINS,); least (BANDS,); reach
    (5 BANDS,), of the curves; deepest (2, BANDS), of the modulation; evening (BANDS, BANDS).
    """

    analysis: Floats
    synthesis: Floats
    gathering: Floats
    loudness: Floats
    least: Floats
    reach: Floats
    deepest: Floats
    evening: Floats


def shape() -> Shape:
    """Return all of them."""
    bands, synthesis = band_matrices()
    loudness, centre = loudness_weights(), band_centres()
    mean = np.full((BINS, 1), 1 / BINS, np.float32)
    reach = np.repeat(np.array(REACH, np.float32), BANDS)
    reach[:BANDS] = np.interp(np.log2(centre / BASS), [0, 1.3], [BASS_REACH, REACH[0]])
    band = np.arange(BANDS)
    near = np.maximum(0, NEIGHBOURS - np.abs(band[:, None] - band))
    return Shape(
        analysis=np.concatenate([bands.T, mean, loudness[:, None]], 1),
        synthesis=synthesis,
        gathering=np.float32(GATHERED) * np.ascontiguousarray(synthesis.T),
        loudness=loudness,
        least=-np.interp(np.log2(centre / BASS), [0, 1], [BASS_REACH, DEEPEST]).astype(np.float32),
        reach=reach,
        deepest=np.stack([reach[:BANDS] / np.float32(REACH[0]), np.ones(BANDS, np.float32)]),  # less in the bass
        evening=(near / near.sum(0)).astype(np.float32),
    )


def decay(seconds: float) -> float:
    """What a running mean of this time constant keeps from one frame to the next."""
    return math.exp(-1 / (seconds * FRAME_RATE))
