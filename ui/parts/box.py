"""A combo box that looks like one: with a chevron, which a style sheet that draws the frame leaves out."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox

from ui.look import theme

FROM_RIGHT, WIDE, HIGH = 12.0, 4.0, 2.5  # pixels: its middle, half its width, half its height


class Box(QComboBox):
    """One choice of several."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.LIGHT if self.isEnabled() else theme.LINE), 1.6))
        x, y = self.width() - FROM_RIGHT, self.height() / 2
        painter.drawPolyline([QPointF(x - WIDE, y - HIGH), QPointF(x, y + HIGH), QPointF(x + WIDE, y - HIGH)])
        if not self.isEditable() and self.hasFocus():
            painter.setPen(QColor(theme.LIGHT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), theme.RADIUS, theme.RADIUS)
