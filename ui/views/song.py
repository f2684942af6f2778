"""A song from its beginning to its end: its waveform, the chosen stretch, and where it is played."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent

from ui import theme
from ui.views.frames import View
from ui.views.spectrogram import LEFT
from ui.views.survey import Survey
from ui.views.text import canvas, small

NEAR = 6  # pixels within which an edge of the stretch is caught
SHORTEST = 0.1  # seconds of a stretch
FOOT = 15  # pixels, for times
STEP = 1.0  # seconds that an arrow key goes


class Song(View):
    """Drag for a stretch, or one of its edges; click to go there; arrows go on and back, [ and ] set the edges.

    selected: begin and end in seconds. sought: a time in seconds.
    """

    selected = Signal(float, float)
    sought = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(QSize(200, 56))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Song"))
        self.survey: Survey | None = None
        self.begin, self.end, self.position = 0.0, 0.0, -1.0
        self._anchor: float | None = None  # the edge that stays while the other is dragged
        self._pressed = QPointF()
        self._picture = QPixmap()

    @property
    def seconds(self) -> float:
        """The length of the song."""
        return self.survey.seconds if self.survey else 0.0

    def show_survey(self, survey: Survey | None) -> None:
        """Show another song, all of it chosen."""
        self.survey, self.position = survey, -1.0
        self.begin, self.end = 0.0, self.seconds
        self._draw()
        self.changed()

    def select(self, begin: float, end: float) -> None:
        """Choose a stretch, in seconds; it is kept within the song."""
        begin, end = sorted((min(max(begin, 0.0), self.seconds), min(max(end, 0.0), self.seconds)))
        if end - begin < SHORTEST:
            begin = min(begin, max(self.seconds - SHORTEST, 0.0))
            end = min(begin + SHORTEST, self.seconds)
        if (begin, end) != (self.begin, self.end):
            self.begin, self.end = begin, end
            self.selected.emit(begin, end)
            self.changed()

    def show_position(self, seconds: float) -> None:
        """Where it is played; less than 0 for nowhere."""
        if round(self.x_of(seconds)) != round(self.x_of(self.position)):
            self.changed()
        self.position = seconds

    def x_of(self, seconds: float) -> float:
        """Seconds as pixels."""
        return LEFT + seconds / max(self.seconds, 1e-9) * (self.width() - LEFT)

    def time_of(self, x: float) -> float:
        """Pixels as seconds, within the song."""
        return min(max((x - LEFT) / max(self.width() - LEFT, 1), 0.0), 1.0) * self.seconds

    def sizeHint(self) -> QSize:
        return QSize(560, 64)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.survey and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            edge = self._edge(event.position().x())
            self._anchor = self.time_of(event.position().x()) if edge is None else self.begin + self.end - edge

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._anchor is None:
            near = self.survey and self._edge(event.position().x()) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if near else Qt.CursorShape.ArrowCursor)
        elif self._moved(event):
            self.select(self._anchor, self.time_of(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._anchor is not None and not self._moved(event):
            self.sought.emit(self.time_of(event.position().x()))
        self._anchor = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.select(0.0, self.seconds)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at = max(self.position, 0.0)
        match event.key():
            case Qt.Key.Key_Left:
                self.sought.emit(max(at - STEP, 0.0))
            case Qt.Key.Key_Right:
                self.sought.emit(min(at + STEP, self.seconds))
            case Qt.Key.Key_BracketLeft:
                self.select(min(at, self.end - SHORTEST), self.end)
            case Qt.Key.Key_BracketRight:
                self.select(self.begin, max(at, self.begin + SHORTEST))
            case _:
                super().keyPressEvent(event)

    def _moved(self, event: QMouseEvent) -> bool:
        return abs(event.position().x() - self._pressed.x()) >= 3

    def _edge(self, x: float) -> float | None:
        """The edge of the stretch that is near, in seconds."""
        near = [edge for edge in (self.begin, self.end) if abs(self.x_of(edge) - x) <= NEAR]
        return near[0] if near else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        if not self.survey:
            return
        top, height = 0, self.height() - FOOT
        shade = QColor(theme.GROUND)
        shade.setAlpha(180)
        left, right = self.x_of(self.begin), self.x_of(self.end)
        painter.fillRect(QRectF(LEFT, top, left - LEFT, height), shade)
        painter.fillRect(QRectF(right, top, self.width() - right, height), shade)
        for x in (left, right - 2):
            painter.fillRect(QRectF(x, top, 2, height), QColor(theme.LIGHT))
        if self.position >= 0:
            painter.fillRect(QRectF(self.x_of(self.position), top, 2, height), QColor(theme.TEXT))
        if self.hasFocus():
            painter.setPen(QColor(theme.LIGHT))
            painter.drawRect(QRectF(LEFT, top, self.width() - LEFT - 1, height - 1))

    def _draw(self) -> None:
        self._picture = canvas(self, self.width(), self.height())
        self._picture.fill(QColor(theme.CARD))
        painter = QPainter(self._picture)
        area = QRectF(LEFT, 0, self.width() - LEFT, self.height() - FOOT)
        painter.fillRect(area, QColor(theme.GROUND))
        painter.setFont(small(self))
        painter.setPen(QColor(theme.QUIET))
        if self.survey:
            self._wave(painter, area, self.survey)
            step = next((s for s in STEPS if self.seconds / s <= 8), STEPS[-1])
            for n in range(int(self.seconds / step) + 1):
                x = self.x_of(n * step)
                if x < self.width() - 20:
                    painter.drawText(
                        QRectF(x - 30, area.bottom(), 60, FOOT), Qt.AlignmentFlag.AlignCenter, clock(n * step)
                    )
        painter.end()

    def _wave(self, painter: QPainter, area: QRectF, survey: Survey) -> None:
        pixels = max(round(area.width()), 1)
        starts = np.linspace(0, len(survey.low), pixels, endpoint=False).astype(int)
        low, high = np.minimum.reduceat(survey.low, starts), np.maximum.reduceat(survey.high, starts)
        loudest = max(float(np.abs(survey.low).max()), float(np.abs(survey.high).max()), 1e-6)
        middle, half = area.center().y(), area.height() / 2 - 1
        for x in range(pixels):
            top, bottom = (middle - half * float(v[x]) / loudest for v in (high, low))
            painter.fillRect(QRectF(area.left() + x, top, 1, max(bottom - top, 1)), QColor(theme.QUIET))


STEPS = 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600  # seconds between two times


def clock(seconds: float) -> str:
    """A time as people write it: 0.5, 12, 1:05, 1:02:30."""
    if seconds < 60:
        return f"{seconds:g}"
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
