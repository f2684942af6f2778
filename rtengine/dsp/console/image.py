"""The stereo image by frequency, measured and brought nearer to another.

    similarity  psi(k) = 2 |L R*| / (|L|^2 + |R|^2)        1 in the middle, 0 at one side
    place       phi(k) = (1 - psi(k)) sign(|R| - |L|)      -1 left, 0 middle, 1 right

To change it, the ratio of both channels is raised to a power by bin, r^gamma, at equal power; gamma is found such that
the mean of |phi| is that of the reference. What has no image, r = 1 everywhere, gets none: Spread makes one.
Source: C. Avendano, "Frequency-domain source identification and manipulation in stereo mixes", WASPAA 2003;
G. Tzanetakis, R. Jones, K. McNally, "Stereo panning features for classifying recording production style", ISMIR 2007.
"""

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.stft import istft, stft

N_FFT, HOP = 2048, 512
HIGHEST_POWER = 4.0  # the largest power
ROUNDS = 24  # of halving the interval: to 1e-6 of it
TINY = np.float32(1e-12)


def places(left: NDArray[np.complex64], right: NDArray[np.complex64]) -> NDArray[np.float32]:
    """The place phi of each bin, -1 to 1; 0 where it is silent."""
    a, b = np.abs(left), np.abs(right)
    return (1 - 2 * a * b / np.maximum(a * a + b * b, TINY)) * np.sign(b - a) * (a + b > TINY)


def width(x: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean |phi| of each of N_FFT / 2 + 1 bins of x (2, samples), weighted by the power of the frames."""
    left, right = stft(x, N_FFT, HOP)
    power = np.abs(left) ** 2 + np.abs(right) ** 2
    return ((np.abs(places(left, right)) * power).sum(1) / np.maximum(power.sum(1), TINY)).astype(np.float64)


def towards(x: NDArray[np.float32], reference: NDArray[np.float64]) -> NDArray[np.float32]:
    """Bring the width of x (2, samples) to the reference's, (N_FFT / 2 + 1,) mean |phi|, bin by bin; same length."""
    left, right = stft(x, N_FFT, HOP)
    a, b = np.abs(left), np.abs(right)
    power = a * a + b * b
    ratio = np.log(np.maximum(b, TINY) / np.maximum(a, TINY))
    low, high = np.zeros((len(a), 1), np.float32), np.full((len(a), 1), HIGHEST_POWER, np.float32)
    for _ in range(ROUNDS):
        gamma = (low + high) / 2
        phi = 1 - 1 / np.cosh(gamma * ratio)
        wide = (phi * power).sum(1) / np.maximum(power.sum(1), TINY) > reference
        low, high = np.where(wide[:, None], low, gamma), np.where(wide[:, None], gamma, high)
    new = high * ratio
    size = np.sqrt(power)
    new_a = size / np.sqrt(1 + np.exp(np.clip(2 * new, -60, 60)))
    new_b = size / np.sqrt(1 + np.exp(np.clip(-2 * new, -60, 60)))
    left, right = left * (new_a / np.maximum(a, TINY)), right * (new_b / np.maximum(b, TINY))
    return istft(np.stack([left, right]), HOP, x.shape[1])
