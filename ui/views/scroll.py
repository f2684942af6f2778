"""A picture that moves to the left: a ring of columns of pixels, of which no pixel is ever moved in memory."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter

Pixels = NDArray[np.uint32]  # 0xffRRGGBB


class Scroll:
    """The newest column is at the right edge. Where nothing has been yet, there is the ground."""

    def __init__(self, ground: str) -> None:
        self.ground = np.uint32(QColor(ground).rgb())
        self.resize(1, 1, 1.0)

    def resize(self, width: int, height: int, ratio: float) -> None:
        """Make room for so many pixels of the device, `ratio` of them a unit of the layout, and begin anew."""
        self.width, self.height, self.ratio = max(width, 1), max(height, 1), ratio
        self.pixels = np.full((self.height, self.width), self.ground, np.uint32)
        self._image = QImage(self.pixels.data, self.width, self.height, 4 * self.width, QImage.Format.Format_RGB32)
        self._next = 0  # column to be written

    def push(self, columns: Pixels) -> None:
        """Append columns (n, height), the uppermost pixel first."""
        columns = columns[-self.width :]
        first = min(len(columns), self.width - self._next)
        self.pixels[:, self._next : self._next + first] = columns[:first].T
        self.pixels[:, : len(columns) - first] = columns[first:].T
        self._next = (self._next + len(columns)) % self.width

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        """Draw it with its upper left corner there, in units of the layout."""
        painter.save()
        painter.translate(left, top)
        painter.scale(1 / self.ratio, 1 / self.ratio)
        old = self.width - self._next
        painter.drawImage(QPoint(0, 0), self._image, QRect(self._next, 0, old, self.height))
        if self._next:  # for Qt an empty part is the whole
            painter.drawImage(QPoint(old, 0), self._image, QRect(0, 0, self._next, self.height))
        painter.restore()
