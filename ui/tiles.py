"""Textures as tiles: a picture of each, its share, and a button to try it. A sound that is dropped here becomes one."""

import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QProcess, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QEnterEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QScrollArea, QWidget

from ui import theme, words
from ui.controls import midi_menu, tip
from ui.desk import Desk
from ui.gallery import Gallery
from ui.layout import button, grid
from ui.namespace import Control

COLUMNS = 4
TALL = 84  # pixels
ROWS = 2  # that are seen without scrolling
SOUNDS = "*.wav *.flac *.aif *.aiff *.ogg *.mp3 *.m4a *.opus"


class Tile(QAbstractButton):
    """One texture. A click chooses it alone; `tried` when its sound is to be heard."""

    tried = Signal(str)

    def __init__(self, desk: Desk, control: Control, colour: QColor) -> None:
        super().__init__()
        self.desk, self.control, self.colour = desk, control, colour
        self.picture, self._share, self._playing = QImage(), 0.0, False
        self.setAccessibleName(control.address)
        self.setToolTip(tip(control))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumSize(64, TALL)
        desk.watch(control.address, self.show_value)
        desk.learning.connect(self.update)
        self.clicked.connect(self._chosen)

    def sizeHint(self) -> QSize:
        return QSize(90, TALL)

    def show_value(self, value: float) -> None:
        """Show how much of it is heard."""
        self._share = self.control.position(value)
        self.update()

    def show_picture(self, picture: QImage) -> None:
        """Show this, as large as the tile."""
        self.picture = picture
        self.update()

    def show_playing(self, on: bool) -> None:
        """Show that its sound is heard now."""
        self._playing = on
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(box, theme.RADIUS, theme.RADIUS)
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(box, theme.mixed(theme.GROUND, self.colour, 0.12))
        painter.setOpacity((0.35 + 0.65 * self._share) if self.isEnabled() else 0.2)
        if not self.picture.isNull():
            painter.drawImage(box, self.picture)
        painter.setOpacity(1)
        foot = QRectF(box.left(), box.bottom() - 24, box.width(), 24)
        painter.fillRect(foot, QColor(11, 13, 16, 205))
        painter.fillRect(QRectF(foot.left(), foot.bottom() - 3, foot.width() * self._share, 3), self.colour)
        painter.restore()
        painter.setPen(QColor(theme.TEXT))
        inner = foot.adjusted(7, 0, -6, -3)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words.name(self.control))
        if self._share > 0.005:
            painter.setPen(self.colour)
            painter.drawText(
                inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{100 * self._share:.0f}"
            )
        if self.underMouse() or self._playing or self.hasFocus():
            self._paint_try(painter)
        focus = self.desk.is_learning or self.hasFocus() or self._share > 0.5
        edge = theme.WARM if self.desk.is_learning else theme.TEXT if self.hasFocus() else self.colour
        painter.setPen(QColor(edge if focus else theme.LINE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)

    def _paint_try(self, painter: QPainter) -> None:
        spot = self._spot()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(11, 13, 16, 210))
        painter.drawEllipse(spot)
        painter.setBrush(QColor(theme.WARM if self._playing else theme.TEXT))
        x, y = spot.center().x(), spot.center().y()
        if self._playing:
            painter.drawRect(QRectF(x - 4, y - 4, 8, 8))
            return
        sign = QPainterPath()
        sign.moveTo(x - 3, y - 5)
        sign.lineTo(x + 6, y)
        sign.lineTo(x - 3, y + 5)
        painter.drawPath(sign)

    def _spot(self) -> QRectF:
        return QRectF(self.width() - 29, 5, 24, 24)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._spot().contains(event.position()):
            self.tried.emit(self.control.name)
            return
        super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = midi_menu(self, self.desk, self.control)
        menu.addAction(self.tr("Try: play the sound it was made of"), lambda: self.tried.emit(self.control.name))
        if self.control.name in self.desk.readings.get("/clip/list.reply", ()):
            menu.addAction(
                self.tr("Remove this texture"), lambda: self.desk.ask.emit("/clip/remove", (self.control.name,))
            )
        menu.exec(event.globalPos())

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def _chosen(self) -> None:
        if self.desk.is_learning:
            self.desk.choose(self.control.address)
        else:
            choose(self.desk, self.control)


class Tiles(QScrollArea):
    """All textures, and a place for new ones. dropped: a sound file that should become one."""

    dropped = Signal(Path)

    def __init__(self, desk: Desk, gallery: Gallery) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setAcceptDrops(True)
        self.desk, self.gallery = desk, gallery
        self.tiles: dict[str, Tile] = {}  # by name
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._player = QProcess(self)
        self._player.setProgram(sys.executable)
        self._player.finished.connect(self._played)
        self._playing = ""
        gallery.ready.connect(self._show_picture)
        desk.rebuilt.connect(self.rebuild)
        self.rebuild()

    def rebuild(self) -> None:
        """Show the textures that there are now."""
        self.tiles.clear()
        content = QWidget()
        places = grid(6, 6)
        content.setLayout(places)
        shares = [c for controls in self.desk.shares().values() for c in controls]
        for i, control in enumerate(shares):
            tile = self.tiles[control.name] = Tile(self.desk, control, theme.hue(i))
            tile.tried.connect(self.hear)
            places.addWidget(tile, i // COLUMNS, i % COLUMNS)
        self.add = button("+", tip=self.tr("Drop a sound here, or click: it becomes a texture"))
        self.add.setMinimumHeight(TALL)
        self.add.clicked.connect(self.open)
        places.addWidget(self.add, len(shares) // COLUMNS, len(shares) % COLUMNS)
        for column in range(COLUMNS):
            places.setColumnStretch(column, 1)
        rows = len(shares) // COLUMNS + 1
        self.setFixedHeight(min(rows, ROWS) * (TALL + 6) - 6 + (TALL // 3 if rows > ROWS else 0))
        self.setWidget(content)
        for name in self.tiles:
            if not self._show_picture(name):
                self.gallery.want(name)

    def hear(self, name: str) -> None:
        """Play the sound of a texture on this computer, or end it."""
        running = self._player.state() != QProcess.ProcessState.NotRunning
        if running:
            self._player.kill()
            self._player.waitForFinished(500)
            if self._playing == name:
                return
        sound = self.gallery.sound(name)
        if sound is None:
            self.desk.said.emit(self.tr("There is no sound of {} to try").format(name))
            return
        self._playing = name
        self.tiles[name].show_playing(True)
        self._player.setArguments(["-m", "ui.audition", str(sound)])
        self._player.start()

    def open(self) -> None:
        """Ask for a sound file."""
        file, _ = QFileDialog.getOpenFileName(self, self.tr("A sound to be a texture"), "", f"({SOUNDS})")
        if file:
            self.dropped.emit(Path(file))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.dropped.emit(Path(url.toLocalFile()))
        event.acceptProposedAction()

    def close_player(self) -> None:
        """Be silent."""
        self._player.kill()
        self._player.waitForFinished(500)

    def _show_picture(self, name: str) -> bool:
        if name not in self.tiles:
            return False
        picture = self.gallery.image(name, self.tiles[name].colour)
        self.tiles[name].show_picture(picture)
        return not picture.isNull()

    def _played(self) -> None:
        if self._playing in self.tiles:
            self.tiles[self._playing].show_playing(False)
        error = bytes(self._player.readAllStandardError().data()).decode("utf-8", "replace").strip()
        if self._player.exitStatus() == QProcess.ExitStatus.NormalExit and error:
            self.desk.said.emit(error.splitlines()[-1])


def choose(desk: Desk, control: Control) -> None:
    """Set this share alone."""
    shares = desk.shares()[control.block]
    desk.turn_together({c.address: c.high if c is control else c.low for c in shares})
