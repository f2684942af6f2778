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
    pieces = [weights(x[:, n : n + PIECE]) for n in range(0, max(x.shape[1], 1), PIECE)]
    return levels(np.concatenate(pieces), hop_peaks(x) if peaks is None else peaks)


def levels(weight: NDArray[np.float64], peaks: NDArray[np.float32]) -> NDArray[np.float64]:
    """Peak levels in dBFS at the onsets, from the weights and the peaks of all hops."""
    peaks = peaks[: len(weight)]
    weight = weight[: len(peaks)]
    growth = np.diff(np.log(weight + 1e-9 * max(weight.max(initial=0), 1e-12)), prepend=0)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(growth, APART, constant_values=-np.inf), 2 * APART + 1)
    first = np.flatnonzero((growth >= around.max(axis=1)) & (growth > GROWTH))
    ahead = np.lib.stride_tricks.sliding_window_view(np.pad(peaks, (1, 3)), 5).max(axis=1)
    found: NDArray[np.float64] = 20 * np.log10(np.maximum(ahead[first], 1e-9))
    return found[found > 20 * np.log10(max(peaks.max(initial=0), 1e-9)) + QUIET]


def weights(x: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of a piece, x (channels, samples up to PIECE): the weight of the high frequencies in each hop."""
    frames = stft(np.ascontiguousarray(x.mean(axis=0)), N_FFT, HOP)[:, : -(-x.shape[1] // HOP)]
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
    return standing_out(hop_peaks(x) if peaks is None else peaks, energies(x), x.shape[1], len(x))


def energies(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sum of squares of all channels in each hop; x has at least one sample."""
    return np.asarray(np.add.reduceat(np.square(x).sum(axis=0), np.arange(0, x.shape[1], HOP)), np.float32)


def standing_out(peaks: NDArray[np.float32], energy: NDArray[np.float32], samples: int, channels: int) -> float:
    """The crest from the peaks and energies of all hops of so many samples."""
    heard = peaks > 1e-3 * peaks.max(initial=0)
    if not heard.any():
        return 0.0
    counted = np.minimum(HOP, samples - HOP * np.flatnonzero(heard)).sum() * channels
    return 20 * float(np.log10(peaks.max())) - 10 * float(np.log10(energy[heard].sum(dtype=np.float64) / counted))
