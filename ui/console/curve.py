"""The equaliser of a strip as a curve, and behind it the curve that the machine wants."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from rtengine.dsp.console import cookbook
from ui.console.fader import number
from ui.host.desk import Desk
from ui.look import theme

BANDS = 6
KINDS = (cookbook.LOW_SHELF, *4 * (cookbook.PEAK,), cookbook.HIGH_SHELF)
LOW, HIGH, POINTS, RANGE = 30.0, 18_000.0, 64, 15.0  # Hz, Hz, of the curve, dB up and down
RATE = 48_000.0  # Hz: the picture is that of this rate
FREQUENCIES = LOW * (HIGH / LOW) ** (np.arange(POINTS) / (POINTS - 1))


class Curve(QWidget):
    """Of strip `number`, from 1."""

    def __init__(self, desk: Desk, number: int) -> None:
        super().__init__()
        self.desk, self.number = desk, number
        self.wanted: list[float] = [0.0] * BANDS
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(44)
        self.setAccessibleName(f"/strip/{number}/eq")
        self.setToolTip(self.tr("The equaliser; the thin line is what the machine wants"))
        for band in range(1, BANDS + 1):
            for name in ("gain", "frequency", "q"):
                desk.watch(f"/strip/{number}/eq{band}_{name}", self._again)
            desk.watch(f"/automix/wants_eq{band}", lambda *values, b=band: self._want(b, values))

    def sizeHint(self) -> QSize:
        return QSize(84, 44)

    def _again(self, *values: object) -> None:
        self.update()

    def _want(self, band: int, values: tuple[object, ...]) -> None:
        gain = number(values, self.number - 1)
        if gain is not None:
            self.wanted[band - 1] = gain
            self.update()

    def gains(self) -> list[float]:
        """Of the bands, dB."""
        return [self.desk.values.get(f"/strip/{self.number}/eq{b}_gain", 0.0) for b in range(1, BANDS + 1)]

    def response(self, gains: list[float]) -> NDArray[np.float64]:
        """The whole curve in dB at FREQUENCIES."""
        total = np.zeros(POINTS)
        for band, (kind, gain) in enumerate(zip(KINDS, gains, strict=True), 1):
            if gain:
                there = f"/strip/{self.number}/eq{band}"
                f, q = self.desk.values.get(f"{there}_frequency", 1000.0), self.desk.values.get(f"{there}_q", 1.0)
                h = np.array(cookbook.design(kind, f, gain, q, RATE))
                total += 20 * np.log10(np.abs(cookbook.response(h, FREQUENCIES, RATE)))
        return total

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QColor(theme.LINE))
        painter.setBrush(QColor(theme.GROUND))
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
        for gains, colour, width in ((self.wanted, theme.WARM, 1.0), (self.gains(), theme.LIGHT, 2.0)):
            heights = np.clip(self.response(gains) / RANGE, -1, 1)
            line = [
                QPointF(box.left() + box.width() * i / (POINTS - 1), box.center().y() - y * box.height() / 2)
                for i, y in enumerate(heights)
            ]
            painter.setPen(QPen(QColor(colour), width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(line))
