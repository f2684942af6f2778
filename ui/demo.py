"""The demo: the host plays the project's own music, without a device, and the window is brought into a state."""

import math
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer

from rtengine.cache import cache_directory
from ui.client_host import Host

if TYPE_CHECKING:
    from ui.window import Window

SAMPLE_RATE = 48_000  # Hz
TURN = 6.0  # seconds for one way around the morph pad


class Demo(QObject):
    """state: one of ui.arguments.STATES."""

    def __init__(self, state: str) -> None:
        super().__init__()
        self.state = state
        self._ticks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(16)

    def arguments(self) -> list[str]:
        """What the host is started with."""
        device = "null" if self.state == "idle" else str(music())
        return ["--device", device, "--presets", str(scenes()), "--mix", "0.75"]

    def attach(self, window: "Window", host: Host | None) -> None:
        """Bring the window into the state as soon as there is a host."""
        self.window = window
        window.client.connected.connect(lambda on: QTimer.singleShot(600, self._begin) if on else None)

    def _begin(self) -> None:
        if self.state == "morphing":
            self._timer.timeout.connect(self._move)
            self._timer.start()
            self.window.morph.setFocus()

    def _move(self) -> None:
        self._ticks += 1
        angle = 2 * math.pi * self._ticks * 0.016 / TURN
        self.window.morph.move_to((0.5 + 0.24 * math.cos(angle), 0.46 + 0.24 * math.sin(angle)))


def music() -> Path:
    """The demo piece as a file, made once."""
    from offline.music import music as render

    file = cache_directory() / "demo.wav"
    if not file.exists():
        x = render(SAMPLE_RATE)
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(".part")
        with wave.open(str(half), "wb") as sound:
            sound.setnchannels(2)
            sound.setsampwidth(2)
            sound.setframerate(SAMPLE_RATE)
            sound.writeframes((np.clip(x.T, -1, 1) * 32767).astype("<i2").tobytes())
        half.replace(file)
    return file


def scenes() -> Path:
    """A folder for the demo's scenes."""
    return cache_directory() / "demo-scenes"
