"""Any sound as a texture: what the network must be told of it, measured in a moment."""

import numpy as np
from numpy.typing import NDArray

from rtengine.models import tracks
from rtengine.models.bands import FLOOR, HOP_LENGTH, N_FFT, SAMPLE_RATE, band_matrices
from rtengine.models.embedding import LEARNT, Statistics
from rtengine.models.fingerprint import fingerprint, spectrogram

SHORTEST, LONGEST = 0.5, 30.0  # seconds: of less there are no statistics, of more no further ones
SILENT = 1e-4  # RMS, -80 dBFS
LEVEL = 0.1  # RMS of what is measured


def measured(x: NDArray[np.float32]) -> Statistics:
    """Statistics of a sound, (samples,) float32 at 44.1 kHz; half a second or more, and not silent."""
    x = (x * (LEVEL / np.sqrt(np.mean(x * x) + 1e-20))).astype(np.float32)
    found, tonal = tracks.tracks(x)
    return Statistics(
        fingerprint=tuple(fingerprint(x).tolist()),
        spectrum=long_term_spectrum(x),
        hiss=float(np.log(1.05 - tonal)),
        song=1.2 + 1.3 * tonal,
        ring=0.4 + 0.4 * tonal,
        sharpness=0.5 * tonal - 0.1,
        events=tracks.events(found, len(x) / SAMPLE_RATE),
    )


def long_term_spectrum(x: NDArray[np.float32]) -> tuple[float, ...]:
    """Mean log amplitude of the network's bands against that of all bins, nepers, -8 at least."""
    p = spectrogram(x, N_FFT, HOP_LENGTH)
    bands = 0.5 * np.log(band_matrices()[0] @ p + FLOOR)
    return tuple(np.maximum(bands.mean(1) - 0.5 * np.log(p.mean()), -8).tolist())


def embedding(statistics: Statistics, makeup: float) -> tuple[float, ...]:
    """The embedding of a texture that was not trained on; makeup in nepers, as the trained ones have it."""
    numbers = [*[0.0] * LEARNT, *statistics.numbers()]
    return tuple(numbers)
