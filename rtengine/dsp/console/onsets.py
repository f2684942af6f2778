"""How loud a sound's beginnings are, and how far its peaks stand out.

An onset is a maximum in time of the growth of the high frequencies' weight, above its surroundings:

    D(m) = sum over k of k |X(k, m)|^2,   log D(m) - log D(m - 1) at its local maximum, above GROWTH

and its level is that of the highest sample from one hop before it to three after.
Source: P. Masri, "Computer modelling of sound for transformation and synthesis of musical signals", 1996 (HFC).
"""

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.stft import stft

N_FFT, HOP = 1024, 512
GROWTH = 0.35  # of the natural logarithm, in a hop
APART = 4  # hops between two onsets, at least
QUIET = -60.0  # dB below the highest peak: no onset
PIECE = 1 << 18  # samples, a whole number of hops


def onset_levels(x: NDArray[np.float32], peaks: NDArray[np.float32] | None = None) -> NDArray[np.float64]:
    """Peak levels in dBFS at the onsets of x (channels, samples), in their order; peaks: its hop_peaks, if known."""
    mono = np.ascontiguousarray(x.mean(axis=0))
    weight = np.concatenate([_weights(mono[n : n + PIECE]) for n in range(0, max(len(mono), 1), PIECE)])
    peaks = (hop_peaks(x) if peaks is None else peaks)[: len(weight)]
    weight = weight[: len(peaks)]
    growth = np.diff(np.log(weight + 1e-9 * max(weight.max(initial=0), 1e-12)), prepend=0)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(growth, APART, constant_values=-np.inf), 2 * APART + 1)
    first = np.flatnonzero((growth >= around.max(axis=1)) & (growth > GROWTH))
    ahead = np.lib.stride_tricks.sliding_window_view(np.pad(peaks, (1, 3)), 5).max(axis=1)
    levels = 20 * np.log10(np.maximum(ahead[first], 1e-9))
    return levels[levels > 20 * np.log10(max(peaks.max(initial=0), 1e-9)) + QUIET]


def _weights(x: NDArray[np.float32]) -> NDArray[np.float64]:
    frames = stft(x, N_FFT, HOP)[:, : -(-len(x) // HOP)]
    k = np.arange(len(frames), dtype=np.float32)
    return (k @ (frames.real**2 + frames.imag**2)).astype(np.float64)


def hop_peaks(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The highest magnitude of any channel in each hop."""
    high = np.abs(x).max(axis=0)
    return np.pad(high, (0, -len(high) % HOP)).reshape(-1, HOP).max(axis=1)


def loud_onsets(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Those of the upper quarter, which decide what a compressor has to do."""
    return np.sort(levels[levels >= np.percentile(levels, 75)]) if levels.size else levels


def crest(x: NDArray[np.float32], peaks: NDArray[np.float32] | None = None) -> float:
    """Peak over rms in dB, of the hops of x that are not silent; 0 of silence. peaks: its hop_peaks."""
    peaks = hop_peaks(x) if peaks is None else peaks
    heard = peaks > 1e-3 * peaks.max(initial=0)
    if not heard.any():
        return 0.0
    power = np.add.reduceat(np.square(x).sum(axis=0), np.arange(0, x.shape[1], HOP))[heard].sum(dtype=np.float64)
    samples = np.minimum(HOP, x.shape[1] - HOP * np.flatnonzero(heard)).sum() * len(x)
    return 20 * float(np.log10(peaks.max())) - 10 * float(np.log10(power / samples))
