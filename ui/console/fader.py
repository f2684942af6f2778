"""An upright fader with its meter, and a mark where the machine wants it."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.host.desk import Desk
from ui.host.namespace import Control
from ui.look import theme, words

STEP, LEAP, FINE = 0.01, 0.1, 0.1  # of the way; with Shift
CAP, WIDE = 10, 84  # pixels
KNEE, SHARE = -30.0, 0.25  # dB, of the way: below, decibels are nearer together, as on any desk
FLOOR = -60.0  # dBFS, of the meter


def number(values: Sequence[object], index: int) -> float | None:
    """One of the numbers that came from the network; None if it is none."""
    found = values[index] if index < len(values) else None
    return float(found) if isinstance(found, float | int) and math.isfinite(found) else None


class Upright(QWidget):
    """A control in dB. level: a reading of peaks; wants: a reading that has one number a strip, and which."""

    def __init__(self, desk: Desk, control: Control, level: str, wants: str = "", index: int = 0) -> None:
        super().__init__()
        self.desk, self.control, self.index = desk, control, index
        self.value, self.wanted = control.default, None
        self.levels: tuple[float, ...] = (FLOOR,)
        self._grip = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(72)
        self.setAccessibleName(control.address)
        tip = self.tr("Drag, Shift for small steps, arrows; double click gives it back to the machine")
        self.setToolTip(f"<b>{control.address}</b><br>{tip}")
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        desk.watch(control.address, self.show_value)
        desk.watch(level, self.show_levels)
        if wants:
            desk.watch(wants, self.show_wanted)

    wanted: float | None

    def sizeHint(self) -> QSize:
        return QSize(WIDE, 220)

    def position(self, value: float) -> float:
        """Where a level stands, 0 to 1."""
        low, high = self.control.low, self.control.high
        if value <= KNEE:
            return SHARE * max(value - low, 0.0) / (KNEE - low)
        return min(SHARE + (1 - SHARE) * (value - KNEE) / (high - KNEE), 1.0)

    def level(self, position: float) -> float:
        """The level at a place: the inverse of `position`."""
        low, high = self.control.low, self.control.high
        if position <= SHARE:
            return low + (KNEE - low) * max(position, 0.0) / SHARE
        return min(KNEE + (high - KNEE) * (position - SHARE) / (1 - SHARE), high)

    def show_value(self, value: float) -> None:
        """Stand where the host says."""
        if value != self.value:
            self.value = value
            self.update()

    def show_levels(self, *values: object) -> None:
        """Peaks, dBFS."""
        self.levels = tuple(float(v) for v in values if isinstance(v, float | int) and math.isfinite(v))[:2] or (FLOOR,)
        self.update()

    def show_wanted(self, *values: object) -> None:
        """What the machine wants of all strips."""
        wanted = number(values, self.index)
        if wanted is not None and (self.wanted is None or abs(wanted - self.wanted) > 0.05):
            self.wanted = wanted
            self.update()

    def forget(self) -> None:
        """The host is lost."""
        self.levels, self.wanted = (FLOOR,), None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QColor(theme.LIGHT if self.hasFocus() else theme.LINE))
        painter.setBrush(QColor(theme.GROUND))
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        text, lane = box.adjusted(0, 2, 0, 0), box.adjusted(8, 24, -8, -8)
        painter.setPen(QColor(theme.TEXT))
        told = "−∞" if self.value <= self.control.low else words.text(self.control, self.value)
        painter.drawText(text, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, told)
        self._meter(painter, lane)
        x, tall = lane.left() + lane.width() * 0.42, lane.height()
        painter.fillRect(QRectF(x - 1, lane.top(), 2, tall), QColor(theme.LINE))
        zero = lane.bottom() - tall * self.position(0)
        painter.fillRect(QRectF(x - 6, zero, 12, 1), QColor(theme.QUIET))
        y = lane.bottom() - tall * self.position(self.value)
        cap = QRectF(x - 15, y - CAP / 2, 30, CAP)
        painter.setPen(QColor(theme.GROUND))
        painter.setBrush(QColor(theme.LIGHT if self.isEnabled() else theme.LINE))
        painter.drawRoundedRect(cap, 3, 3)
        painter.fillRect(QRectF(cap.left() + 3, y - 0.5, cap.width() - 6, 1), QColor(theme.GROUND))
        if self.wanted is not None:
            y = lane.bottom() - tall * self.position(self.wanted)
            mark = QPolygonF([QPointF(x - 17, y), QPointF(x - 25, y - 5), QPointF(x - 25, y + 5)])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.WARM))
            painter.drawPolygon(mark)

    def _meter(self, painter: QPainter, lane: QRectF) -> None:
        for i, level in enumerate(self.levels):
            bar = QRectF(lane.right() - 15 + 8 * i, lane.top(), 6, lane.height())
            painter.fillRect(bar, QColor(theme.RAISED))
            share = min(max((level - FLOOR) / -FLOOR, 0.0), 1.0)
            colour = theme.STOP if level > -1 else theme.WARM if level > -8 else theme.GOOD
            painter.fillRect(
                QRectF(bar.left(), bar.bottom() - share * bar.height(), 6, share * bar.height()), QColor(colour)
            )

    def move_to(self, position: float) -> None:
        """Turn it to a place of its way."""
        self.desk.turn(self.control.address, self.level(min(max(position, 0.0), 1.0)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            if self.desk.is_learning:
                self.desk.choose(self.control.address)
                return
            self._grip = event.position().y()
            self.desk.touch(self.control.address, True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and not self.desk.is_learning:
            fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
            way = fine * (self._grip - event.position().y()) / max(self.height() - 34, 1)
            self._grip = event.position().y()
            self.move_to(self.position(self.value) + way)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.desk.touch(self.control.address, False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.desk.ask.emit("/auto", (self.control.address,))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        ways = {Qt.Key.Key_Up: STEP, Qt.Key.Key_Down: -STEP, Qt.Key.Key_PageUp: LEAP, Qt.Key.Key_PageDown: -LEAP}
        if event.key() in ways:
            self.move_to(self.position(self.value) + fine * ways[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Backspace:
            self.desk.ask.emit("/auto", (self.control.address,))
        else:
            super().keyPressEvent(event)
