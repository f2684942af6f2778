"""The gliding tones of a recording: what any sound's own bubbles, zaps and chords are.

Peaks of a spectrogram that stand out of what surrounds them are joined from frame to frame into tracks.
Source: McAulay and Quatieri, "Speech analysis/synthesis based on a sinusoidal representation", IEEE TASSP 34, 1986.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.models.texture.bands import HOP_LENGTH, SAMPLE_RATE
from rtengine.models.texture.fingerprint import Array, spectrogram

SIZES = (2048, 512, 256)  # points of a frame: for tones that stand, that glide, that fall fast
PEAKS = 12  # at most, a frame
AROUND = 260.0  # Hz, and at least 5 bins, each way that a peak must stand out of,
PROMINENCE = 3.0  # by so many nepers of power
DEPTH = 11.5  # nepers of power below the loudest bin, 50 dB
JUMP, BEND = 2.5, 0.4  # bins from one frame to the next, and more by so much of the last step
BEGIN = 10  # bins: the last step where there was none
SURER = 0.15  # by how much the share of short frames must be greater, for in these noise has tones too
SHORTEST = 5  # frames
LOWEST = 170.0  # Hz


class Track(NamedTuple):
    """One tone: its bins (fractions too) and powers, frame by frame from the first on, of spectra of n_fft points."""

    first: int
    bins: list[float]
    powers: list[float]
    n_fft: int


def tracks(x: NDArray[np.float32]) -> tuple[list[Track], float]:
    """All tones of (samples,) at 44.1 kHz, and their share of the sound's power above LOWEST."""
    best = _tracks(x, SIZES[0])
    for n_fft in SIZES[1:]:
        found = _tracks(x, n_fft)
        best = found if found[1] > best[1] + SURER else best
    return best


def _tracks(x: NDArray[np.float32], n_fft: int) -> tuple[list[Track], float]:
    power = spectrogram(x, n_fft, HOP_LENGTH)
    width = SAMPLE_RATE / n_fft
    lowest, around = round(LOWEST / width), max(5, round(AROUND / width))
    log = np.log(power + 1e-12)
    sums = np.cumsum(np.pad(log, ((around + 1, around), (0, 0)), mode="edge"), axis=0)
    prominent = log - (sums[2 * around + 1 :] - sums[: -2 * around - 1]) / (2 * around + 1) > PROMINENCE
    prominent &= log > log.max() - DEPTH
    prominent[1:-1] &= (log[1:-1] >= log[:-2]) & (log[1:-1] > log[2:])
    prominent[:lowest] = prominent[-1] = False
    done: list[Track] = []
    live: list[Track] = []
    for m in range(log.shape[1]):
        found = np.flatnonzero(prominent[:, m])
        found = found[np.argsort(log[found, m])[-PEAKS:]]
        now = {float(k + _offset(log[k - 1 : k + 2, m])): float(power[k - 1 : k + 2, m].sum()) for k in found}
        rest = []
        for track in live:
            guess = 2 * track.bins[-1] - track.bins[-2] if len(track.bins) > 1 else track.bins[-1]
            near = min(now, key=lambda k: abs(k - guess), default=math.inf)
            step = abs(guess - track.bins[-1]) if len(track.bins) > 1 else BEGIN
            if abs(near - guess) <= JUMP + BEND * step:
                track.bins.append(near)
                track.powers.append(now.pop(near))
                rest.append(track)
            elif len(track.bins) >= SHORTEST:
                done.append(track)
        live = rest + [Track(m, [k], [p], n_fft) for k, p in now.items()]
    done += [track for track in live if len(track.bins) >= SHORTEST]
    tonal = sum(sum(track.powers) for track in done)
    return done, min(1.0, tonal / (float(power[lowest:].sum()) + 1e-9))


def _offset(log: Array) -> float:
    """Where the top of a parabola through three points is, -0.5 to 0.5 from the middle one."""
    bend = 2 * log[1] - log[0] - log[2]
    return float(np.clip(0.5 * (log[2] - log[0]) / max(bend, 1e-3), -0.5, 0.5))
