"""The cookbook: what a section of an equaliser is, as numbers; for kernels, and for whoever draws it.

Source: R. Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients", 1998; W3C note 2021.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

OFF, HIGH_PASS, LOW_PASS, PEAK, LOW_SHELF, HIGH_SHELF = range(6)
BUTTERWORTH = 0.7071  # q
HIGHEST = 0.49  # of the sample rate: higher corners are taken for this


def design(kind, frequency, gain_db, q, sample_rate):
    """The coefficients b0 b1 b2 a1 a2 of one section.

    frequency in Hz; gain_db of peaks and shelves; q of a shelf: 0.7071 is the steepest without a bump.
    """
    w = 2 * np.pi * min(frequency / sample_rate, HIGHEST)
    alpha, c = np.sin(w) / (2 * q), np.cos(w)
    a = 10 ** (gain_db / 40)
    if kind == HIGH_PASS:
        b0, b1, b2, a0, a1, a2 = (1 + c) / 2, -1 - c, (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha
    elif kind == LOW_PASS:
        b0, b1, b2, a0, a1, a2 = (1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha
    elif kind == PEAK:
        b0, b1, b2 = 1 + alpha * a, -2 * c, 1 - alpha * a
        a0, a1, a2 = 1 + alpha / a, -2 * c, 1 - alpha / a
    elif kind in (LOW_SHELF, HIGH_SHELF):
        s = 1.0 if kind == LOW_SHELF else -1.0  # the one is the other's mirror image about a quarter of the rate
        root = 2 * np.sqrt(a) * alpha
        b0 = a * (a + 1 - s * (a - 1) * c + root)
        b1 = s * 2 * a * (a - 1 - s * (a + 1) * c)
        b2 = a * (a + 1 - s * (a - 1) * c - root)
        a0 = a + 1 + s * (a - 1) * c + root
        a1 = -s * 2 * (a - 1 + s * (a + 1) * c)
        a2 = a + 1 + s * (a - 1) * c - root
    else:
        b0, b1, b2, a0, a1, a2 = 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    return b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0


def response(coefficients: NDArray[np.float64], frequency: NDArray[np.float64], sample_rate: float) -> NDArray[Any]:
    """The complex gain of sections (..., 5) at frequencies (F,) in Hz: (..., F)."""
    z = np.exp(-2j * np.pi * np.asarray(frequency) / sample_rate)
    b, a = coefficients[..., :3], np.concatenate([np.ones((*coefficients.shape[:-1], 1)), coefficients[..., 3:]], -1)
    powers = z ** np.arange(3)[:, None]
    return (b @ powers) / (a @ powers)
