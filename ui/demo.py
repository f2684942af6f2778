"""The demo: the host plays the project's own music, without a device, and the window is brought into a state."""

import math
import os
import shutil
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ui.demo_music import SAMPLE_RATE, music

if TYPE_CHECKING:
    from ui.window import Window

TURN = 6.0  # seconds for one way around the morph pad
SETTLE = 600  # milliseconds after the host was found
ROUNDS = 2  # of the music, so that rendering it takes a while
RENDERED = ("lofi", "hifi", "hifi")  # one after the other
FRAME = 16  # milliseconds between two moves
SCENES = {"Verse": (0.5, 0.8), "Chorus": (0.3, 0.25), "Break": (0.85, 0.1), "Finale": (0.5, 0.45)}  # places of the pad
JACK = ("jackd", "-r", "-n", "rtengine-demo", "-d", "dummy", "-r", str(SAMPLE_RATE), "-p", "512")


class Demo(QObject):
    """state: one of ui.arguments.STATES; OSError if it is "lost" and there is no JACK, which gives a device to lose."""

    def __init__(self, state: str) -> None:
        super().__init__()
        self.state = state
        self._ticks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME)
        self._timer.timeout.connect(self._move)
        self._scenes = tempfile.TemporaryDirectory(prefix="rtengine-demo-")
        self._jack = jack() if state == "lost" else None

    def arguments(self) -> list[str]:
        """What the host is started with."""
        device = {"first": "null", "idle": "null", "lost": "JACK"}.get(self.state) or str(music())
        return ["--device", device, "--presets", self._scenes.name, "--mix", "0.75"]

    def attach(self, window: "Window") -> None:
        """Bring the window into the state as soon as there is a host."""
        self.window = window
        window.client.connected.connect(lambda on: QTimer.singleShot(SETTLE, self._begin) if on else None)

    def close(self) -> None:
        """Leave nothing behind."""
        self._timer.stop()
        if self._jack:
            self._jack.kill()
            self._jack.wait()
        self._scenes.cleanup()

    def _begin(self) -> None:
        window = self.window
        for name, point in SCENES.items():
            window.morph.move_to(point)
            window.client.send("/scene/store", name)
        window.ask()
        if self.state == "first":
            window.greet(muted=True)
        elif self.state == "morphing":
            self._timer.start()
        elif self.state == "rendering":
            window.tabs.setCurrentWidget(window.files)
            window.files.open(music(ROUNDS))
            self._timer.start()
        elif self.state == "lost" and self._jack:
            self._jack.kill()

    def _move(self) -> None:
        if self.state == "rendering":
            self._render()
            return
        self._ticks += 1
        angle = 2 * math.pi * self._ticks * FRAME / 1000 / TURN
        self.window.morph.move_to((0.5 + 0.2 * math.cos(angle), 0.36 + 0.24 * math.sin(angle)))

    def _render(self) -> None:
        """Once to have a result, then again with more care."""
        files = self.window.files
        if files.start.isEnabled() and not files.is_rendering and len(files.results) < len(RENDERED):
            files.quality.setCurrentIndex(files.quality.findData(RENDERED[len(files.results)]))
            files.start.click()


def jack() -> subprocess.Popen[bytes]:
    """A JACK server of our own without a sound card."""
    if not shutil.which(JACK[0]):
        raise OSError("jackd is not installed, and a device that can be lost is played on it")
    os.environ |= {"JACK_DEFAULT_SERVER": "rtengine-demo", "JACK_NO_START_SERVER": "1"}
    server = subprocess.Popen(JACK, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1.0)  # until it listens
    return server
