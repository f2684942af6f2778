"""A spectrogram that stands still: of a stretch of a file, before or after."""

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent

from ui import theme
from ui.views.frames import View
from ui.views.spectrogram import LEFT, frequencies, shades
from ui.views.survey import Survey
from ui.views.text import canvas, small, tag


class Still(View):
    """A picture under a name, or words where there is none yet."""

    def __init__(self, name: str, words: str = "") -> None:
        super().__init__()
        self.setMinimumSize(QSize(200, 60))
        self.name, self.words = name, words
        self._survey: Survey | None = None
        self._shades = shades()
        self._picture = QPixmap()

    @property
    def area(self) -> QRectF:
        """Where the sound is shown."""
        return QRectF(LEFT, 0, self.width() - LEFT, self.height())

    def show_survey(self, survey: Survey | None, words: str = "") -> None:
        """Show this sound over the whole width, or words."""
        self._survey, self.words = survey, words
        self._draw()
        self.changed()

    def sizeHint(self) -> QSize:
        return QSize(560, 110)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).drawPixmap(0, 0, self._picture)

    def _draw(self) -> None:
        self._picture = canvas(self, self.width(), self.height())
        self._picture.fill(QColor(theme.CARD))
        painter = QPainter(self._picture)
        painter.fillRect(self.area, QColor(theme.GROUND))
        painter.setFont(small(self))
        painter.setPen(QColor(theme.QUIET))
        frequencies(painter, self.area)
        if self._survey is None:
            painter.drawText(self.area, Qt.AlignmentFlag.AlignCenter, self.words)
        else:
            pixels = np.ascontiguousarray(self._shades[self._survey.level.T[::-1]])
            height, width = pixels.shape
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.area, QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32))
        painter.drawPixmap(self.area.topLeft(), tag(self, self.name))
        painter.end()
