"""The morph pad: a field whose corners are textures; the nearer the handle is to one, the more of it is heard."""

from math import hypot

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.host.desk import Desk, Watch
from ui.host.namespace import Control
from ui.look import theme, words
from ui.textures import mean_value
from ui.textures.mean_value import Point

MARGIN_X, MARGIN_Y = 40, 34  # pixels around the field, for the names
GRAIN = 40  # points a side at which the colour of the field is found
HANDLE = 11.0  # pixels, its radius
STEP = 0.02  # of the field, by key
FINE = 0.1  # with Shift
SEEN = 0.005  # a share that is shown
NEAR = 1e-4  # of the field: the handle need not move


class Morph(QWidget):
    """The shares of one block as a point of a polygon."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.shares: list[Control] = []
        self.corners: list[Point] = []
        self.point: Point = (0.5, 0.5)
        self._values: list[float] = []
        self._others: list[Control] = []  # shares that are no corner
        self._rest = 0.0  # what is heard of them
        self._colours: list[QColor] = []
        self._watches: list[tuple[str, Watch]] = []
        self._held = False
        self._field, self._ground = QPixmap(), QImage()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)
        self.setAccessibleName(self.tr("Morph pad"))
        self.setToolTip(self.tr("Drag to blend textures. Keys: arrows, Shift for small steps, Home for the middle"))
        desk.rebuilt.connect(self.rebuild)
        desk.pinned.connect(self.rebuild)
        self.rebuild()

    def sizeHint(self) -> QSize:
        return QSize(340, 240)

    def rebuild(self) -> None:
        """Take the corners that there are now."""
        for address, watch in self._watches:
            self.desk.unwatch(address, watch)
        self.shares = self.desk.blended()
        self.corners = mean_value.polygon(len(self.shares)) if self.shares else []
        block = self.desk.shares()[self.shares[0].block] if self.shares else []
        self._others = [c for c in block if c not in self.shares]
        self._colours = [theme.hue(block.index(c)) for c in self.shares]
        self._field, self._ground = QPixmap(), QImage()
        self._watches = [(c.address, self._show) for c in block]
        for address, watch in self._watches:
            self.desk.watch(address, watch)
        self.update()

    def move_to(self, point: Point) -> None:
        """Blend as this point of the field says; what is no corner is silent."""
        if not self.shares:
            return
        self.point = mean_value.inside(point, self.corners) if len(self.shares) > 1 else self.corners[0]
        self._values = mean_value.weights(self.point, self.corners)
        wanted = {c.address: c.low + w * (c.high - c.low) for c, w in zip(self.shares, self._values, strict=True)}
        silent = {c.address: c.low for c in self._others if self.desk.values[c.address] != c.low}
        self._rest = 0.0
        self.desk.turn_together(wanted | silent)
        self.update()

    def _show(self, value: float) -> None:
        """Another surface, a scene or a tile moved a share; while the handle is held, the hand is right."""
        if self._held:
            return
        self._values = [c.position(self.desk.values[c.address]) for c in self.shares]
        self._rest = sum(c.position(self.desk.values[c.address]) for c in self._others)
        point = mean_value.middle(self._values, self.corners)
        if hypot(point[0] - self.point[0], point[1] - self.point[1]) > NEAR:
            self.point = point
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.shares:
            self._held = True
            for control in self.shares:
                self.desk.touch(control.address, True)
            self.move_to(self._at(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held:
            self.move_to(self._at(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._held:
            self._held = False
            for control in self.shares:
                self.desk.touch(control.address, False)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        key, step = Qt.Key(event.key()), STEP
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            step *= FINE
        if key in ways:
            x, y = ways[key]
            self.move_to((self.point[0] + step * x, self.point[1] + step * y))
        elif key == Qt.Key.Key_Home:
            self.move_to((0.5, 0.5))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._field = QPixmap()

    def _box(self) -> QRectF:
        return QRectF(self.rect()).adjusted(MARGIN_X, MARGIN_Y, -MARGIN_X, -MARGIN_Y)

    def _at(self, event: QMouseEvent) -> Point:
        box = self._box()
        x = (event.position().x() - box.left()) / max(box.width(), 1)
        return x, 1 - (event.position().y() - box.top()) / max(box.height(), 1)

    def _pixel(self, point: Point) -> QPointF:
        box = self._box()
        return QPointF(box.left() + point[0] * box.width(), box.bottom() - point[1] * box.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.shares:
            painter.fillRect(self.rect(), QColor(theme.CARD))
            return
        if self._field.isNull():
            self._field = self._painted()
        painter.drawPixmap(0, 0, self._field)
        if not self.isEnabled():
            painter.fillRect(self.rect(), QColor(11, 13, 16, 170))
        handle = self._pixel(self.point)
        for i, (corner, weight) in enumerate(zip(self.corners, self._values, strict=True)):
            if weight > SEEN:
                colour = QColor(self._colours[i])
                colour.setAlphaF(min(weight, 1.0) * 0.9)
                painter.setPen(QPen(colour, 1.5 + 2.5 * min(weight, 1.0)))
                painter.drawLine(self._pixel(corner), handle)
            self._paint_name(painter, i, corner, weight)
        total = max(sum(self._values) + self._rest, 1e-9)
        colour = blended(self._colours, [v / total for v in self._values])
        painter.setPen(QPen(QColor(theme.TEXT), 3 if self._held or self.hasFocus() else 2))
        painter.setBrush(colour)
        painter.drawEllipse(handle, HANDLE, HANDLE)

    def _paint_name(self, painter: QPainter, number: int, corner: Point, weight: float) -> None:
        at = self._pixel(corner)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours[number])
        painter.drawEllipse(at, 3.5, 3.5)
        name = words.name(self.shares[number])
        text = f"{name}  {100 * weight:.0f}" if weight > SEEN else name
        width = painter.fontMetrics().horizontalAdvance(text)
        left = min(max(at.x() - width / 2, 4.0), self.width() - width - 4.0)
        above = corner[1] >= 0.5
        painter.setPen(theme.mixed(theme.QUIET, self._colours[number], min(2 * weight, 1.0)))
        painter.drawText(QPointF(left, at.y() - 17 if above else at.y() + 27), text)

    def _painted(self) -> QPixmap:
        """The field in the colours of its corners."""
        if self._ground.isNull():
            self._ground = ground_of(self.corners, self._colours)
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(theme.CARD)
        painter = QPainter(pixmap)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        outline = QPolygonF([self._pixel(c) for c in self.corners])
        path = QPainterPath()
        path.addPolygon(outline)
        path.closeSubpath()
        painter.save()
        painter.setClipPath(path)
        painter.drawImage(self._box(), self._ground)
        painter.restore()
        painter.setPen(QPen(QColor(theme.LINE), 1))
        centre = self._pixel((0.5, 0.5))
        for share in (1 / 3, 2 / 3):
            painter.drawPolygon(QPolygonF([centre + (p - centre) * share for p in outline.toList()]))
        painter.setPen(QPen(theme.mixed(theme.LINE, theme.TEXT, 0.25), 1.5))
        painter.drawPolygon(outline)
        painter.end()
        return pixmap


def ground_of(corners: list[Point], hues: list[QColor]) -> QImage:
    """The unit square, each point in the blend of the corners' colours, dark."""
    image = QImage(GRAIN, GRAIN, QImage.Format.Format_RGB32)
    for row in range(GRAIN):
        for column in range(GRAIN):
            point = (column + 0.5) / GRAIN, 1 - (row + 0.5) / GRAIN
            colour = blended(hues, mean_value.weights(point, corners))
            image.setPixelColor(column, row, theme.mixed(theme.GROUND, colour, 0.34))
    return image


def blended(colours: list[QColor], shares: list[float]) -> QColor:
    """The sum of colours, each by its share."""
    parts = ((c.red(), c.green(), c.blue()) for c in colours)
    sums = [sum(s * v for s, v in zip(shares, part, strict=True)) for part in zip(*parts, strict=True)]
    return QColor(*(min(max(round(v), 0), 255) for v in sums))
