"""Levels in third octaves: how a console looks at spectra.

The power of Hann windows of N_FFT samples, averaged over those that are not silent, summed to bands whose edges are a
third of an octave apart. What lies between two bins is shared by length, so that narrow bands have their share too.
Source: IEC 61260-1 (centres, base 10); P. D. Welch, 1967 (the average).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.stft import stft
from rtengine.native.kernel import kernel

N_FFT, HOP = 8192, 8192  # side by side: over a song nothing is missed, and it is twice as fast
CENTRES = 1000 * 10 ** (np.arange(-16, 14) / 10)  # Hz: 25 Hz to 20 kHz
COUNT = len(CENTRES)
PIECE = 1 << 18  # samples looked at together, for memory
SILENT = -60.0  # dB: frames that lie so far below the loudest do not count
FLOOR = -120.0  # dB: no level is lower

Levels = NDArray[np.float64]


@dataclass(frozen=True)
class Spectrum:
    """Mean levels of one sound in third octaves, dB, (COUNT,) each. Of mono sounds side is FLOOR."""

    left: Levels
    right: Levels
    mid: Levels
    side: Levels

    @property
    def both(self) -> Levels:
        """Left and right together."""
        return decibels((10 ** (self.left / 10) + 10 ** (self.right / 10)) / 2)


def decibels(power: NDArray[np.float64]) -> Levels:
    """Of a power; FLOOR at least."""
    return 10 * np.log10(np.maximum(power, 10 ** (FLOOR / 10)))


def spectrum(x: NDArray[np.float32], sample_rate: float) -> Spectrum:
    """Measure x, (1 or 2, samples); shorter than a window is padded with zeros."""
    both, share = np.stack([x[0], x[-1]]), weights(sample_rate).astype(np.float32)
    return mean([powers(both[:, n : n + PIECE], share) for n in range(0, max(x.shape[1], 1), PIECE)])


def mean(pieces: Sequence[NDArray[np.float32]]) -> Spectrum:
    """The mean levels over the windows of all pieces that are not silent, see `powers`."""
    left, right, cross = np.concatenate(pieces, axis=2).astype(np.float64)  # (COUNT, frames) each
    level = (left + right).sum(axis=0)
    heard = level > max(level.max() * 10 ** (SILENT / 10), 0)
    if not heard.any():
        return Spectrum(*np.full((4, COUNT), FLOOR))
    left, right, cross = (p[:, heard].mean(axis=1) for p in (left, right, cross))
    mid, side = (left + right + 2 * cross) / 4, (left + right - 2 * cross) / 4
    return Spectrum(*(decibels(p) for p in (left, right, mid, side)))


def powers(x: NDArray[np.float32], share: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of a piece, x (2, samples up to PIECE): powers of left and right, and what they have in common.

    By third octaves and windows: (3, COUNT, frames).

    Of centred windows those at the edges see zeros, and are left out. A sine of amplitude 1 adds up to -3 dB.
    """
    if x.shape[1] < 2 * N_FFT:
        x = np.pad(x, [(0, 0), (0, 2 * N_FFT - x.shape[1])])
    spectra = stft(x, N_FFT, HOP).view(np.float32)[..., 2:-2]
    found = np.zeros((3, len(share), spectra.shape[2] // 2), np.float32)
    _add_powers(spectra, share * np.float32(16 / 3 / N_FFT**2), found)
    return found


@kernel
def _add_powers(spectra, share, found):
    """Of spectra (2, bins, 2 frames), real and imaginary parts in turn: bin by bin to the bands that have a share."""
    for b in range(share.shape[0]):
        left, right, cross = found[0, b], found[1, b], found[2, b]
        for k in range(share.shape[1]):
            part, one, other = share[b, k], spectra[0, k], spectra[1, k]
            if part != 0:
                for m in range(left.shape[0]):
                    re, im, re2, im2 = one[2 * m], one[2 * m + 1], other[2 * m], other[2 * m + 1]
                    left[m] += part * (re * re + im * im)
                    right[m] += part * (re2 * re2 + im2 * im2)
                    cross[m] += part * (re * re2 + im * im2)


def weights(sample_rate: float, n_fft: int = N_FFT) -> NDArray[np.float64]:
    """Shares of the bins of an n_fft-point transform in the bands, (COUNT, n_fft // 2 + 1)."""
    width = sample_rate / n_fft
    low = (np.arange(n_fft // 2 + 1) - 0.5) * width
    edges = CENTRES[:, None] * 10 ** (np.array([-0.05, 0.05]))
    overlap = np.minimum(low + width, edges[:, 1:]) - np.maximum(low, edges[:, :1])
    return np.maximum(overlap, 0) / width
