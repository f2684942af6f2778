"""Scenes: keep how everything stands under a name, and go there, at once or in so many seconds."""

from PySide6.QtCore import QAbstractAnimation, QEasingCurve, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QWidget,
)

from ui.host.desk import Desk
from ui.look import theme
from ui.look.layout import button, column, grid, label, row

LONGEST = 60.0  # seconds of a fade: what the host takes
LETTERS = 64  # of a name
COLUMNS = 3
NUMBERED = 9  # scenes that a key recalls


class Scene(QPushButton):
    """A scene's button; while it is faded to, a line grows along its foot.

    stored: it is to be what stands now. renamed: its name, and another. removed: it is to be no more.
    """

    stored = Signal(str)
    renamed = Signal(str, str)
    removed = Signal(str)

    def __init__(self, name: str, number: int) -> None:
        super().__init__(f"{number}  {name}" if number <= NUMBERED else name)
        self.name = name
        self._share = 0.0
        self._fade = QVariantAnimation(self)
        self._fade.setStartValue(0.0)
        self._fade.setEndValue(1.0)
        self._fade.setEasingCurve(QEasingCurve.Type.Linear)
        self._fade.valueChanged.connect(self._moved)
        self.setStyleSheet("text-align: left;")
        self.setToolTip(self.tr("Go there. Right click: store, rename, delete; keys F2 and Del"))

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.rename()
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit(self.name)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction(self.tr("Store here"), lambda: self.stored.emit(self.name))
        menu.addAction(self.tr("Rename …"), self.rename)
        menu.addAction(self.tr("Delete"), lambda: self.removed.emit(self.name))
        menu.exec(event.globalPos())

    def rename(self) -> None:
        """Let another name be typed in its place."""
        entry = QLineEdit(self.name, self)
        entry.setMaxLength(LETTERS)
        entry.setGeometry(self.rect())
        entry.selectAll()
        entry.returnPressed.connect(lambda: self.renamed.emit(self.name, entry.text().strip()))
        entry.editingFinished.connect(entry.deleteLater)
        entry.show()
        entry.setFocus()

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
        self.name = QLineEdit()
        self.name.setPlaceholderText(self.tr("name of a scene"))
        self.name.setMaxLength(LETTERS)
        self.name.returnPressed.connect(self.store_typed)
        self.keep = button(self.tr("Store"), tip=self.tr("Keep how everything stands under this name"))
        self.keep.clicked.connect(self.store_typed)
        self.seconds = QDoubleSpinBox()
        self.seconds.setDecimals(1)
        self.seconds.setSingleStep(0.5)
        self.seconds.setMaximum(LONGEST)
        self.seconds.setSuffix(" s")
        self.seconds.setFixedWidth(68)
        self.seconds.setToolTip(self.tr("How long it takes to go to a scene"))
        self.seconds.setAccessibleName(self.tr("Fade"))
        self.seconds.setValue(2.0)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        top = row((self.name, 1), self.keep, label(self.tr("Fade"), "quiet"), self.seconds)
        self.setLayout(column(top, (self._area, 1)))
        self.show_names(())

    def show_names(self, names: tuple[str, ...]) -> None:
        """These are the scenes now."""
        if names == tuple(self.buttons) and self.buttons:
            return
        self.buttons.clear()
        content = QWidget()
        places = grid(4, 4)
        content.setLayout(places)
        for i, name in enumerate(names):
            scene = self.buttons[name] = Scene(name, i + 1)
            scene.setProperty("role", "warm")
            scene.setCheckable(True)
            scene.setChecked(name == self.recalled)
            scene.clicked.connect(lambda checked, name=name: self.recall(name))
            scene.stored.connect(self.store)
            scene.renamed.connect(self.rename)
            scene.removed.connect(self.ask_to_delete)
            places.addWidget(scene, i // COLUMNS, i % COLUMNS)
        for i in range(COLUMNS):
            places.setColumnStretch(i, 1)
        if not names:
            hint = label(self.tr("Set everything as you like it, type a name, store it"), "quiet")
            places.addWidget(hint, 0, 0, 1, COLUMNS)
        places.setRowStretch(places.rowCount(), 1)
        self._area.setWidget(content)

    def store_typed(self) -> None:
        """Keep the present under the name that was typed; without one, the number that is free."""
        self.store(self.name.text().strip() or self._free())

    def store(self, name: str) -> None:
        """Keep the present under this name."""
        self.desk.ask.emit("/scene/store", (name,))
        self.desk.ask.emit("/scene/list", ())
        self.desk.said.emit(self.tr("Scene {} stored").format(name))
        self.recalled = name
        self.name.clear()

    def rename(self, name: str, to: str) -> None:
        """Give a scene another name."""
        if to and to != name:
            self.desk.ask.emit("/scene/rename", (name, to))
            self.desk.ask.emit("/scene/list", ())
            self.recalled = to if self.recalled == name else self.recalled
            self.desk.said.emit(self.tr("Scene {} is now {}").format(name, to))

    def ask_to_delete(self, name: str) -> None:
        """Do without a scene, if that is meant."""
        question = QMessageBox(self)
        question.setText(self.tr("Delete the scene {}?").format(name))
        yes = question.addButton(self.tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        yes.clicked.connect(lambda: self.delete(name))
        question.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        question.open()

    def delete(self, name: str) -> None:
        """Do without a scene."""
        self.desk.ask.emit("/scene/delete", (name,))
        self.desk.ask.emit("/scene/list", ())
        self.desk.said.emit(self.tr("Scene {} deleted").format(name))

    def recall(self, name: str) -> None:
        """Go there."""
        self.desk.mark()
        seconds = self.seconds.value()
        self.desk.ask.emit("/scene/recall", (name, seconds))
        self.recalled = name
        for other, scene in self.buttons.items():
            scene.setChecked(other == name)
            scene.stop()
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
