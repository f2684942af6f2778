"""Spectrograms of the sound before and after, scrolling side by side, and of what the texture was made of."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent

from ui.look import theme
from ui.views.colours import colours
from ui.views.frames import View
from ui.views.history import History
from ui.views.scroll import Pixels, Scroll
from ui.views.text import canvas, small, tag

BANDS = 128
LOW, HIGH = 30.0, 20_000.0  # Hz, of the first and the last band
RATE = 60  # columns a second
DARK, BRIGHT = -90.0, -12.0  # dB, the ends of the scale of colours
FREQUENCIES = (
    (50, "50"),
    (100, "100"),
    (200, "200"),
    (500, "500"),
    (1000, "1k"),
    (2000, "2k"),
    (5000, "5k"),
    (10_000, "10k"),
)
LEFT, RIGHT, FOOT = 34, 92, 16  # pixels: names of frequencies, the texture, names of times
APART = 6  # pixels between pictures
LINE = 11  # pixels from one name to the next, at least
TEXTURE_SPAN = 60.0, 14_000.0  # Hz, of the picture of a texture


@dataclass
class Lane:
    """One of the scrolling pictures."""

    name: str
    history: History[np.uint8] = field(default_factory=lambda: History(BANDS, np.uint8))
    scroll: Scroll = field(default_factory=lambda: Scroll(theme.GROUND))
    area: QRectF = field(default_factory=QRectF)
    label: QPixmap = field(default_factory=QPixmap)


class Spectrograms(View):
    """Two spectrograms that scroll a pixel a column, 60 a second, and beside them that of the texture."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(QSize(240, 120))
        self.setAccessibleName(self.tr("Spectrograms before and after"))
        self.before, self.after = Lane(self.tr("BEFORE")), Lane(self.tr("AFTER"))
        self._colours = shades()
        self._texture, self._texture_name = QImage(), ""
        self._ground = QPixmap()
        self._below, self._part = np.zeros(1, int), np.zeros(1, np.float32)

    def hears(self) -> dict[str, object]:
        """The addresses that it shows."""
        return {"/scope/input": self.feed_input, "/scope/output": self.feed_output}

    def feed_input(self, clock: int, spectrum: bytes, *more: object) -> None:
        """Columns of the input: BANDS bytes each, 0 is -100 dB, 255 is 0 dB."""
        self._feed(self.before, spectrum)

    def feed_output(self, clock: int, spectrum: bytes, *more: object) -> None:
        """Columns of the output."""
        self._feed(self.after, spectrum)

    def forget(self) -> None:
        """The host is lost: what it told is no picture of now."""
        for lane in (self.before, self.after):
            lane.history = History(BANDS, np.uint8)
            lane.scroll.push(self._pixels(np.zeros((lane.scroll.width, BANDS), np.uint8)))
        self.changed()

    def show_texture(self, name: str, picture: QImage) -> None:
        """What is heard was made of, a name a line, and its picture from 60 Hz to 14 kHz; null for none."""
        self._texture_name, self._texture = name, picture
        self._draw_ground()
        self.changed()

    def sizeHint(self) -> QSize:
        return QSize(620, 340)

    def _feed(self, lane: Lane, spectrum: bytes) -> None:
        if len(spectrum) % BANDS:
            return
        columns = np.frombuffer(spectrum, np.uint8).reshape(-1, BANDS)
        lane.history.add(columns)
        lane.scroll.push(self._pixels(columns))
        self.changed()

    def _pixels(self, columns: NDArray[np.uint8]) -> Pixels:
        """Columns (n, BANDS) as pixels (n, height): between two bands what lies between them."""
        wide = columns.astype(np.float32)
        lower, upper = wide[:, self._below], wide[:, self._below + 1]
        pixels: Pixels = self._colours[(lower + self._part * (upper - lower)).astype(np.uint8)]
        return np.repeat(pixels, max(round(self.devicePixelRatio()), 1), axis=0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        width, ratio = self.width() - LEFT - RIGHT, self.devicePixelRatio()
        height = (self.height() - FOOT - APART) // 2
        for lane, top in ((self.before, 0), (self.after, height + APART)):
            lane.area = QRectF(LEFT, top, width, height)
            lane.scroll.resize(round(width * ratio), round(height * ratio), ratio)
        position = np.linspace(BANDS - 1, 0, self.before.scroll.height)
        self._below = np.minimum(position.astype(int), BANDS - 2)
        self._part = (position - self._below).astype(np.float32)
        for lane in (self.before, self.after):
            lane.scroll.push(self._pixels(lane.history.latest(lane.scroll.width)))
        self._draw_ground()

    def refresh(self) -> None:
        for lane in (self.before, self.after):
            self.update(lane.area.toAlignedRect())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not LEFT <= event.rect().left() < event.rect().right() < self.width() - RIGHT:
            painter.drawPixmap(0, 0, self._ground)
        for lane in (self.before, self.after):
            lane.scroll.paint(painter, lane.area.left(), lane.area.top())
            painter.drawPixmap(lane.area.topLeft(), lane.label)

    def _draw_ground(self) -> None:
        """Draw all that does not move."""
        self._ground = canvas(self, self.width(), self.height())
        self._ground.fill(QColor(theme.CARD))
        painter = QPainter(self._ground)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(small(self))
        painter.setPen(QColor(theme.QUIET))
        for lane in (self.before, self.after):
            frequencies(painter, lane.area)
            lane.label = tag(self, lane.name)
        self._draw_times(painter)
        self._draw_scale(painter, self.before.area)
        self._draw_texture(painter, self.after.area)
        painter.end()

    def _draw_times(self, painter: QPainter) -> None:
        area, seconds = self.after.area, self.after.area.width() / RATE
        step = next(s for s in (1, 2, 5, 10, 20, 60) if seconds / s <= 7)
        for n in range(int(seconds / step) + 1):
            x = area.right() - n * step * RATE
            flags = Qt.AlignmentFlag.AlignVCenter | (
                Qt.AlignmentFlag.AlignRight if n == 0 else Qt.AlignmentFlag.AlignHCenter
            )
            box = QRectF(x - (60 if n == 0 else 30), area.bottom() + 1, 60, FOOT - 1)
            painter.drawText(box, flags, self.tr("now") if n == 0 else self.tr("-{} s").format(n * step))

    def _draw_scale(self, painter: QPainter, area: QRectF) -> None:
        """What the colours mean."""
        bar = QRectF(area.right() + 12, area.top() + 6, 10, area.height() - 12)
        colour = QImage(colours()[::-1].tobytes(), 1, 256, 4, QImage.Format.Format_RGB32)
        painter.drawImage(bar, colour)
        for level in range(-20, int(DARK), -20):
            y = bar.top() + bar.height() * (level - BRIGHT) / (DARK - BRIGHT)
            painter.drawText(QRectF(bar.right() + 6, y - 8, 60, 16), Qt.AlignmentFlag.AlignVCenter, f"{level} dB")

    def _draw_texture(self, painter: QPainter, area: QRectF) -> None:
        """The picture of the texture, so that its frequencies are beside those of the sound."""
        frame = QRectF(area.right() + APART, area.top(), RIGHT - APART, area.height())
        painter.fillRect(frame, QColor(theme.GROUND))
        if self._texture.isNull():
            return
        low, high = (area.top() + area.height() * (1 - place(hertz)) for hertz in TEXTURE_SPAN)
        painter.drawImage(QRectF(frame.left(), high, frame.width(), low - high), self._texture)
        at = frame.bottomLeft()
        for name in reversed(self._texture_name.upper().splitlines()):
            label = tag(self, name)
            at.setY(at.y() - label.height() / label.devicePixelRatio())
            painter.drawPixmap(at, label)


def place(hertz: float) -> float:
    """Where a frequency is between LOW (0) and HIGH (1)."""
    return float(np.log(hertz / LOW) / np.log(HIGH / LOW))


def frequencies(painter: QPainter, area: QRectF) -> None:
    """Write the frequencies left of a picture."""
    for position, name in named(area.height()):
        y = area.top() + area.height() * (1 - position)
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, y - 8, LEFT - 6, 16), flags, name)


def named(height: float) -> list[tuple[float, str]]:
    """Which frequencies to write beside a picture so high in pixels, and where: 0 is its foot, 1 its top."""
    chosen: list[tuple[float, str]] = []
    for hertz, name in FREQUENCIES:
        if not chosen or (place(hertz) - chosen[-1][0]) * height >= LINE:
            chosen.append((place(hertz), name))
    return chosen


def shades() -> Pixels:
    """The colour of each of 256 levels from -100 to 0 dB."""
    level = np.linspace(-100, 0, 256)
    scale = np.clip((level - DARK) / (BRIGHT - DARK), 0, 1)
    return colours()[np.rint(255 * scale).astype(int)]
