"""Level meters of input and output: what is loud, how loud it feels, and whether it was ever too loud.

The bright bar is the rms value, the dim one above it the peak, the line the highest peak of late. Colours change where
B. Katz's K-20 scale puts the loudness of music (-20 dBFS), and near full scale. The lamp lights when the analogue
signal would rise above -1 dBTP, and stays lit until it is clicked.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent

from ui.look import theme
from ui.views.frames import View
from ui.views.text import canvas, small

SILENCE = -120.0  # dBFS, what the host tells of nothing
LOWEST, HIGHEST = -60.0, 0.0  # dBFS, of the scale
TICKS = (0, -3, -6, -10, -14, -20, -30, -40, -50, -60)
LOUD, TOO_LOUD = -20.0, -4.0  # dBFS, where the colours change
OVER = -1.0  # dBTP: EBU R 128 and most shops ask for no more
HOLD, FALL = 1.5, 20.0  # seconds for which the highest peak stands; then dB a second
NUMBERS = 0.1  # seconds between two readings of the numbers: faster nobody reads
HEAD, TABLE, SCALE = 40, 66, 30  # pixels: lamp and name, numbers, the scale in the middle
BARS = (  # from, up to, colour
    (LOWEST, LOUD, theme.GOOD),
    (LOUD, TOO_LOUD, theme.WARM),
    (TOO_LOUD, HIGHEST, theme.STOP),
)


@dataclass
class Side:
    """What is known of one signal."""

    name: str
    momentary: float = SILENCE  # LUFS
    short_term: float = SILENCE
    true_peak: float = SILENCE  # dBTP, the highest since the lamp was clicked
    channels: list[tuple[float, float]] = field(default_factory=list)  # peak and rms, dBFS
    held: list[tuple[float, float]] = field(default_factory=list)  # highest peak of late, and when it was
    area: QRectF = field(default_factory=QRectF)
    lamp: QRectF = field(default_factory=QRectF)


class Meters(View):
    """Input and output side by side. now: seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.now = now
        self.setMinimumSize(QSize(150, 170))
        self.setAccessibleName(self.tr("Levels"))
        self.setToolTip(self.tr("Bright: rms. Dim: peak. Line: highest of late. A click puts out the lamps"))
        self.input, self.output = Side(self.tr("IN")), Side(self.tr("OUT"))
        self._ground, self._table = QPixmap(), QPixmap()
        self._read = -1.0  # when the numbers were

    def hears(self) -> dict[str, object]:
        """The addresses that it shows."""
        return {"/scope/input": self.feed_input, "/scope/output": self.feed_output}

    def feed_input(self, clock: int, spectrum: bytes, waveform: bytes, *levels: float) -> None:
        """Momentary and short-term loudness (LUFS), then peak, rms (dBFS), true peak (dBTP) of each channel."""
        self._feed(self.input, levels)

    def feed_output(self, clock: int, spectrum: bytes, waveform: bytes, *levels: float) -> None:
        """The same of the output."""
        self._feed(self.output, levels)

    def forget(self) -> None:
        """The host is lost: nothing is known of now."""
        for side in (self.input, self.output):
            side.momentary = side.short_term = side.true_peak = SILENCE
            side.channels, side.held = [], []
        self._read = -1.0
        self.changed()

    def reset(self) -> None:
        """Put out the lamps."""
        for side in (self.input, self.output):
            side.true_peak = SILENCE
        self._read = -1.0
        self.changed()

    def sizeHint(self) -> QSize:
        return QSize(226, 300)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.reset()

    def _feed(self, side: Side, levels: tuple[float, ...]) -> None:
        if len(levels) < 5 or len(levels) % 3 != 2:
            return
        now = self.now()
        side.momentary, side.short_term = levels[:2]
        side.channels = list(zip(levels[2::3], levels[3::3], strict=True))
        side.true_peak = max(side.true_peak, *levels[4::3])
        before = side.held if len(side.held) == len(side.channels) else [(SILENCE, now)] * len(side.channels)
        side.held = [held(*h, peak, now) for h, (peak, _) in zip(before, side.channels, strict=True)]
        self.changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        width, height = (self.width() - SCALE) / 2, self.height() - HEAD - TABLE
        for side, left in ((self.input, 0.0), (self.output, width + SCALE)):
            side.area = QRectF(left, HEAD, width, height)
            side.lamp = QRectF(left, 18, width, 17)
        self._draw_ground()
        self._read = -1.0

    def height_of(self, level: float) -> float:
        """Where a level in dBFS is, in pixels from above: the upper 20 dB take half of the room."""
        level = min(max(level, LOWEST), HIGHEST)
        share = -level / 40 if level > -20 else 0.5 + (-20 - level) / 80
        return self.input.area.top() + share * self.input.area.height()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._ground)
        for side in (self.input, self.output):
            if side.true_peak > OVER:
                painter.fillRect(side.lamp, QColor(theme.STOP))
                painter.setFont(small(self, bold=True))
                painter.setPen(QColor(theme.GROUND))
                painter.drawText(side.lamp, Qt.AlignmentFlag.AlignCenter, self.tr("OVER"))
            for n, (level, (hold, _)) in enumerate(zip(side.channels, side.held, strict=True)):
                self._bar(painter, self._strip(side, n), *level, hold)
        if self.now() - self._read >= NUMBERS:
            self._read = self.now()
            self._draw_table()
        painter.drawPixmap(QPointF(0, self.height() - TABLE), self._table)

    def _strip(self, side: Side, channel: int) -> QRectF:
        width = (side.area.width() + 3) / max(len(side.channels), 1)
        left = side.area.left() + channel * width
        return QRectF(round(left), side.area.top(), round(width - 3), side.area.height())

    def _bar(self, painter: QPainter, strip: QRectF, peak: float, rms: float, hold: float) -> None:
        for low, high, colour in BARS:
            for level, tone in ((peak, theme.mixed(theme.GROUND, colour, 0.35)), (rms, QColor(colour))):
                if level > low:
                    top, bottom = self.height_of(min(level, high)), self.height_of(low)
                    painter.fillRect(QRectF(strip.left(), top, strip.width(), bottom - top), tone)
        if hold > LOWEST:
            colour = theme.STOP if hold > OVER else theme.TEXT
            painter.fillRect(QRectF(strip.left(), self.height_of(hold) - 1, strip.width(), 2), QColor(colour))

    def _draw_ground(self) -> None:
        """Draw all that does not move."""
        self._ground = canvas(self, self.width(), self.height())
        self._ground.fill(QColor(theme.CARD))
        painter = QPainter(self._ground)
        for side in (self.input, self.output):
            painter.setFont(small(self, bold=True))
            painter.setPen(QColor(theme.TEXT))
            painter.drawText(
                QRectF(side.area.left(), 0, side.area.width(), 16), Qt.AlignmentFlag.AlignCenter, side.name
            )
            painter.fillRect(side.lamp, QColor(theme.RAISED))
            painter.fillRect(side.area, QColor(theme.GROUND))
        painter.setFont(small(self))
        middle, last = QRectF(self.input.area.right(), 0, SCALE, 14), -100.0
        for level in TICKS:
            y = self.height_of(level)
            if y - last >= 13 and y + 7 <= self.height() - TABLE + 4:
                middle.moveTop(y - 7)
                painter.setPen(QColor(theme.TEXT if level == LOUD else theme.QUIET))
                painter.drawText(middle, Qt.AlignmentFlag.AlignCenter, f"{-level}")
                last = y
        painter.end()

    def _draw_table(self) -> None:
        """Draw the numbers."""
        self._table = canvas(self, self.width(), TABLE)
        self._table.fill(QColor(theme.CARD))
        painter = QPainter(self._table)
        rows = (
            (self.tr("M"), self.input.momentary, self.output.momentary),
            (self.tr("S"), self.input.short_term, self.output.short_term),
            (self.tr("TP"), self.input.true_peak, self.output.true_peak),
        )
        font = small(self)
        font.setPointSizeF(theme.PLAIN)
        for row, (name, *levels) in enumerate(rows):
            y = 8 + row * 19
            painter.setFont(small(self))
            painter.setPen(QColor(theme.QUIET))
            unit = "dBTP" if row == 2 else "LUFS"
            painter.drawText(QRectF(0, y, self.width(), 18), Qt.AlignmentFlag.AlignCenter, name)
            painter.setFont(font)
            for side, level in zip((self.input, self.output), levels, strict=True):
                over = row == 2 and level > OVER
                painter.setPen(QColor(theme.STOP if over else theme.TEXT))
                box = QRectF(side.area.left(), y, side.area.width(), 18)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, number(level, unit))
        painter.end()


def held(level: float, since: float, peak: float, now: float) -> tuple[float, float]:
    """The highest peak of late, and since when: it stands for HOLD seconds, then falls, a step at each call."""
    if peak >= level:
        return peak, now
    if now - since < HOLD:
        return level, since
    return max(level - FALL / 60, peak), since


def number(level: float, unit: str) -> str:
    """A level as people read it; – is silence."""
    return f"{level:.1f} {unit}".replace("-", "−") if level > -100 else "–"
