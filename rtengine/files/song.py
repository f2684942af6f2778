"""A sound file decoded to memory by a thread, so that its beginning can be played while the rest is read."""

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.files.loop import LONGEST, played
from rtengine.files.source import open_source

HEAD = 1.0  # seconds that are there when a song begins


class Song:
    """All of a file as x, float32 (samples, channels), at a sample rate; `ready` counts those that are there.

    What is not finite is silence, and so is the rest of a file that is damaged, see `failed`.
    """

    def __init__(self, file: Path, sample_rate: float, channels: int) -> None:
        """Begin to decode; ValueError or OSError in a sentence if the file is empty, too long or no sound."""
        self.file, self.failed = file, ""
        self._source = open_source(file)
        seconds = self._source.length() / self._source.sample_rate
        if not 0 < seconds <= LONGEST:
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
            self._decode()
            self.failed = self._source.damage
        except Exception as error:  # whatever a decoder says: the song ends there, and the host plays on
            self.failed = f"{self.file.name} is damaged after {self.ready[0] / self._rate:.1f} s: {error}"
        self.ready[0] = len(self.x)
        self._begun.set()

    def _decode(self) -> None:
        done = 0
        for y in played(self._source, self._rate, self.x.shape[1]):
            y = y.T[: len(self.x) - done]
            self.x[done : done + len(y)] = y
            done += len(y)
            self.ready[0] = done
            if done >= self._enough:
                self._begun.set()
            if self._stop.is_set():
                return
