"""The pictures and sounds of textures that are there, and a process that makes what is missing."""

import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal
from PySide6.QtGui import QColor, QImage

from ui.look import theme
from ui.textures.pictures import kept


class Gallery(QObject):
    """Asks for pictures, one process at a time. ready: the name whose picture and sound are there."""

    ready = Signal(str)

    def __init__(self, clips: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clips = clips
        self._files: dict[str, str] = {}
        self._waiting: deque[str] = deque()
        self._asked: set[Path] = set()
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.finished.connect(self._next)
        self._now = ""

    def know(self, files: Mapping[str, str]) -> None:
        """Hear of which file of the host's folder each texture was made; "" is an exemplar."""
        self._files = dict(files)

    def want(self, name: str) -> None:
        """See to it that there is a picture of a texture."""
        picture = kept(self.source(name), ".png")  # another one when the file is another
        if picture in self._asked:
            return
        self._asked.add(picture)
        if picture.exists() and kept(self.source(name), ".wav").exists():
            self.ready.emit(name)
            return
        self._waiting.append(name)
        if self._process.state() == QProcess.ProcessState.NotRunning:
            self._next()

    def source(self, name: str) -> str:
        """What the texture was made of: a file that was dropped, or the exemplar of its name."""
        file = self._files.get(name, "")
        return str(self.clips / file) if file else name

    def image(self, name: str, colour: QColor) -> QImage:
        """The picture of a texture; null if there is none."""
        return tinted(QImage(str(kept(self.source(name), ".png"))), colour)

    def sound(self, name: str) -> Path | None:
        """Its sound, if it is there."""
        file = kept(self.source(name), ".wav")
        return file if file.exists() else None

    def close(self) -> None:
        """Make no more."""
        self._waiting.clear()
        self._process.kill()
        self._process.waitForFinished(1000)

    def _next(self) -> None:
        if self._now:
            done, self._now = self._now, ""
            if self.sound(done):
                self.ready.emit(done)
        if self._waiting:
            self._now = self._waiting.popleft()
            self._process.setArguments(["-m", "ui.textures.pictures", self.source(self._now)])
            self._process.start()


def tinted(grey: QImage, colour: QColor) -> QImage:
    """A grey picture in shades from the ground over a colour to white."""
    if grey.isNull():
        return grey
    shades = [theme.mixed(theme.GROUND, colour, i / 200) for i in range(200)]
    shades += [theme.mixed(colour, theme.TEXT, i / 56) for i in range(56)]
    image = QImage(grey.convertToFormat(QImage.Format.Format_Grayscale8))
    table = QImage(
        image.constBits(), image.width(), image.height(), image.bytesPerLine(), QImage.Format.Format_Indexed8
    )
    table.setColorTable([c.rgb() for c in shades])
    return table.convertToFormat(QImage.Format.Format_RGB32)  # a copy: the other has its bytes from `image`
