"""Scenes: keep how everything stands under a name, and go there, at once or in so many seconds."""

from PySide6.QtCore import QAbstractAnimation, QEasingCurve, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ui import theme
from ui.desk import Desk

LONGEST = 60.0  # seconds of a fade: what the host takes
COLUMNS = 3
NUMBERED = 9  # scenes that a key recalls


class Scene(QPushButton):
    """A scene's button; while it is faded to, a line grows along its foot."""

    def __init__(self, name: str, number: int) -> None:
        super().__init__(f"{number}  {name}" if number <= NUMBERED else name)
        self.name = name
        self._share = 0.0
        self._fade = QVariantAnimation(self, startValue=0.0, endValue=1.0)
        self._fade.setEasingCurve(QEasingCurve.Type.Linear)
        self._fade.valueChanged.connect(self._moved)
        self.setStyleSheet("text-align: left;")

    def fade(self, seconds: float) -> None:
        """Show that it is on its way."""
        self.stop()
        if seconds > 0:
            self._fade.setDuration(round(1000 * seconds))
            self._fade.start()

    def stop(self) -> None:
        """Another one is."""
        if self._fade.state() == QAbstractAnimation.State.Running:
            self._fade.stop()
        self._moved(0.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if 0 < self._share < 1:
            width = (self.width() - 8) * self._share
            QPainter(self).fillRect(QRectF(4, self.height() - 4, width, 2), QColor(theme.WARM))

    def _moved(self, share: float) -> None:
        self._share = share
        self.update()


class Scenes(QWidget):
    """The scenes of the host by name, a place for a new one, and how long to go there."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.buttons: dict[str, Scene] = {}
        self.recalled = ""
        self.name = QLineEdit(placeholderText=self.tr("name of a scene"), maxLength=64)
        self.name.returnPressed.connect(self.store)
        self.keep = QPushButton(self.tr("Store"))
        self.keep.setToolTip(self.tr("Keep how everything stands under this name"))
        self.keep.clicked.connect(self.store)
        self.seconds = QDoubleSpinBox(decimals=1, singleStep=0.5, maximum=LONGEST, suffix=" s")
        self.seconds.setToolTip(self.tr("How long it takes to go to a scene"))
        self.seconds.setAccessibleName(self.tr("Fade"))
        self.seconds.setValue(2.0)
        fade = QLabel(self.tr("Fade"))
        fade.setProperty("role", "quiet")
        top = QHBoxLayout(spacing=theme.GAP)
        for widget, stretch in ((self.name, 1), (self.keep, 0), (fade, 0), (self.seconds, 0)):
            top.addWidget(widget, stretch)
        self._area = QScrollArea(widgetResizable=True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self, spacing=6)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self._area, 1)
        self.show_names(())

    def show_names(self, names: tuple[str, ...]) -> None:
        """These are the scenes now."""
        if names == tuple(self.buttons) and self.buttons:
            return
        self.buttons.clear()
        content = QWidget()
        grid = QGridLayout(content, spacing=4)
        grid.setContentsMargins(0, 0, 0, 0)
        for i, name in enumerate(names):
            button = self.buttons[name] = Scene(name, i + 1)
            button.setProperty("role", "warm")
            button.setCheckable(True)
            button.setChecked(name == self.recalled)
            button.clicked.connect(lambda checked, name=name: self.recall(name))
            grid.addWidget(button, i // COLUMNS, i % COLUMNS)
        for column in range(COLUMNS):
            grid.setColumnStretch(column, 1)
        if not names:
            hint = QLabel(self.tr("Set everything as you like it, type a name, store it"))
            hint.setProperty("role", "quiet")
            grid.addWidget(hint, 0, 0, 1, COLUMNS)
        grid.setRowStretch(grid.rowCount(), 1)
        self._area.setWidget(content)

    def store(self) -> None:
        """Keep the present under the name that was typed; without one, the number that is free."""
        name = self.name.text().strip() or self._free()
        self.desk.ask.emit("/scene/store", (name,))
        self.desk.ask.emit("/scene/list", ())
        self.desk.said.emit(self.tr("Scene {} stored").format(name))
        self.recalled = name
        self.name.clear()

    def recall(self, name: str) -> None:
        """Go there."""
        seconds = self.seconds.value()
        self.desk.ask.emit("/scene/recall", (name, seconds))
        self.recalled = name
        for other, button in self.buttons.items():
            button.setChecked(other == name)
            button.stop()
        self.buttons[name].fade(seconds)
        self.desk.said.emit(self.tr("Scene {} in {:.1f} s").format(name, seconds))

    def recall_number(self, number: int) -> None:
        """Go to the scene of this number, from 1, if there is one."""
        names = list(self.buttons)
        if number <= len(names):
            self.recall(names[number - 1])

    def _free(self) -> str:
        number = 1
        while self.tr("Scene {}").format(number) in self.buttons:
            number += 1
        return self.tr("Scene {}").format(number)
