"""The six bands of a strip, and what they can do for a spectrum in third octaves."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.console import bands, biquad

EQUALISER = (  # the bands of a strip: kind, Hz, q
    (biquad.LOW_SHELF, 90.0, biquad.BUTTERWORTH),
    (biquad.PEAK, 220.0, 1.0),
    (biquad.PEAK, 600.0, 1.0),
    (biquad.PEAK, 1600.0, 1.0),
    (biquad.PEAK, 4200.0, 1.0),
    (biquad.HIGH_SHELF, 9000.0, biquad.BUTTERWORTH),
)
RIDGE = 0.05  # keeps neighbouring bands from working against each other


@cache
def responses(sample_rate: float = 48_000.0) -> NDArray[np.float64]:
    """What each band does to each third octave at 1 dB, (bands, COUNT)."""
    h = np.array([biquad.design(kind, f, 1.0, q, sample_rate) for kind, f, q in EQUALISER])
    return 20 * np.log10(np.abs(biquad.response(h, bands.CENTRES, sample_rate)))


def fit(wanted: NDArray[np.float64], spectrum: Sequence[float], most: float) -> list[float]:
    """Gains of the bands, at most `most` dB, that come nearest to a curve where the sound has its power.

    Least squares over third octaves. A band's curve in dB grows with its gain, nearly in proportion, so one linear
    system is enough.
    """
    a = responses()
    weight = np.clip((np.array(spectrum) + 45) / 30, 0, 1)
    normal = (a * weight) @ a.T + RIDGE * weight.sum() * np.eye(len(a))
    return np.clip(np.linalg.solve(normal, (a * weight) @ wanted), -most, most).round(2).tolist()


def weighting() -> NDArray[np.float64]:
    """How loud third octaves are, as power: the K curve, a shelf of 4 dB at 1.7 kHz and a high-pass at 38 Hz."""
    f = bands.CENTRES
    return (1 + (10**0.4 - 1) / (1 + (1682 / f) ** 4)) / (1 + (38 / f) ** 4)
