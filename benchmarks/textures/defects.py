"""What goes wrong in a sound, as numbers: clicks, combs, seams, what fills pauses, level, peaks. All at 44.1 kHz."""

import numpy as np
import soxr
from numpy.typing import NDArray

from rtengine.models.texture.bands import HOP_LENGTH, SAMPLE_RATE, loudness_weights
from rtengine.models.texture.training import judge

Samples = NDArray[np.float32]
Array = NDArray[np.float64]

SUDDEN = 12.0  # a click's second difference against the median of what is around it
AROUND = 220  # samples, 5 ms: a click is shorter, the bright head of a zap is not
APART = 441  # samples between two clicks, 10 ms
DEPTH = 60.0  # dB below the mean that counts as silence


def defects(song: Samples, y: Samples, sound: Samples) -> dict[str, float]:
    """Compare an output with its song, (samples,) both; what the song or the texture's own sound has is no defect.

    clicks: a second, more than in either.  comb: dB of ripple from 12 to 18 kHz, more than in either.  seams: dB by
    which the sharpest place of the hop stands out, more than in the song.  quiet: dB by which the song's quietest tenth
    rises against the whole.  level: dB of loudness, either way (BS.1770's K curve, without its gates).
    """
    own = [song, sound]
    return {
        "clicks": max(0.0, clicks(y) - max(map(clicks, own))),
        "comb": max(0.0, comb(y) - max(map(comb, own))),
        "seams": max(0.0, seams(y) - seams(song)),
        "quiet": leakage(song, y),
        "level": abs(loudness(y) - loudness(song)),
    }


def clicks(x: Samples) -> float:
    """How many samples a second stick out of what is around them."""
    d = np.abs(np.diff(x.astype(np.float64), n=2))
    pieces = d[: len(d) // AROUND * AROUND].reshape(-1, AROUND)
    usual = np.median(pieces, 1)
    usual = np.max([np.roll(usual, 1), usual, np.roll(usual, -1)], 0)  # where a sound begins is no click
    found = np.flatnonzero(pieces > SUDDEN * usual[:, None] + 1e-4)
    return float(np.count_nonzero(np.diff(found, prepend=-APART) >= APART) * SAMPLE_RATE / len(x))


def comb(x: Samples) -> float:
    """Ripple of the long-term spectrum from 12 to 18 kHz: dB, RMS, around its mean over 1.5 kHz."""
    p = judge.spectrogram(x, 2048, 512).mean(1)
    d = 10 * np.log10(p + 1e-4 * p.mean() + 1e-12)
    width = int(1500 * 2048 / SAMPLE_RATE) | 1
    ripple = d - np.convolve(np.pad(d, width // 2, mode="edge"), np.ones(width) / width, "valid")
    low, high = (int(f * 2048 / SAMPLE_RATE) for f in (12000, 18000))
    return float(np.sqrt(np.mean(ripple[low:high] ** 2)))


def seams(x: Samples) -> float:
    """How far the place of the hop with the most sudden change stands out of the mean place, dB."""
    d = np.abs(np.diff(x.astype(np.float64), n=2))
    d = np.minimum(d, 20 * np.median(d) + 1e-9)  # drums are no seams
    folded = (d[: len(d) // HOP_LENGTH * HOP_LENGTH].reshape(-1, HOP_LENGTH) ** 2).mean(0)
    return float(10 * np.log10((folded.max() + 1e-20) / (folded.mean() + 1e-20)))


def leakage(song: Samples, y: Samples) -> float:
    """How far the quietest tenth of a song's pieces of 23 ms has risen against the rest, dB."""
    before, after = (_levels(x) for x in (song, y))
    quiet = np.argsort(before)[: len(before) // 10]
    return float(_decibels(after, quiet) - _decibels(before, quiet))


def _levels(x: Samples) -> Array:
    return np.square(x[: len(x) // 1024 * 1024].astype(np.float64)).reshape(-1, 1024).mean(1)


def _decibels(levels: Array, chosen: NDArray[np.int64]) -> float:
    return max(-DEPTH, float(10 * np.log10(levels[chosen].mean() / (levels.mean() + 1e-20) + 1e-20)))


def loudness(x: Samples) -> float:
    """Level under the K curve, dB."""
    return float(10 * np.log10(np.mean(judge.spectrogram(x, 1024, 256).T @ loudness_weights()) + 1e-12))


def true_peak(x: Samples) -> float:
    """Highest magnitude at four times the rate, dBTP."""
    return float(20 * np.log10(np.abs(soxr.resample(x, SAMPLE_RATE, 4 * SAMPLE_RATE, "VHQ")).max() + 1e-9))
