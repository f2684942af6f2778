"""Record what the host hears and says: a thread moves it from a native ring to two files.

When a disk takes no more, both files are closed, so that they can be read up to there, and the recording goes on in two
new ones, FILE-2 and so on, as soon as there is room.
"""

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Self

import numpy as np
import soundfile

from rtengine.native import ring
from rtengine.take.writing import REASONS, Say, reason, time_of_day, told

PIECE = 4096  # samples that are written at once
PAUSE = 0.02  # seconds between two looks at the ring
AGAIN = 1.0  # seconds between two tries to go on, and between two updates of the lengths in the files
FORMATS = {".wav": ("RF64", "FLOAT"), ".flac": ("FLAC", "PCM_24")}
RF64_AUTO_DOWNGRADE = 0x1210  # libsndfile's commands: when it is closed, a file below 4 GB becomes a plain WAV
UPDATE_HEADER_NOW = 0x1060
ROOM = 5.0  # seconds of sound for which there must be room on the disk to go on
LONGEST = 60.0  # seconds between two tries, at most

Sounds = list[soundfile.SoundFile]


class Recorder:
    """FILE is what comes out of the graph, FILE-dry what went in; WAV keeps every bit (32-bit float), of any length."""

    def __init__(
        self,
        file: Path,
        host: np.void,
        sample_rate: float,
        channels: tuple[int, int],
        say: Say = lambda sentence: None,
        begun: Callable[[str, int], object] = lambda name, time: None,
    ) -> None:
        """host: the record of rtengine.live.host; channels: in and out. ValueError or OSError if the file cannot be.

        begun(name, time): hears of each dry file at which sample of the host's clock it begins.
        """
        if file.suffix.lower() not in FORMATS:
            raise ValueError(f"{file} does not end in {' or '.join(FORMATS)}")
        self._fresh = True  # nothing has been written into the files of now
        self._file, self._rate, self._channels, self._say, self._begun = file, sample_rate, channels, say, begun
        self.files = pair(file)  # that are written now
        self._sounds: Sounds | None = self._open()
        self._host = host
        self._part = 1
        self._moved = 0  # samples from the ring
        self.lost = 0  # of these, in no file
        self._due, self._patience = time.monotonic() + AGAIN, AGAIN
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtengine recorder", daemon=True)
        host["recording"] = True
        self._thread.start()

    def close(self) -> None:
        """Write what is still in the ring, and close the files."""
        self._host["recording"] = False
        self._stop.set()
        self._thread.join()
        self._update()
        sounds, self._sounds = self._sounds or [], None
        why = refused(sounds)
        if not closed(sounds):
            self._say(f"{why}: the end of {self.files[1]} could not be written")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            while self._move() == PIECE:
                pass
            if time.monotonic() > self._due:
                self._due = time.monotonic() + AGAIN
                self._update() if self._sounds else self._go_on()
        while self._move():
            pass

    def _move(self) -> int:
        x = np.empty((sum(self._channels), min(int(ring.filled(self._host["tape"]["index"])), PIECE)), np.float32)
        n = x.shape[1]
        if n:
            ring.read(self._host["tape"], x)
            if self._sounds and self._fresh:
                self._begun(self.files[0].name, int(self._host["tape_begin"]) + self._moved)
                self._fresh = False
            self._moved += n
            self._write(x)
        return n

    def _write(self, x: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> None:
        if self._sounds:
            try:
                for sound, y in zip(self._sounds, np.split(x, [self._channels[0]]), strict=True):
                    sound.write(y.T)
            except (soundfile.LibsndfileError, AssertionError, OSError) as error:
                self._fail(error)
        if not self._sounds:
            self.lost += x.shape[1]

    def _fail(self, error: Exception) -> None:
        """Close what was written, so that it can be read, and say so."""
        sounds, self._sounds = self._sounds or [], None
        why = reason(error) if isinstance(error, OSError) else refused(sounds)
        closed(sounds)
        self._patience = min(2 * self._patience, LONGEST)
        self._due = time.monotonic() + self._patience
        self._say(f"{why}: recording stopped at {self._now()}; {self._file.name} can be read up to there")

    def _go_on(self) -> None:
        """Open the next files, if there is room."""
        parts = ((part, self._file.with_stem(f"{self._file.stem}-{part}")) for part in count(self._part + 1))
        part, file = next((part, file) for part, file in parts if not any(f.exists() for f in pair(file)))
        try:
            if shutil.disk_usage(file.parent).free < ROOM * self._rate * 4 * sum(self._channels):
                return
            self.files = pair(file)
            self._sounds, self._part, self._fresh = self._open(), part, True
        except OSError:
            self._due = time.monotonic() + self._patience
        else:
            self._say(f"the disk takes sound again: recording goes on at {self._now()} in {file.name}")

    def _open(self) -> Sounds:
        sounds: Sounds = []
        try:
            for file, channels in zip(self.files, self._channels, strict=True):
                with told(f"{file} is not recorded"):
                    file.open("wb").close()  # libsndfile would not say why it cannot be
                sounds.append(opened(file, round(self._rate), channels))
        except (soundfile.LibsndfileError, OSError) as error:
            closed(sounds)
            for file in self.files:
                with suppress(OSError):
                    if file.stat().st_size == 0:
                        file.unlink()
            if isinstance(error, OSError):
                raise
            raise OSError(f"{self.files[1]} is not recorded: {error.error_string}") from None
        return sounds

    def _update(self) -> None:
        """Write the lengths into the files: whatever ends this process, they can be read."""
        for writing in self._sounds or []:
            soundfile._snd.sf_command(writing._file, UPDATE_HEADER_NOW, soundfile._ffi.NULL, 0)

    def _now(self) -> str:
        return time_of_day(self._moved, self._rate)


def pair(file: Path) -> tuple[Path, Path]:
    """The two files of a recording: what goes in, and what comes out."""
    return file.with_stem(f"{file.stem}-dry"), file


def opened(file: Path, sample_rate: int, channels: int) -> soundfile.SoundFile:
    """A file to be written in the format of its ending."""
    container, subtype = FORMATS[file.suffix.lower()]
    sound = soundfile.SoundFile(file, "w", sample_rate, channels, subtype, format=container)
    if container == "RF64":  # soundfile has no name for this
        soundfile._snd.sf_command(sound._file, RF64_AUTO_DOWNGRADE, soundfile._ffi.NULL, 1)
    return sound


def refused(sounds: Sounds) -> str:
    """Why the disk took no more: libsndfile keeps the system's own words for it."""
    texts = [
        soundfile._ffi.string(soundfile._snd.sf_strerror(sound._file)).decode(errors="replace") for sound in sounds
    ]
    known = (words for number, words in REASONS.items() if any(os.strerror(number) in text for text in texts))
    return next(known, REASONS[errno.ENOSPC])


def closed(sounds: Sounds) -> bool:
    """Close all of them; whether all that was written is in the files."""
    whole = True
    for sound in sounds:
        try:
            sound.close()
        except (soundfile.LibsndfileError, OSError):
            whole = False
    return whole
