"""The last five minutes as lanes over one axis of time: genre, tags, key, tempo, loudness. Now is at the right."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.listen.past import SECONDS, Past
from ui.look import theme, words

UNSURE = "unsure"
HEAD, LANE, CURVE, FOOT = 26, 20, 54, 22  # pixels: genre and key, a tag, tempo and loudness, the seconds
NAMES = 104  # pixels at the left for what each lane is called
SLOWEST, FASTEST = 40.0, 200.0  # beats a minute, of the tempo's lane
QUIETEST, LOUDEST = -50.0, -5.0  # LUFS, of the loudness's
MINUTE = 60
STRONG = 1.4  # a tag of 0.7 is drawn in full colour


class Timeline(QWidget):
    """past: what it shows; tags: the names of the model's."""

    def __init__(self, past: Past) -> None:
        super().__init__()
        self.past = past
        self.tags: Sequence[str] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(2 * HEAD + 3 * LANE + 2 * CURVE + FOOT)
        self.setAccessibleName(self.tr("What was heard in the last five minutes"))

    def sizeHint(self) -> QSize:
        return QSize(620, 2 * HEAD + 6 * LANE + 2 * CURVE + FOOT + 40)

    def across(self, n: float) -> float:
        """Where a moment begins: the newest ends at the right edge."""
        room = self.width() - NAMES - 2 * theme.GAP
        return NAMES + theme.GAP + room * (1 - (len(self.past.moments) - n) / SECONDS)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lanes = self.past.lanes(self.tags)
        spare = self.height() - 2 * HEAD - len(lanes) * LANE - FOOT - 3 * theme.GAP
        curve = min(max(spare / 2, CURVE), 3 * CURVE)
        y = float(theme.GAP)
        self._runs(painter, y, self.tr("Genre"), "genre")
        y += HEAD + theme.GAP / 2
        for row, (name, shares) in enumerate(lanes):
            self._lane(painter, y, name, shares, row)
            y += LANE
        y += theme.GAP / 2
        self._runs(painter, y, self.tr("Key"), "key")
        y += HEAD + theme.GAP / 2
        self._curve(painter, y, curve, self.tr("Tempo"), "tempo", SLOWEST, FASTEST, theme.LIGHT)
        y += curve + theme.GAP / 2
        self._curve(painter, y, curve, self.tr("Loudness"), "loudness", QUIETEST, LOUDEST, theme.WARM)
        self._minutes(painter, y + curve)

    def _named(self, painter: QPainter, y: float, height: float, name: str) -> None:
        painter.setPen(QColor(theme.QUIET))
        box = QRectF(theme.GAP, y, NAMES - theme.GAP, height)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, flags, painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, NAMES - 12))
        painter.fillRect(QRectF(self.left, y + 1, self.width() - theme.GAP - self.left, height - 2), QColor(theme.CARD))

    @property
    def left(self) -> float:
        """Where time begins."""
        return NAMES + theme.GAP

    def _runs(self, painter: QPainter, y: float, name: str, what: str) -> None:
        """Texts as blocks, as long as each held; one that is unsure is grey."""
        self._named(painter, y, HEAD, name)
        for first, end, text in self.past.runs(what):
            box = QRectF(
                max(self.across(first), self.left),
                y + 1,
                self.across(end) - max(self.across(first), self.left) - 1,
                HEAD - 2,
            )
            unsure = text == UNSURE
            hue = sum(map(ord, text)) * theme.TURN % 360
            painter.fillRect(box, QColor(theme.RAISED) if unsure else QColor.fromHslF(hue / 360, 0.5, 0.32))
            said = QCoreApplication.translate("listen", "unsure") if unsure else words.said(text)
            if painter.fontMetrics().horizontalAdvance(said) + 8 < box.width():
                painter.setPen(QColor(theme.QUIET if unsure else theme.TEXT))
                painter.drawText(box.adjusted(5, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, said)

    def _lane(self, painter: QPainter, y: float, name: str, shares: Sequence[float], row: int) -> None:
        self._named(painter, y, LANE, name)
        colour = QColor.fromHslF((theme.HUE + row * theme.TURN) % 360 / 360, 0.62, 0.55)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # or seams show between the seconds
        for n, share in enumerate(shares):
            if share > 0:
                colour.setAlphaF(min(STRONG * share, 1.0))
                painter.fillRect(
                    QRectF(
                        math.floor(self.across(n)),
                        y + 2,
                        math.floor(self.across(n + 1)) - math.floor(self.across(n)),
                        LANE - 4,
                    ),
                    colour,
                )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _curve(
        self, painter: QPainter, y: float, height: float, name: str, what: str, low: float, high: float, colour: str
    ) -> None:
        """A line over time, broken where nothing is known or there is no beat; its last number beside it."""
        numbers = self.past.numbers(what)
        known = [v for v in numbers if v] or [0.0]
        now = numbers[-1] if numbers else None
        self._named(painter, y, height, f"{name}\n{now:.0f}".replace("-", "−") if now else name)
        painter.setPen(QPen(QColor(colour), 1.6))
        line: list[QPointF] = []
        for n, value in enumerate([*numbers, None]):
            if value and known:
                share = min(max((value - low) / (high - low), 0.0), 1.0)
                line.append(QPointF(self.across(n + 0.5), y + height - 4 - share * (height - 8)))
            elif line:
                painter.drawPolyline(QPolygonF(line if len(line) > 1 else [*line, line[0] + QPointF(1, 0)]))
                line = []

    def _minutes(self, painter: QPainter, y: float) -> None:
        for minute in range(SECONDS // MINUTE + 1):
            x = self.across(len(self.past.moments) - minute * MINUTE)
            painter.setPen(QColor(theme.LINE))
            painter.drawLine(QPointF(x, theme.GAP), QPointF(x, y))
            painter.setPen(QColor(theme.QUIET))
            text = self.tr("now") if not minute else self.tr("{0} min").format(-minute).replace("-", "−")
            wide = painter.fontMetrics().horizontalAdvance(text)
            painter.drawText(QPointF(min(x - wide / 2, self.width() - wide - 2), y + FOOT - 6), text)
