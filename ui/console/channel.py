"""One strip in the window: what it plays, its equaliser, what the compressor takes, fader, mute, solo and lock."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QFrame, QPushButton, QSizePolicy, QWidget

from ui.console.curve import Curve
from ui.console.fader import Upright, number
from ui.host.desk import Desk
from ui.look import theme, words
from ui.look.layout import button, card, column, label, row
from ui.parts.controls import Fader

WIDE = 112  # pixels


class Taken(QWidget):
    """What a compressor takes, as a bar from the right."""

    def __init__(self, desk: Desk, address: str) -> None:
        super().__init__()
        self.value = 0.0
        self.setFixedHeight(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(address)
        self.setToolTip(self.tr("What the compressor takes, up to 20 dB"))
        desk.watch(address, self.show_value)

    def sizeHint(self) -> QSize:
        return QSize(80, 8)

    def show_value(self, *values: object) -> None:
        """Decibels."""
        taken = number(values, 0)
        if taken is not None:
            self.value = taken
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = QRectF(self.rect())
        painter.fillRect(box, QColor(theme.GROUND))
        wide = min(max(self.value / 20, 0.0), 1.0) * box.width()
        painter.fillRect(QRectF(box.right() - wide, 0, wide, box.height()), QColor(theme.WARM))


class Channel(QFrame):
    """Strip `number`, from 1, of a desk."""

    def __init__(self, desk: Desk, number: int) -> None:
        super().__init__()
        self.desk, self.number = desk, number
        there = f"/strip/{number}"
        self.heading = label(self.tr("Strip {}").format(number), "title")
        self.curve, self.taken = Curve(desk, number), Taken(desk, f"{there}/reduction")
        self.fader = Upright(
            desk, desk.controls[f"{there}/fader"], f"{there}/level", "/automix/wants_fader", number - 1
        )
        self.mute = self._switch(f"/bus/mute{number}", self.tr("M"), self.tr("Mute"), "warm")
        self.solo = self._switch(f"/bus/solo{number}", self.tr("S"), self.tr("Solo, in place"))
        parts: list[QWidget] = [self.heading]
        if role := desk.controls.get(f"/automix/role{number}"):
            self.role = QComboBox()
            self.role.addItems([words.said(c) for c in role.choices])
            self.role.setAccessibleName(role.address)
            self.role.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            self.role.setMinimumContentsLength(5)
            self.role.setStyleSheet("padding: 3px 0px 3px 6px")
            self.role.activated.connect(lambda i: desk.turn(role.address, float(i)))
            desk.watch(role.address, lambda value: self.role.setCurrentIndex(round(value)))
            parts.append(self.role)
        whole = column(*parts, self.curve, self.taken, (self.fader, 1), spacing=4)
        whole.addLayout(row(self.mute, self.solo, spacing=4))
        if f"/automix/lock{number}" in desk.controls:
            self.lock = self._switch(
                f"/automix/lock{number}", self.tr("Lock"), self.tr("The machine leaves this strip alone")
            )
            back = button(self.tr("Back"), tip=self.tr("Give all of this strip back to the machine"))
            back.clicked.connect(self.release)
            whole.addLayout(row(self.lock, back, spacing=4))
            amount = desk.controls[f"/automix/amount{number}"]
            whole.addWidget(Fader(desk, amount, self.tr("Auto"), 24))
            for widget in (self.lock, back):
                widget.setStyleSheet("padding: 3px 2px")
        for widget in (self.mute, self.solo):
            widget.setStyleSheet("padding: 3px 2px")
        inner = card(whole, WIDE)
        self.setLayout(column(inner))

    def release(self) -> None:
        """Everything of the strip that a hand has taken is the machine's again."""
        there = f"/strip/{self.number}"
        for name in ("fader", "makeup", "threshold", "pan", *(f"eq{b}_gain" for b in range(1, 7))):
            self.desk.ask.emit("/auto", (f"{there}/{name}",))

    def forget(self) -> None:
        """The host is lost."""
        self.fader.forget()

    def _switch(self, address: str, text: str, tip: str, role: str = "") -> QPushButton:
        made = button(text, role, checkable=True, tip=f"<b>{address}</b><br>{tip}")
        made.setAccessibleName(address)
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        made.clicked.connect(lambda on: self.desk.turn(address, float(on)))
        self.desk.watch(address, lambda value: made.setChecked(value > 0))
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        return made
