"""Small words on pictures."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from ui.look import theme


def small(view: QWidget, bold: bool = False) -> QFont:
    """The font of scales."""
    font = QFont(view.font())
    font.setPointSizeF(theme.SMALL)
    font.setBold(bold)
    return font


def tag(view: QWidget, text: str) -> QPixmap:
    """A name that lies over a picture."""
    font = small(view, bold=True)
    metrics = QFontMetrics(font)
    width, height = metrics.horizontalAdvance(text) + 12, metrics.height() + 4
    pixmap = canvas(view, width, height)
    ground = QColor(theme.GROUND)
    ground.setAlpha(190)
    pixmap.fill(ground)
    painter = QPainter(pixmap)
    painter.setFont(font)
    painter.setPen(QColor(theme.TEXT))
    painter.drawText(QRectF(0, 0, width, height), Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return pixmap


def canvas(view: QWidget, width: float, height: float) -> QPixmap:
    """A picture of this size in units of the layout, as sharp as the screen."""
    ratio = view.devicePixelRatio()
    pixmap = QPixmap(max(round(width * ratio), 1), max(round(height * ratio), 1))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
