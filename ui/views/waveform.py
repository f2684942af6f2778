"""Waveforms of the input and of the output, scrolling as the spectrograms above them do."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QResizeEvent

from ui.look import theme
from ui.views.frames import View
from ui.views.history import History
from ui.views.scroll import Pixels, Scroll
from ui.views.spectrogram import BANDS, LEFT, RIGHT
from ui.views.text import tag

FULL = 127  # of a sample
LOUD = 126  # from here on it is drawn as clipped
APART = 6  # pixels


class Lane:
    """One of the two waveforms."""

    def __init__(self, name: str, colour: str) -> None:
        self.name, self.colour = name, np.uint32(QColor(colour).rgb())
        self.history = History(2, np.int8)
        self.scroll = Scroll(theme.GROUND)
        self.area = QRectF()
        self.label = QPixmap()


class Waveform(View):
    """Lowest and highest sample of all channels, a pixel a column, 60 columns a second."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(QSize(240, 60))
        self.setAccessibleName(self.tr("Waveforms before and after"))
        self.lanes = Lane(self.tr("BEFORE"), theme.QUIET), Lane(self.tr("AFTER"), theme.LIGHT)
        self._middle = np.uint32(QColor(theme.LINE).rgb())
        self._loud = np.uint32(QColor(theme.STOP).rgb())

    def hears(self) -> dict[str, object]:
        """The addresses that it shows."""
        return {"/scope/input": self.feed_input, "/scope/output": self.feed_output}

    def feed_input(self, clock: int, spectrum: bytes, waveform: bytes, *levels: float) -> None:
        """Columns of the input: of each channel the lowest and the highest sample, signed bytes, 127 is full scale."""
        self._feed(self.lanes[0], spectrum, waveform)

    def feed_output(self, clock: int, spectrum: bytes, waveform: bytes, *levels: float) -> None:
        """Columns of the output."""
        self._feed(self.lanes[1], spectrum, waveform)

    def forget(self) -> None:
        """The host is lost: what it told is no picture of now."""
        for lane in self.lanes:
            lane.history = History(2, np.int8)
            lane.scroll.push(self._pixels(lane, np.zeros((lane.scroll.width, 2), np.int8)))
        self.changed()

    def sizeHint(self) -> QSize:
        return QSize(620, 90)

    def _feed(self, lane: Lane, spectrum: bytes, waveform: bytes) -> None:
        columns = len(spectrum) // BANDS
        if not columns or not waveform or len(waveform) % (2 * columns):
            return
        extremes = np.frombuffer(waveform, np.int8).reshape(columns, -1, 2)
        merged = np.stack((extremes[:, :, 0].min(axis=1), extremes[:, :, 1].max(axis=1)), axis=1)
        lane.history.add(merged)
        lane.scroll.push(self._pixels(lane, merged))
        self.changed()

    def _pixels(self, lane: Lane, extremes: NDArray[np.int8]) -> Pixels:
        """Rows (n, 2) as columns of pixels (n, height)."""
        height = lane.scroll.height
        ends = (height - 1) / 2 * (1 - extremes.astype(np.float32) / FULL)
        low, high = np.rint(ends[:, :1]), np.rint(ends[:, 1:])
        row = np.arange(height)
        inside = (high <= row) & (row <= low)
        colour = np.where(np.abs(extremes).max(axis=1, keepdims=True) >= LOUD, self._loud, lane.colour)
        silent = np.where(row == height // 2, self._middle, lane.scroll.ground)
        return np.repeat(np.where(inside, colour, silent), max(round(self.devicePixelRatio()), 1), axis=0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        width, ratio = self.width() - LEFT - RIGHT, self.devicePixelRatio()
        height = (self.height() - APART) // 2
        for n, lane in enumerate(self.lanes):
            lane.area = QRectF(LEFT, n * (height + APART), width, height)
            lane.scroll.resize(round(width * ratio), round(height * ratio), ratio)
            lane.scroll.push(self._pixels(lane, np.zeros((lane.scroll.width, 2), np.int8)))
            lane.scroll.push(self._pixels(lane, lane.history.latest(lane.scroll.width)))
            lane.label = tag(self, lane.name)

    def refresh(self) -> None:
        for lane in self.lanes:
            self.update(lane.area.toAlignedRect())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not LEFT <= event.rect().left() < event.rect().right() < self.width() - RIGHT:
            painter.fillRect(self.rect(), QColor(theme.CARD))
        for lane in self.lanes:
            lane.scroll.paint(painter, lane.area.left(), lane.area.top())
            painter.drawPixmap(lane.area.topLeft(), lane.label)
