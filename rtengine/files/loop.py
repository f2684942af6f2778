"""A sound file as an endless input."""

from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

LONGEST = 3600  # seconds


def rate(file: Path) -> float:
    """Its sample rate in Hz; OSError if it cannot be read."""
    return float(_opened(file).samplerate)


def read(file: Path, sample_rate: float, channels: int) -> NDArray[np.float32]:
    """All of it, float32 (samples, channels), at this sample rate; ValueError if it is empty or longer than an hour."""
    with _opened(file) as sound:
        if not 0 < sound.frames <= LONGEST * sound.samplerate:
            seconds = sound.frames / sound.samplerate
            raise ValueError(f"{file} has {seconds:g} s of sound, which is not above 0 and at most {LONGEST}")
        x = sound.read(dtype="float32", always_2d=True)
        if sound.samplerate != sample_rate:
            x = soxr.resample(x, sound.samplerate, sample_rate)
    if x.shape[1] != channels:
        x = np.repeat(x.mean(axis=1, keepdims=True), channels, axis=1)
    return np.ascontiguousarray(np.nan_to_num(x), np.float32)


def _opened(file: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(file)
    except soundfile.LibsndfileError as error:
        raise OSError(f"{file} cannot be read: {error.error_string}") from None
