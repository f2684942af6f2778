"""The film's picture at a moment, if the film lies on this computer; decoded in a thread, the latest wish alone."""

import threading
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rtengine.film.still import Stills
from ui.look import theme


class Screen(QWidget):
    """Shows the picture at a second of the film."""

    came = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(QSize(160, 90))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("The film"))
        self._image: QImage | None = None
        self._wanted: tuple[str, float] | None = None
        self._shown: tuple[str, float] | None = None
        self._ready = threading.Condition()
        self._over = False
        self.came.connect(self._show)
        self.destroyed.connect(self.end)
        self._thread = threading.Thread(target=self._run, name="film", daemon=True)
        self._thread.start()

    def sizeHint(self) -> QSize:
        return QSize(320, 180)

    def show_at(self, film: str, second: float) -> None:
        """Show the picture of this second, as soon as it is decoded."""
        with self._ready:
            if film and (film, second) != self._shown:
                self._wanted = self._shown = film, second
                self._ready.notify()

    def end(self) -> None:
        """No more pictures."""
        with self._ready:
            self._over = True
            self._ready.notify()

    def _run(self) -> None:
        stills: Stills | None = None
        while True:
            with self._ready:
                while self._wanted is None and not self._over:
                    self._ready.wait()
                if self._over or self._wanted is None:
                    return
                (film, second), self._wanted = self._wanted, None
            try:
                if stills is None or str(stills.path) != film:
                    stills = Stills(Path(film))
                picture = stills.at(second)
            except (OSError, ValueError):
                stills, picture = None, None
            try:
                self.came.emit(picture)
            except RuntimeError:  # the window is gone
                return

    def _show(self, picture: "np.ndarray[tuple[int, int, int], np.dtype[np.uint8]] | None") -> None:
        if picture is None:
            self._image = None
        else:
            h, w, _ = picture.shape
            self._image = QImage(picture.tobytes(), w, h, 3 * w, QImage.Format.Format_RGB888).copy()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.GROUND)
        if self._image is None:
            painter.setPen(theme.QUIET)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                             self.tr("no film on this computer"))  # fmt: skip
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        x, y = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawImage(self.rect().adjusted(x, y, -x, -y), self._image)
