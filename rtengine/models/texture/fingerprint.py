"""A few dozen numbers by which the network knows any sound's texture, trained on or not.

Plain statistics of band envelopes, in the manner of McDermott and Simoncelli ("Sound texture perception via statistics
of the auditory periphery", Neuron 71, 2011), pooled over neighbouring bands: what tells rain from a bell and a bell
from a bird, and no more, so that a network meeting a few dozen sounds can learn what the numbers mean.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rtengine.models.texture.bands import FRAME_RATE, N_FFT, SAMPLE_RATE, band_matrices

Array = NDArray[np.float64]

GROUPS, EACH = 8, 4  # groups of bands, bands in each
RATES = (0.5, 2.0, 5.0, 12.0, 30.0, 86.0)  # Hz, edges
DISTANCES = (1, 2, 4, 8, 16)  # bands
LAGS = (1, 2, 4)  # frames
DEPTH = 60.0  # dB below the loudest that is heard
FINE = 4096  # points of the spectra that tonality is read from
WIDTH = 5 * GROUPS + (len(RATES) - 1) * GROUPS // 2 + len(DISTANCES) + len(LAGS)


def fingerprint(x: NDArray[np.float32], power: Array) -> Array:
    """The numbers of a sound, (WIDTH,), not yet on one scale.

    x (samples,) at 44.1 kHz, half a second or more; power: its spectrogram, (BINS, frames).
    """
    level = _band_levels(power)
    moves = level - level.mean(1, keepdims=True)
    spread = moves.std(1) + 0.1
    z = moves / spread[:, None]
    return np.concatenate(
        [
            _pooled(level.mean(1) - level.mean()) / 10,
            np.log(_pooled(spread)),
            _pooled((z**3).mean(1)),
            _modulation(z),
            [float((z[:-d] * z[d:]).mean()) for d in DISTANCES],
            [float((z[1:, lag:] * z[:-1, :-lag] - z[1:, :-lag] * z[:-1, lag:]).mean()) for lag in LAGS],
            _tonality(x),
        ]
    )


def _band_levels(power: Array) -> Array:
    """Decibels of 32 bands at each frame, (bands, frames), DEPTH below the loudest at least."""
    p = band_matrices(GROUPS * EACH, N_FFT, 70, 18000)[0] @ power
    level = 10 * np.log10(p + 1e-12)
    return np.asarray(np.maximum(level, level.max() - DEPTH))


def spectrogram(x: NDArray[np.float32], n_fft: int, hop_length: int) -> Array:
    """|STFT|^2 without what lies outside x, (bins, frames)."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, (0, max(0, n_fft - len(x)))), n_fft)[::hop_length]
    spectrum = np.fft.rfft(frames * np.hanning(n_fft + 1)[:-1].astype(np.float32), axis=1)
    return np.asarray((spectrum.real**2 + spectrum.imag**2).T, np.float64)


def _pooled(values: Array) -> Array:
    return np.asarray(values.reshape(GROUPS, EACH).mean(1))


def _modulation(z: Array) -> Array:
    """Log shares of the envelopes' power in each range of rates, for pairs of groups."""
    power = np.abs(np.fft.rfft(z * np.hanning(z.shape[1]), axis=1)) ** 2
    rate = np.fft.rfftfreq(z.shape[1], 1 / FRAME_RATE)
    shares = np.stack([power[:, (rate >= a) & (rate < b)].sum(1) for a, b in pairwise(RATES)], 1)
    shares = shares.reshape(GROUPS // 2, 2 * EACH, -1).sum(1)
    return np.asarray(0.5 * np.log(shares / (shares.sum(1, keepdims=True) + 1e-9) + 1e-3).ravel())


def _tonality(x: NDArray[np.float32]) -> Array:
    """How far single bins stand out of their group: log of mean over geometric mean, averaged over time; two kinds."""
    p = spectrogram(x, FINE, FINE // 4)
    p = p + 1e-7 * p.max()
    edges = np.geomspace(100, 18000, GROUPS + 1) * FINE / SAMPLE_RATE
    found = []
    for a, b in pairwise(edges.astype(int)):
        part = p[a:b]
        flat = np.log(part.mean(0)) - np.log(part).mean(0)
        found.append((flat.mean(), flat.std()))
    return np.array(found).T.ravel()
