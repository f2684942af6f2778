"""Controls: a fader for a number, buttons for named steps. Each is made from what the host says of its parameter.

Mouse: drag, Shift for small steps, double click for the default, right click for MIDI. Keys: arrows, page up and down,
home and end, Enter to type a number, Backspace for the default.
"""

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDoubleValidator,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QMenu, QPushButton, QSizePolicy, QWidget

from ui.host.desk import Desk
from ui.host.namespace import Control
from ui.look import theme, words
from ui.look.layout import button, row
from ui.parts.box import Box

translate = QCoreApplication.translate

HEIGHT = 30  # pixels
FINE = 0.1  # with Shift
STEP, LEAP = 0.01, 0.1  # of the range
FEW = 4  # named steps that are buttons
NOTCH = 120  # of a wheel, as Qt counts


class Fader(QWidget):
    """A bar with name and value; a drag moves it as far as the mouse goes, from wherever it was taken."""

    def __init__(self, desk: Desk, control: Control, label: str = "", height: int = HEIGHT) -> None:
        super().__init__()
        self.desk, self.control, self.label = desk, control, label or words.name(control)
        self._value, self._grip, self._position = control.default, 0.0, 0.0
        self._entry: QLineEdit | None = None
        self._tall = height
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(control.address)
        self.setToolTip(tip(control))
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        desk.watch(control.address, self.show_value)
        desk.learning.connect(self.update)
        desk.learned.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, self._tall)

    def show_value(self, value: float) -> None:
        """Stand where the host says."""
        if value != self._value:
            self._value = value
            self.update()

    def move_to(self, position: float) -> None:
        """Turn the control to a share of its range."""
        self.desk.turn(self.control.address, self.control.value(position))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        choosing, enabled = self.desk.is_learning, self.isEnabled()
        painter.setPen(QColor(theme.WARM if choosing else theme.LIGHT if self.hasFocus() else theme.LINE))
        painter.setBrush(QColor(theme.GROUND))
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        reach = box.width() * self.control.position(self._value)
        light = QColor(theme.LIGHT if enabled else theme.LINE)
        if reach > 1:
            painter.save()
            painter.setClipRect(QRectF(box.left(), box.top(), reach, box.height()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.mixed(theme.GROUND, light, 0.38))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
            painter.restore()
        painter.fillRect(QRectF(min(box.left() + reach, box.right() - 3), box.top() + 4, 2.5, box.height() - 8), light)
        painter.setPen(QColor(theme.TEXT if enabled else theme.LINE))
        inner = box.adjusted(10, 0, -10, 0)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        painter.drawText(inner, left | Qt.AlignmentFlag.AlignVCenter, self.label)
        painter.drawText(inner, right | Qt.AlignmentFlag.AlignVCenter, self._words())

    def _words(self) -> str:
        bound = self.desk.controllers.get(self.control.address)
        value = words.text(self.control, self._value)
        return f"CC {bound[1]}   {value}" if bound else value

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            if self.desk.is_learning:
                self.desk.choose(self.control.address)
                return
            self._grip, self._position = event.position().x(), self.control.position(self._value)
            self.desk.touch(self.control.address, True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and not self.desk.is_learning:
            fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            way = fine * (event.position().x() - self._grip) / max(self.width() - 2, 1)
            self._grip = event.position().x()
            self._position = min(max(self._position + way, 0.0), 1.0)
            self.move_to(self._position)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.desk.is_learning:
            self.desk.touch(self.control.address, False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.desk.turn(self.control.address, self.control.default)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():  # it may be within something that scrolls
            event.ignore()
            return
        self.nudge(STEP * event.angleDelta().y() / NOTCH)

    def nudge(self, way: float) -> None:
        """Move by a share of the range; by a step at least where there are steps."""
        if self.control.scale == "step":
            self.desk.turn(self.control.address, self._value + (1 if way > 0 else -1))
        else:
            self.move_to(self.control.position(self._value) + way)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        ways = {
            Qt.Key.Key_Right: STEP,
            Qt.Key.Key_Up: STEP,
            Qt.Key.Key_Left: -STEP,
            Qt.Key.Key_Down: -STEP,
            Qt.Key.Key_PageUp: LEAP,
            Qt.Key.Key_PageDown: -LEAP,
        }
        places = {Qt.Key.Key_Home: self.control.low, Qt.Key.Key_End: self.control.high}
        places[Qt.Key.Key_Backspace] = places[Qt.Key.Key_Delete] = self.control.default
        key = Qt.Key(event.key())
        if key in ways:
            self.nudge(fine * ways[key])
        elif key in places:
            self.desk.turn(self.control.address, places[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        midi_menu(self, self.desk, self.control).exec(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def _ask(self) -> None:
        """Let a number be typed."""
        entry = QLineEdit(f"{self._value:g}", self)
        validator = QDoubleValidator(self.control.low, self.control.high, 6, entry)
        validator.setNotation(QDoubleValidator.Notation.StandardNotation)
        entry.setGeometry(self.rect())
        entry.selectAll()
        entry.returnPressed.connect(lambda: self._typed(entry))
        entry.editingFinished.connect(entry.deleteLater)
        entry.show()
        entry.setFocus()
        self._entry = entry

    def _typed(self, entry: QLineEdit) -> None:
        try:
            value = float(entry.text().replace(",", "."))
        except ValueError:
            return
        if self.control.low <= value <= self.control.high:
            self.desk.turn(self.control.address, value)
        else:
            self.desk.said.emit(self.tr("{} = {} is outside {}").format(self.label, value, self.control.bounds))
        self.setFocus()


class Choice(QWidget):
    """A button for each named step."""

    def __init__(self, desk: Desk, control: Control) -> None:
        super().__init__()
        self.desk, self.control = desk, control
        self._group = QButtonGroup(self)
        for i, name in enumerate(control.choices):
            step = button(words.said(name), checkable=True, tip=tip(control))
            step.setAccessibleName(f"{control.address} {name}")
            self._group.addButton(step, i)
        self.setLayout(row(*((step, 1) for step in self._group.buttons()), spacing=2))
        self._group.idClicked.connect(self._clicked)
        desk.watch(control.address, self.show_value)

    def show_value(self, value: float) -> None:
        """Stand where the host says."""
        step = self._group.button(round(value - self.control.low))
        if step:
            step.setChecked(True)

    def buttons(self) -> list[QPushButton]:
        """The steps, from the lowest."""
        return [b for b in self._group.buttons() if isinstance(b, QPushButton)]

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        midi_menu(self, self.desk, self.control).exec(event.globalPos())

    def _clicked(self, step: int) -> None:
        if self.desk.is_learning:
            self.desk.choose(self.control.address)
            self.show_value(self.desk.values[self.control.address])
            return
        self.desk.turn(self.control.address, self.control.low + step)


class Pick(Box):
    """A list of named steps, where there are too many for buttons."""

    def __init__(self, desk: Desk, control: Control) -> None:
        super().__init__()
        self.desk, self.control = desk, control
        self.addItems([words.said(name) for name in control.choices])
        self.setAccessibleName(control.address)
        self.setToolTip(tip(control))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(self._picked)
        desk.watch(control.address, self.show_value)

    def show_value(self, value: float) -> None:
        """Stand where the host says."""
        self.setCurrentIndex(round(value - self.control.low))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it is within something that scrolls

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        midi_menu(self, self.desk, self.control).exec(event.globalPos())

    def _picked(self, step: int) -> None:
        if self.desk.is_learning:
            self.desk.choose(self.control.address)
            self.show_value(self.desk.values[self.control.address])
            return
        self.desk.turn(self.control.address, self.control.low + step)


def made(desk: Desk, control: Control) -> Fader | Choice | Pick:
    """What turns this control."""
    if len(control.choices) > FEW:
        return Pick(desk, control)
    return Choice(desk, control) if control.choices else Fader(desk, control)


def tip(control: Control) -> str:
    """Its address, range and meaning."""
    return f"<b>{control.address}</b> &nbsp; {control.bounds}<br>{words.meaning(control)}"


def midi_menu(parent: QWidget, desk: Desk, control: Control) -> QMenu:
    """Default, learn and forget."""
    menu = QMenu(parent)
    default = words.text(control, control.default)
    menu.addAction(
        translate("Controls", "Default: {}").format(default), lambda: desk.turn(control.address, control.default)
    )
    learn = menu.addAction(translate("Controls", "Learn a MIDI controller"), lambda: desk.choose(control.address))
    learn.setEnabled("/learn" in desk.addresses)
    forget = menu.addAction(translate("Controls", "Forget the MIDI controller"), lambda: desk.forget(control.address))
    forget.setEnabled(control.address in desk.controllers)
    return menu
