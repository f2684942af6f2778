"""Any sound as a texture: what the network must be told of it, measured in a moment."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr
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
LAYOUT = f"2/{EMBEDDING}"  # of the embeddings that are made here; a model that can read them says so
MAKEUP = columns("makeup").start


def load(file: Path) -> NDArray[np.float32]:
    """A clip's first half minute, (samples,) at 44.1 kHz; OSError or ValueError in one sentence if it is a bad one."""
    try:
        x, sample_rate, seconds = _decoded(file)
    except (soundfile.LibsndfileError, av.FFmpegError):
        x, sample_rate, seconds = _decoded_by_ffmpeg(file)
    if seconds > TOO_LONG:
        raise ValueError(f"{file.name} lasts {seconds / 3600:.1f} hours, which is more than 1")
    if len(x) < SHORTEST * sample_rate:
        raise ValueError(f"{file.name} has {len(x) / sample_rate:.2f} s of sound, which is less than {SHORTEST:g}")
    x = soxr.resample(np.nan_to_num(x), sample_rate, SAMPLE_RATE)
    if not np.sqrt(np.mean(x * x)) > SILENT:
        raise ValueError(f"{file.name} is silent")
    return np.asarray(x, np.float32)


def _decoded(file: Path) -> tuple[NDArray[np.float32], float, float]:
    """The first half minute in mono, its sample rate in Hz, and the seconds of the whole."""
    with soundfile.SoundFile(file) as sound:
        x = sound.read(round(LONGEST * sound.samplerate), dtype="float32", always_2d=True).mean(1)
        return x, sound.samplerate, sound.frames / sound.samplerate


def _decoded_by_ffmpeg(file: Path) -> tuple[NDArray[np.float32], float, float]:
    try:
        with av.open(str(file)) as container:
            to_mono = av.AudioResampler("fltp", "mono", SAMPLE_RATE)
            pieces: list[NDArray[np.float32]] = []
            for frame in container.decode(audio=0):
                pieces += [part.to_ndarray()[0] for part in to_mono.resample(frame)]
                if sum(map(len, pieces)) > LONGEST * SAMPLE_RATE:
                    break
            seconds = (container.duration or 0) / av.time_base
    except (av.FFmpegError, IndexError, ValueError):
        raise OSError(f"{file.name} cannot be read as sound") from None
    return np.concatenate([*pieces, np.zeros(0, np.float32)]), SAMPLE_RATE, seconds


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
