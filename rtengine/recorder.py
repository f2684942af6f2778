"""Record what the host hears and says: a thread moves it from a native ring to two files."""

import threading
from pathlib import Path
from typing import Self

import numpy as np
import soundfile

from rtengine import ring

PIECE = 4096  # samples that are written at once
PAUSE = 0.02  # seconds between two looks at the ring
FORMATS = {".wav": "FLOAT", ".flac": "PCM_24"}


class Recorder:
    """FILE is what comes out of the graph, FILE-dry what went in; WAV keeps every bit (32-bit float)."""

    def __init__(self, file: Path, host: np.void, sample_rate: float, channels: int) -> None:
        """host: the record of rtengine.host. ValueError or OSError if the file cannot be."""
        if file.suffix.lower() not in FORMATS:
            raise ValueError(f"{file} does not end in {' or '.join(FORMATS)}")
        subtype = FORMATS[file.suffix.lower()]
        self.files = (file.with_stem(f"{file.stem}-dry"), file)
        try:
            self._sounds = [soundfile.SoundFile(f, "w", round(sample_rate), channels, subtype) for f in self.files]
        except soundfile.LibsndfileError as error:
            raise OSError(f"{file} cannot be written: {error.error_string}") from None
        self._host, self._channels = host, channels
        self.failed = ""  # why the recording ended early
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtengine recorder", daemon=True)
        host["recording"] = True
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._stop.wait(PAUSE):
                while self._move() == PIECE:
                    pass
            while self._move():
                pass
        except soundfile.LibsndfileError as error:  # the disk is full: what is there stays
            self._host["recording"] = False
            self.failed = f"{self.files[1]} cannot be written: {error.error_string}"

    def _move(self) -> int:
        x = np.empty((2 * self._channels, min(int(ring.filled(self._host["tape"]["index"])), PIECE)), np.float32)
        if x.size:
            ring.read(self._host["tape"], x)
            for sound, y in zip(self._sounds, np.split(x, 2), strict=True):
                sound.write(y.T)
        return x.shape[1]

    def close(self) -> None:
        """Write what is still in the ring, and close the files."""
        self._host["recording"] = False
        self._stop.set()
        self._thread.join()
        for sound in self._sounds:
            sound.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
