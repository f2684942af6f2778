"""Any sound as a texture: what the network must be told of it, measured in a moment."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.models.texture import tracks
from rtengine.models.texture.bands import FLOOR, HOP_LENGTH, N_FFT, SAMPLE_RATE, band_matrices
from rtengine.models.texture.embedding import EMBEDDING, LEARNT, Statistics, columns
from rtengine.models.texture.fingerprint import fingerprint, spectrogram
from rtengine.models.texture.modulator import modulator

SHORTEST, LONGEST = 0.5, 30.0  # seconds: of less there are no statistics, more has no others
TOO_LONG = 3600.0  # seconds: that is no texture but an archive
SILENT = 1e-4  # RMS, -80 dBFS
LEVEL = 0.1  # RMS of what is measured
LAYOUT = f"3/{EMBEDDING}"  # of the embeddings that are made here; a model that can read them says so
MAKEUP = columns("makeup").start


def load(file: Path) -> NDArray[np.float32]:
    """A clip's first half minute, (samples,) at 44.1 kHz; OSError or ValueError in one sentence if it is a bad one."""
    import soxr  # a tenth of each start, and most have no clip

    from rtengine.files.loop import beginning
    from rtengine.files.source import open_source

    source = open_source(file)
    if source.samples > TOO_LONG * source.sample_rate:
        hours = source.samples / source.sample_rate / 3600
        raise ValueError(f"{file.name} lasts {hours:.1f} hours, which is more than 1")
    x = beginning(source, LONGEST)
    if len(x) < SHORTEST * source.sample_rate:
        raise ValueError(
            f"{file.name} has {len(x) / source.sample_rate:.2f} s of sound, which is less than {SHORTEST:g}"
        )
    x = soxr.resample(x, source.sample_rate, SAMPLE_RATE)
    if not np.sqrt(np.mean(x * x)) > SILENT:
        raise ValueError(f"{file.name} is silent")
    return np.asarray(x, np.float32)


def measured(x: NDArray[np.float32]) -> Statistics:
    """Statistics of a sound, (samples,) float32 at 44.1 kHz; half a second or more, and not silent."""
    x = (x * (LEVEL / np.sqrt(np.mean(x * x) + 1e-20))).astype(np.float32)
    found, tonal = tracks.tracks(x)
    power = spectrogram(x, N_FFT, HOP_LENGTH)
    return Statistics(tuple(fingerprint(x, power).tolist()), long_term_spectrum(power), tonal, modulator(power, found))


def long_term_spectrum(power: NDArray[np.float64]) -> tuple[float, ...]:
    """Mean log amplitude of the network's bands against that of all bins, nepers, -8 at least; power (BINS, frames)."""
    bands = 0.5 * np.log(band_matrices()[0] @ power + FLOOR)
    return tuple(np.maximum(bands.mean(1) - 0.5 * np.log(power.mean()), -8).tolist())


def embedding(statistics: Statistics, makeup: float) -> tuple[float, ...]:
    """The embedding of a texture that was not trained on; makeup in nepers, as those of the model have it."""
    return (*[0.0] * LEARNT, *replace(statistics, makeup=makeup).numbers())
