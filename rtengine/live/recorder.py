"""Record what the host hears and says: a thread moves it from a native ring to two files."""

import threading
from pathlib import Path
from typing import Self

import numpy as np
import soundfile

from rtengine.native import ring

PIECE = 4096  # samples that are written at once
PAUSE = 0.02  # seconds between two looks at the ring
FORMATS = {".wav": ("RF64", "FLOAT"), ".flac": ("FLAC", "PCM_24")}
RF64_AUTO_DOWNGRADE = 0x1210  # libsndfile's command: when it is closed, a file below 4 GB becomes a plain WAV


class Recorder:
    """FILE is what comes out of the graph, FILE-dry what went in; WAV keeps every bit (32-bit float), of any length."""

    def __init__(self, file: Path, host: np.void, sample_rate: float, channels: tuple[int, int]) -> None:
        """host: the record of rtengine.live.host; channels: in and out. ValueError or OSError if the file cannot be."""
        if file.suffix.lower() not in FORMATS:
            raise ValueError(f"{file} does not end in {' or '.join(FORMATS)}")
        self.files = (file.with_stem(f"{file.stem}-dry"), file)
        try:
            self._sounds = [opened(f, round(sample_rate), c) for f, c in zip(self.files, channels, strict=True)]
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
        except (soundfile.LibsndfileError, AssertionError) as error:  # the disk is full: what is there stays
            self._host["recording"] = False
            reason = getattr(error, "error_string", "") or "the disk is full"
            self.failed = f"the recording has ended, {self.files[1]} cannot be written: {reason}"

    def _move(self) -> int:
        x = np.empty((sum(self._channels), min(int(ring.filled(self._host["tape"]["index"])), PIECE)), np.float32)
        if x.size:
            ring.read(self._host["tape"], x)
            for sound, y in zip(self._sounds, np.split(x, [self._channels[0]]), strict=True):
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


def opened(file: Path, sample_rate: int, channels: int) -> soundfile.SoundFile:
    """A file to be written in the format of its ending."""
    container, subtype = FORMATS[file.suffix.lower()]
    sound = soundfile.SoundFile(file, "w", sample_rate, channels, subtype, format=container)
    if container == "RF64":  # soundfile has no name for this
        soundfile._snd.sf_command(sound._file, RF64_AUTO_DOWNGRADE, soundfile._ffi.NULL, 1)
    return sound
