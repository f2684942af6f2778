"""A sound file decoded to memory by a thread, so that its beginning can be played while the rest is read."""

import threading
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

LONGEST = 3600  # seconds
PIECE = 1 << 16  # samples that are decoded at once
HEAD = 1.0  # seconds that are there when a song begins


class Song:
    """All of a file as x, float32 (samples, channels), at a sample rate; `ready` counts those that are there.

    What is not finite is silence, and so is the rest of a file that is damaged, see `failed`.
    """

    def __init__(self, file: Path, sample_rate: float, channels: int) -> None:
        """Begin to decode; ValueError or OSError in a sentence if the file is empty, too long or no sound."""
        self.file, self.failed = file, ""
        try:
            self._sound = soundfile.SoundFile(file)
        except soundfile.LibsndfileError as error:
            raise OSError(f"{file.name} cannot be read: {error.error_string}") from None
        seconds = self._sound.frames / self._sound.samplerate
        if not 0 < seconds <= LONGEST:
            self._sound.close()
            raise ValueError(f"{file.name} has {seconds:g} s of sound, which is not above 0 and at most {LONGEST}")
        self.x: NDArray[np.float32] = np.zeros((max(round(seconds * sample_rate), 1), channels), np.float32)
        self.ready = np.zeros(1, np.int64)
        self._rate, self._enough = sample_rate, min(round(HEAD * sample_rate), len(self.x))
        self._begun, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtengine decode", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Return when the beginning is there."""
        self._begun.wait()

    def close(self) -> None:
        """Decode no further."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with self._sound:
                self._decode()
        except (soundfile.LibsndfileError, RuntimeError) as error:  # the second is libsndfile's in some versions
            self.failed = f"{self.file.name} is damaged after {self.ready[0] / self._rate:.1f} s: {error}"
        self.ready[0] = len(self.x)
        self._begun.set()

    def _decode(self) -> None:
        inner = self._sound.samplerate
        resampler = soxr.ResampleStream(inner, self._rate, self.x.shape[1], "float32") if inner != self._rate else None
        done = 0
        while done < len(self.x) and not self._stop.is_set():
            piece = self._sound.read(PIECE, dtype="float32", always_2d=True)
            y = fitted(piece, self.x.shape[1])
            if resampler:
                y = resampler.resample_chunk(y, last=not len(piece))
            y = y[: len(self.x) - done]
            self.x[done : done + len(y)] = y
            done += len(y)
            self.ready[0] = done
            if done >= self._enough:
                self._begun.set()
            if not len(piece):
                return


def fitted(x: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """Sound (samples, n) with so many channels, all of them the mean where these are not n; finite."""
    if x.shape[1] != channels:
        x = np.repeat(x.mean(axis=1, keepdims=True), channels, axis=1)
    return np.ascontiguousarray(np.nan_to_num(x, posinf=0, neginf=0), np.float32)
