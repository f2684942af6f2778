"""A film's course: curves above, markers across, and the notes as a piano roll below. The wheel zooms both."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPicture
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.look import theme
from ui.views.plot import Plot, Times, line

COLOURS = (theme.LIGHT, theme.GOOD, "#5d7f99", "#b58cf0", theme.WARM, theme.QUIET)  # of the parts, in their order
CURVES = (
    (1, theme.LIGHT, 2),
    (2, theme.GOOD, 1),
    (3, theme.WARM, 1),
)  # column, colour, width: motion, valence, arousal
DRUMS, PAD = 5, 2
LOW, HIGH = 26, 92  # MIDI numbers
SHORTEST = 2.0  # seconds that the wheel shows
LEFT = 8  # pixels of the axis


class Notes(pyqtgraph.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Bars of the piano roll, drawn once."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = QPicture()
        self._bounds = QRectF(0, LOW, 1, HIGH - LOW)

    def show_notes(self, notes: Sequence[Sequence[float]], end: float) -> None:
        """[start, end, pitch, loudness, part] each."""
        self.prepareGeometryChange()
        self._picture = QPicture()
        painter = QPainter(self._picture)
        painter.setPen(Qt.PenStyle.NoPen)
        for start, stop, pitch, loud, part in sorted(notes, key=lambda n: n[4] != PAD):
            colour = QColor(COLOURS[int(part) % len(COLOURS)])
            colour.setAlpha(90 if part == PAD else int(110 + 145 * min(max(loud, 0), 1)))
            tall = 1.0
            low, high = (LOW + (pitch - 35) / 47 * 6, start + 0.06) if part == DRUMS else (pitch, stop)
            painter.setBrush(colour)
            painter.drawRect(QRectF(start, low - tall / 2, max(high - start - 0.02, 0.03), tall))
        painter.end()
        self._bounds = QRectF(0, LOW, max(end, 1.0), HIGH - LOW)
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.drawPicture(QPoint(0, 0), self._picture)

    def boundingRect(self) -> QRectF:
        return self._bounds


class Timeline(QWidget):
    """Signals: moved (from, to), added, sought: seconds of the film; chosen: the stretch that is marked, or is not."""

    moved = Signal(float, float)
    added = Signal(float)
    removed = Signal(float)
    sought = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.curves, self.roll = (Plot(axes) for axes in ({}, {"bottom": Times()}))
        self.curves.setAccessibleName(self.tr("Motion, mood and markers of the film"))
        self.roll.setAccessibleName(self.tr("Notes"))
        self.curves.setYRange(-1.05, 1.05)
        self.roll.setYRange(LOW - 1, HIGH)
        self.roll.setXLink(self.curves)
        self.curves.setMinimumHeight(90)
        self.roll.setMinimumHeight(120)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.curves, 2)
        layout.addWidget(self.roll, 5)
        self._lines = [pyqtgraph.PlotCurveItem(pen=pyqtgraph.mkPen(c, width=w)) for _, c, w in CURVES]
        for item in self._lines:
            self.curves.addItem(item)
        self._notes = Notes()
        self.roll.addItem(self._notes)
        self._grid: list[pyqtgraph.InfiniteLine] = []
        self.markers: list[pyqtgraph.InfiniteLine] = []
        self.stretch = pyqtgraph.LinearRegionItem((0, 4), brush=QColor(54, 194, 224, 40), pen=theme.LIGHT)
        self.stretch.setZValue(-5)
        self.stretch.hide()
        self.roll.addItem(self.stretch)
        self._heads = [line(theme.TEXT, width=2) for _ in range(2)]
        for head, plot in zip(self._heads, (self.curves, self.roll), strict=True):
            head.setZValue(20)
            plot.addItem(head)
        self.curves.scene().sigMouseClicked.connect(self._click)
        self.roll.scene().sigMouseClicked.connect(self._seek)
        self._film, self.end = "", 0.0

    def sizeHint(self) -> QSize:
        return QSize(700, 360)

    def show_film(self, film: str, end: float, curves: Sequence[Sequence[float]]) -> None:
        """The curves of a film; another film is shown from its beginning to its end."""
        rows = np.array([row for row in curves if len(row) == 5], float).reshape(-1, 5)
        for item, (column, _, _) in zip(self._lines, CURVES, strict=True):
            item.setData(rows[:, 0], rows[:, column]) if rows.size else item.setData([], [])
        if (film, end) != (self._film, self.end):
            self._film, self.end = film, end
            for plot in (self.curves, self.roll):
                plot.zooms(0.0, max(end, SHORTEST), SHORTEST)
            self.stretch.setBounds((0, end))
            self.stretch.setRegion((end / 4, end / 2))

    def show_piece(self, markers: Sequence[Sequence[float]], notes: Sequence[Sequence[float]],
                   bars: Sequence[Sequence[float]]) -> None:  # fmt: skip
        """Another version of the score."""
        for old in self.markers:
            self.curves.removeItem(old)
        for old in self._grid:
            self.roll.removeItem(old)
        self.markers = [self._marker(*row[:4]) for row in markers]
        self._grid = [line(theme.LINE, second) for second, *_ in bars[:2000]]
        for bar in self._grid:
            bar.setZValue(-10)
            self.roll.addItem(bar)
        self._notes.show_notes([n for n in notes if len(n) == 5], self.end)

    def _marker(self, second: float, strength: float, cut: float, by_hand: float) -> pyqtgraph.InfiniteLine:
        colour = QColor(theme.GOOD if by_hand else theme.WARM if cut else theme.LIGHT)
        colour.setAlpha(int(120 + 135 * min(max(strength, 0.0), 1.0)))
        pen = pyqtgraph.mkPen(colour, width=2 if cut or by_hand else 1)
        hover = pyqtgraph.mkPen(theme.TEXT, width=3)
        marker = pyqtgraph.InfiniteLine(second, movable=True, pen=pen, hoverPen=hover)
        marker.second = second
        marker.sigPositionChangeFinished.connect(self._drop)
        self.curves.addItem(marker)
        return marker

    def _drop(self, marker: pyqtgraph.InfiniteLine) -> None:
        self.moved.emit(marker.second, float(marker.value()))

    def show_position(self, seconds: float) -> None:
        """Where the film is."""
        for head in self._heads:
            head.setValue(seconds)

    def show_stretch(self, on: bool) -> None:
        """Mark a stretch, or none."""
        self.stretch.setVisible(on)

    def chosen(self) -> tuple[float, float]:
        """The stretch that is marked, or the whole film."""
        first, last = self.stretch.getRegion() if self.stretch.isVisible() else (0.0, self.end)
        return float(first), float(last)

    def _click(self, event: object) -> None:
        """A double click sets a marker; a right one takes away what is near; a single one goes there."""
        second = self._second(self.curves, event)
        if second is None:
            return
        if event.double():  # type: ignore[attr-defined]  # pyqtgraph has no types
            self.added.emit(second)
        elif event.button() == Qt.MouseButton.RightButton:  # type: ignore[attr-defined]
            self.removed.emit(second)
        else:
            self.sought.emit(second)

    def _seek(self, event: object) -> None:
        second = self._second(self.roll, event)
        if second is not None:
            self.sought.emit(second)

    def _second(self, plot: Plot, event: object) -> float | None:
        place: QPointF = event.scenePos()  # type: ignore[attr-defined]
        if not plot.view.sceneBoundingRect().contains(place):
            return None
        second = float(plot.view.mapSceneToView(place).x())
        return second if 0 <= second < self.end else None
