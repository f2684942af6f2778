"""A test tone from the host's own output: left, right, both, in turn, past the effect, until it is stopped."""

import tempfile
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from ui.host.desk import Desk
from ui.host.files_of_host import Folder

RATE = 48_000  # Hz
SECONDS = 1.0  # of each part
FADE = 0.05  # seconds
LEVEL = 10 ** (-18 / 20)  # EBU R 68's alignment level, -18 dBFS
TONES = (440.0, 0.0), (0.0, 660.0), (440.0, 440.0)  # Hz, left and right
NAME = "test-tone.wav"


class TestTone(QObject):
    """songs: the host's folder of songs. What was played before is played again after it."""

    __test__ = False  # for pytest: it is none of its own

    def __init__(self, desk: Desk, songs: Folder) -> None:
        super().__init__(desk)
        self.desk, self.songs = desk, songs
        self._before: tuple[str, bool] | None = None  # the song, "" for the device, and whether it was bypassed

    def start(self) -> bool:
        """Play it; False if the host is elsewhere and cannot be given the sound."""
        with tempfile.TemporaryDirectory(prefix="rtengine-") as folder:
            file = Path(folder) / NAME
            write(file)
            name = self.songs.take(file)
        if not name:
            return False
        song, bypass = (self.desk.readings.get(a, (v,))[0] for a, v in (("/input/file", ""), ("/bypass", False)))
        self._before = str(song), bool(bypass)
        self.desk.ask.emit("/input/file", (name,))
        self.desk.ask.emit("/bypass", (True,))
        return True

    def stop(self) -> None:
        """Play what was played before."""
        if self._before:
            song, bypass = self._before
            self._before = None
            self.desk.ask.emit("/bypass", (bypass,))
            self.desk.ask.emit("/input/file", (song,))


def tone() -> NDArray[np.float64]:
    """(samples, 2) float64, to be heard in a loop without a click."""
    n = np.arange(round(SECONDS * RATE))
    edge = np.minimum(n, n[::-1]) / (FADE * RATE)
    fade = LEVEL * np.minimum(edge, 1.0)
    return np.concatenate([np.stack([fade * np.sin(2 * np.pi * f * n / RATE) for f in pair], 1) for pair in TONES])


def write(file: Path) -> None:
    """As 16-bit PCM."""
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(np.rint(tone() * 32767).astype("<i2").tobytes())
