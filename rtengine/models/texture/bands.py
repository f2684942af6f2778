"""The STFT and the bands that texture models work on."""

import math

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 44100
N_FFT = 1024
HOP_LENGTH = 256
BINS = N_FFT // 2 + 1
BANDS = 64
FRAME_RATE = SAMPLE_RATE / HOP_LENGTH
WINDOW_POWER = 0.375 * N_FFT  # sum of the squared Hann window: mean |STFT|^2 of white noise of variance 1
FLOOR = 1e-8  # added to powers of bins; a 16-bit signal's own rounding is ten times this


def band_matrices(
    bands: int = BANDS, n_fft: int = N_FFT, low: float = 40.0, high: float = 20000.0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mel-like triangles: analysis (bands, bins), rows of sum 1, and synthesis (bands, bins), columns of sum 1.

    A band is at least two bins wide, so that none is empty. Edges in Hz.
    """
    edge = _edges(bands, low, high)
    step = SAMPLE_RATE / n_fft
    f = np.arange(n_fft // 2 + 1) * step
    centre = edge[1:-1, None]
    left, right = np.minimum(edge[:-2, None], centre - step), np.maximum(edge[2:, None], centre + step)
    triangle = np.maximum(0, np.minimum((f - left) / (centre - left), (right - f) / (right - centre)))
    analysis = triangle / triangle.sum(1, keepdims=True)
    triangle[0, f < centre[0]] = 1  # the outer bands reach to 0 and to half the sample rate
    triangle[-1, f > centre[-1]] = 1
    synthesis = triangle / triangle.sum(0, keepdims=True)
    return analysis.astype(np.float32), synthesis.astype(np.float32)


def band_centres() -> NDArray[np.float64]:
    """Hz, (BANDS,)."""
    return _edges(BANDS, 40.0, 20000.0)[1:-1]


def _edges(bands: int, low: float, high: float) -> NDArray[np.float64]:
    return np.asarray(700 * (10 ** (np.linspace(_mel(low), _mel(high), bands + 2) / 2595) - 1))


def _mel(frequency: float) -> float:
    return 2595 * math.log10(1 + frequency / 700)


def loudness_weights() -> NDArray[np.float32]:
    """Power weight of each bin, (bins,): BS.1770's K curve, by the response of its two filters for 48 kHz."""
    z = np.exp(-2j * np.pi * np.arange(BINS) * SAMPLE_RATE / N_FFT / 48000)
    shelf = np.polyval([1.19839281085285, -2.69169618940638, 1.53512485958697], z)
    shelf = shelf / np.polyval([0.73248077421585, -1.69065929318241, 1.0], z)
    high_pass = np.polyval([1.0, -2.0, 1.0], z) / np.polyval([0.99007225036621, -1.99004745483398, 1.0], z)
    return (np.abs(shelf * high_pass) ** 2).astype(np.float32)
