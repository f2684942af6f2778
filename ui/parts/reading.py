"""A reading of a block as a meter: bars within its range, or the name that it stands for."""

from itertools import pairwise

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.host.desk import Desk
from ui.host.namespace import Reading
from ui.look import theme, words

HEIGHT, TALL = 30, 64  # pixels: of few numbers, of many
FEW = 4  # numbers that are told one by one
LEVELS = ("dBFS", "dBTP")  # units in which it can be too loud
STEPS = (-20.0, -4.0)  # dBFS, where the colours of levels change, as in ui.views.meters


class ReadingMeter(QWidget):
    """Shows what the host says, and never more than that: before the first message, and of a lost host, nothing."""

    def __init__(self, desk: Desk, reading: Reading) -> None:
        super().__init__()
        self.reading = reading
        self.values: tuple[float | str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT if reading.count <= FEW else TALL)
        self.setAccessibleName(reading.address)
        self.setToolTip(f"<b>{reading.address}</b> &nbsp; {reading.bounds}<br>{words.said(reading.doc)}")
        desk.watch(reading.address, self.show_values)

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def show_values(self, *values: object) -> None:
        """Numbers, or names."""
        self.values = tuple(v for v in values if isinstance(v, float | int | str))
        self.update()

    def forget(self) -> None:
        """The host is lost."""
        self.show_values()

    def numbers(self) -> str:
        """What it says in words."""
        if not self.values:
            return "–"
        if len(self.values) > FEW:
            return ""
        told = [words.said(v) if isinstance(v, str) else self.reading.number(v) for v in self.values]
        unit = f" {self.reading.unit}" if self.reading.unit else ""
        return "  ".join(told) + unit

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QColor(theme.LINE))
        painter.setBrush(QColor(theme.CARD))
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        shares = [self.reading.position(v) for v in self.values if not isinstance(v, str)]
        if shares and self.reading.count <= FEW:
            self._lie(painter, box.adjusted(3, box.height() - 7, -3, -3), shares)
        elif shares:
            self._stand(painter, box.adjusted(4, 20, -4, -3), shares)
        inner = box.adjusted(9, 0, -9, -5 if self.reading.count <= FEW else 20 - box.height())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(theme.QUIET))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | middle, words.said(self.reading.name.replace("_", " ")))
        painter.setPen(QColor(theme.TEXT))
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | middle, self.numbers())

    def _lie(self, painter: QPainter, area: QRectF, shares: list[float]) -> None:
        """One bar over another."""
        tall = area.height() / len(shares)
        for i, share in enumerate(shares):
            top = area.top() + i * tall
            painter.fillRect(QRectF(area.left(), top, area.width(), tall - 0.5), QColor(theme.GROUND))
            for low, high, colour in self._parts(share):
                width = (high - low) * area.width()
                painter.fillRect(QRectF(area.left() + low * area.width(), top, width, tall - 0.5), QColor(colour))

    def _stand(self, painter: QPainter, area: QRectF, shares: list[float]) -> None:
        """One bar beside another."""
        wide = area.width() / len(shares)
        painter.fillRect(area, QColor(theme.GROUND))
        for i, share in enumerate(shares):
            height = share * area.height()
            bar = QRectF(area.left() + i * wide, area.bottom() - height, max(wide - 0.5, 0.5), height)
            painter.fillRect(bar, QColor(theme.GOOD))

    def _parts(self, share: float) -> list[tuple[float, float, str]]:
        """The bar in its colours: from, to, colour."""
        if self.reading.unit not in LEVELS:
            return [(0.0, share, theme.GOOD)]
        edges = [0.0, *(self.reading.position(step) for step in STEPS), 1.0]
        colours = theme.GOOD, theme.WARM, theme.STOP
        parts = zip(pairwise(edges), colours, strict=True)
        return [(low, min(high, share), colour) for (low, high), colour in parts if share > low]
