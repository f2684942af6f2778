"""Textures as tiles: a picture of each, its share, and a button to try it. A sound that is dropped here becomes one."""

from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QEnterEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QScrollArea, QWidget

from ui.host.desk import Desk
from ui.host.namespace import Control
from ui.look import theme, words
from ui.look.layout import button, grid
from ui.parts.controls import midi_menu, tip
from ui.textures.closer import ADDED, LISTEN, can
from ui.textures.gallery import Gallery
from ui.textures.tryout import Tryout

FEW = 7  # textures that get large tiles
LARGE, SMALL = (4, 84, 2), (5, 56, 3.4)  # columns, height in pixels, rows that are seen without scrolling
SPACE = 6  # pixels between tiles
NARROW = 70  # pixels: from here on a tile has room for a name and a number
FOOT = 22  # pixels, of the name
TINY = 8.0  # points, of the name of a narrow tile
SEEN = 0.005  # a share that is shown
SHADE = QColor(11, 13, 16, 205)
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
SOUNDS = "*.wav *.flac *.aif *.aiff *.ogg *.mp3 *.m4a *.opus *.texture"


class Tile(QAbstractButton):
    """One texture. A click chooses it alone; `tried` when its sound is to be heard."""

    tried = Signal(str)

    def __init__(self, desk: Desk, control: Control, colour: QColor) -> None:
        super().__init__()
        self.desk, self.control, self.colour = desk, control, colour
        self.picture, self._share, self._playing = QImage(), 0.0, False
        self._faces: list[QPixmap] = []  # with little light, and with all of it
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(control.address)
        self.setToolTip(tip(control))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumWidth(48)
        self.setMouseTracking(True)
        desk.watch(control.address, self.show_value)
        for changed in (desk.learning, desk.pinned):
            changed.connect(self.update)
        self.clicked.connect(self._chosen)

    def sizeHint(self) -> QSize:
        return QSize(90, self.minimumHeight())

    def show_value(self, value: float) -> None:
        """Show how much of it is heard."""
        self._share = self.control.position(value)
        self.update()

    def show_picture(self, picture: QImage) -> None:
        """Show this, as large as the tile."""
        self.picture, self._faces = picture, []
        self.update()

    def show_playing(self, on: bool) -> None:
        """Show that its sound is heard now."""
        self._playing = on
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._faces = []

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._faces:
            self._faces = [self._face(0.3), self._face(1.0)]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._faces[0])
        if self._share > SEEN and self.isEnabled():
            painter.setOpacity(self._share)
            painter.drawPixmap(0, 0, self._faces[1])
            painter.setOpacity(1)
            box = self._box()
            painter.fillRect(QRectF(box.left() + 3, box.bottom() - 3, (box.width() - 6) * self._share, 2), self.colour)
            painter.setPen(self.colour)
            if box.width() > NARROW:
                painter.drawText(self._foot(), RIGHT, f"{100 * self._share:.0f}")
        here = self.underMouse() or self.hasFocus()
        if here or self._playing:
            self._paint_try(painter)
        if here or self.is_corner:
            self._paint_pin(painter)
        if self.desk.is_learning or self.hasFocus() or self._share > 0.5:
            edge = theme.WARM if self.desk.is_learning else theme.TEXT if self.hasFocus() else self.colour
            painter.setPen(QColor(edge))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self._box(), theme.RADIUS, theme.RADIUS)

    def _box(self) -> QRectF:
        return QRectF(self.rect()).adjusted(1, 1, -1, -1)

    def _foot(self) -> QRectF:
        box = self._box()
        return QRectF(box.left() + 4, box.bottom() - FOOT, box.width() - 7, FOOT - 3)

    def _face(self, light: float) -> QPixmap:
        """All that does not move, the picture with so much light."""
        ratio = self.devicePixelRatioF()
        face = QPixmap(self.size() * ratio)
        face.setDevicePixelRatio(ratio)
        face.fill(theme.CARD)
        box, shape = self._box(), QPainterPath()
        shape.addRoundedRect(box, theme.RADIUS, theme.RADIUS)
        painter = QPainter(face)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipPath(shape)
        painter.fillRect(box, theme.mixed(theme.GROUND, self.colour, 0.12))
        painter.setOpacity(light)
        if not self.picture.isNull():
            painter.drawImage(box, self.picture)
        painter.setOpacity(1)
        painter.fillRect(QRectF(box.left(), box.bottom() - FOOT, box.width(), FOOT), SHADE)
        painter.setClipping(False)
        font = self.font()
        font.setPointSizeF(theme.PLAIN if box.width() > NARROW else TINY)
        painter.setFont(font)
        painter.setPen(QColor(theme.TEXT))
        room = round(self._foot().width()) - (22 if box.width() > NARROW else 0)
        name = painter.fontMetrics().elidedText(words.name(self.control), Qt.TextElideMode.ElideRight, room)
        painter.drawText(self._foot(), LEFT, name)
        painter.setPen(QColor(theme.LINE))
        painter.drawPath(shape)
        painter.end()
        return face

    def _paint_try(self, painter: QPainter) -> None:
        spot = self._try_spot()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(SHADE)
        painter.drawEllipse(spot)
        painter.setBrush(QColor(theme.WARM if self._playing else theme.TEXT))
        x, y, size = spot.center().x(), spot.center().y(), spot.width() / 5
        if self._playing:
            painter.drawRect(QRectF(x - size, y - size, 2 * size, 2 * size))
            return
        sign = QPainterPath()
        sign.moveTo(x - 0.7 * size, y - 1.2 * size)
        sign.lineTo(x + 1.3 * size, y)
        sign.lineTo(x - 0.7 * size, y + 1.2 * size)
        painter.drawPath(sign)

    def _paint_pin(self, painter: QPainter) -> None:
        spot = self._pin_spot()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(SHADE)
        painter.drawEllipse(spot)
        inner = spot.adjusted(4, 4, -4, -4)
        painter.setPen(QPen(self.colour if self.is_corner else QColor(theme.QUIET), 1.5))
        painter.setBrush(self.colour if self.is_corner else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(inner)

    @property
    def is_corner(self) -> bool:
        """Whether the morph pad blends it."""
        return self.control in self.desk.blended()

    def _try_spot(self) -> QRectF:
        size = 24 if self.width() > NARROW else 20
        return QRectF(self.width() - size - 4, 4, size, size)

    def _pin_spot(self) -> QRectF:
        return QRectF(4, 4, 17, 17)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self._try_spot().contains(event.position()):
            self.tried.emit(self.control.name)
        elif left and self._pin_spot().contains(event.position()):
            self.desk.pin(self.control.name)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        tips = (
            (self._try_spot(), self.tr("Try: play the sound it was made of")),
            (self._pin_spot(), self.tr("A corner of the morph pad, or not")),
        )
        own = (text for spot, text in tips if spot.contains(event.position()))
        self.setToolTip(next(own, tip(self.control)))
        super().mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_P:
            self.desk.pin(self.control.name)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = midi_menu(self, self.desk, self.control)
        corner = menu.addAction(self.tr("A corner of the morph pad"), lambda: self.desk.pin(self.control.name))
        corner.setCheckable(True)
        corner.setChecked(self.is_corner)
        menu.addAction(self.tr("Try: play the sound it was made of"), lambda: self.tried.emit(self.control.name))
        if can(self.desk, self.control.name):
            menu.addAction(self.tr("Listen closer"), lambda: self.desk.ask.emit(LISTEN, (self.control.name,)))
        if self.control.name in self.desk.readings.get(ADDED, ()):
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
        self.tryout, self._heard = Tryout(self), ""
        self._factor, self._tall, self._seen = 1.0, 0, 0.0  # height of a tile in pixels, rows that are seen
        self.tryout.ended.connect(self._show_silence)
        self.tryout.failed.connect(desk.said)
        gallery.ready.connect(self._show_picture)
        desk.rebuilt.connect(self.rebuild)
        self.rebuild()

    def rebuild(self) -> None:
        """Show the textures that there are now."""
        self.tiles.clear()
        content = QWidget()
        places = grid(SPACE, SPACE)
        content.setLayout(places)
        shares = [c for controls in self.desk.shares().values() for c in controls]
        columns, self._tall, seen = LARGE if len(shares) <= FEW else SMALL
        for i, control in enumerate(shares):
            tile = self.tiles[control.name] = Tile(self.desk, control, theme.hue(i))
            tile.tried.connect(self.hear)
            places.addWidget(tile, i // columns, i % columns)
        self.add = button("+", tip=self.tr("Drop a sound here, or click: it becomes a texture"))
        self.add.clicked.connect(self.open)
        places.addWidget(self.add, len(shares) // columns, len(shares) % columns)
        for column in range(columns):
            places.setColumnStretch(column, 1)
        self._seen = min(len(shares) // columns + 1, seen)
        self.setWidget(content)
        self._fit()
        self.gallery.know({name: tile.control.source for name, tile in self.tiles.items()})
        for name in self.tiles:
            if not self._show_picture(name):
                self.gallery.want(name)

    def scale(self, factor: float) -> None:
        """Be so much larger than at first."""
        if factor != self._factor:
            self._factor = factor
            self._fit()

    def _fit(self) -> None:
        tall = round(self._factor * self._tall)
        for tile in (*self.tiles.values(), self.add):
            tile.setFixedHeight(tall)
        self.setFixedHeight(round(self._seen * (tall + SPACE)) - SPACE)

    def hear(self, name: str) -> None:
        """Play the sound of a texture on this computer, or end it."""
        heard, self._heard = self._heard, name
        self.tryout.stop()
        if heard == name:
            self._heard = ""
            return
        sound = self.gallery.sound(name)
        if sound is None:
            self.desk.said.emit(self.tr("There is no sound of {} to try").format(name))
            return
        self.tiles[name].show_playing(True)
        self.tryout.play(sound)

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

    def _show_picture(self, name: str) -> bool:
        if name not in self.tiles:
            return False
        picture = self.gallery.image(name, self.tiles[name].colour)
        self.tiles[name].show_picture(picture)
        return not picture.isNull()

    def _show_silence(self) -> None:
        for tile in self.tiles.values():
            tile.show_playing(False)
        if not self.tryout.is_playing:
            self._heard = ""


def choose(desk: Desk, control: Control) -> None:
    """Set this share alone."""
    shares = desk.shares()[control.block]
    desk.turn_together({c.address: c.high if c is control else c.low for c in shares})
