"""A song from its beginning to its end: its waveform, the chosen range, and where it is played."""

import numpy as np
import pyqtgraph
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent, MouseDragEvent
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent

from ui.look import theme
from ui.views.plot import Plot, Times, line
from ui.views.spectrogram import LEFT
from ui.views.survey import Survey

SHORTEST = 0.1  # seconds of a range, and of what the wheel shows
STEP = 1.0  # seconds that an arrow key goes
WIDE = 2  # pixels of the lines
SHADE = 180  # of 255, over what is not chosen


class Timeline(pyqtgraph.ViewBox):
    """Where the mouse acts on time rather than on the picture. Its signals tell seconds, within the song or not.

    dragged: where it began and where it is. clicked: where.
    """

    dragged = Signal(float, float)
    clicked = Signal(float)
    doubled = Signal()

    def mouseDragEvent(self, event: MouseDragEvent, axis: int | None = None) -> None:
        """The left button chooses, the others move and zoom the picture."""
        if event.button() != Qt.MouseButton.LeftButton or axis is not None:
            super().mouseDragEvent(event, axis)
            return
        event.accept()
        first, last = (self.mapToView(point).x() for point in (event.buttonDownPos(), event.pos()))
        self.dragged.emit(first, last)

    def mouseClickEvent(self, event: MouseClickEvent) -> None:
        """Once to go there, twice for all of it."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            if event.double():
                self.doubled.emit()
            else:
                self.clicked.emit(self.mapToView(event.pos()).x())


class Song(Plot):
    """Drag for a range, or one of its edges; click to go there; arrows go on and back, [ and ] set the edges.

    The wheel zooms, and the middle button moves what is zoomed. selected: begin and end in seconds. sought: a time in
    seconds.
    """

    selected = Signal(float, float)
    sought = Signal(float)

    def __init__(self) -> None:
        level = pyqtgraph.AxisItem("left")
        level.setWidth(LEFT)
        timeline = Timeline()
        super().__init__({"left": level, "bottom": Times()}, timeline)
        self.setMinimumSize(QSize(200, 64))
        self.setAccessibleName(self.tr("Song"))
        self.survey: Survey | None = None
        self.begin, self.end, self.position = 0.0, 0.0, -1.0
        pen = pyqtgraph.mkPen(theme.QUIET)
        self._low, self._high = pyqtgraph.PlotCurveItem(pen=pen), pyqtgraph.PlotCurveItem(pen=pen)
        self._region = region()
        self._shades = shade(), shade()
        self._position = line(theme.TEXT, width=WIDE)
        wave = pyqtgraph.FillBetweenItem(self._low, self._high, brush=theme.QUIET)
        for item in (self._low, self._high, wave, *self._shades, self._region, self._position):
            self.addItem(item)
        self._region.sigRegionChanged.connect(self._move_edges)
        timeline.dragged.connect(self.select)
        timeline.clicked.connect(lambda seconds: self.sought.emit(min(max(seconds, 0.0), self.seconds)))
        timeline.doubled.connect(self.select_all)
        self.show_survey(None)

    @property
    def seconds(self) -> float:
        """The length of the song."""
        return self.survey.seconds if self.survey else 0.0

    def show_survey(self, survey: Survey | None) -> None:
        """Show another song, all of it chosen."""
        self.survey = survey
        self.begin, self.end = 0.0, self.seconds
        for item in (self._low, self._high, *self._shades, self._region):
            item.setVisible(survey is not None)
        for place in ("left", "bottom"):
            self.getAxis(place).setStyle(showValues=survey is not None)
        self.setEnabled(survey is not None)
        if survey:
            time = np.linspace(0, survey.seconds, len(survey.low))
            self._low.setData(time, survey.low)
            self._high.setData(time, survey.high)
            loudest = max(float(-survey.low.min()), float(survey.high.max()), 1e-6)
            self.setYRange(-loudest, loudest)
            self.zooms(0.0, survey.seconds, SHORTEST)
            self._show_range()
        self.show_position(-1.0)

    def select(self, begin: float, end: float) -> None:
        """Choose a range, in seconds; it is kept within the song."""
        begin, end = sorted((min(max(begin, 0.0), self.seconds), min(max(end, 0.0), self.seconds)))
        if end - begin < SHORTEST:
            begin = min(begin, max(self.seconds - SHORTEST, 0.0))
            end = min(begin + SHORTEST, self.seconds)
        if (begin, end) != (self.begin, self.end):
            self.begin, self.end = begin, end
            self._show_range()
            self.selected.emit(begin, end)

    def select_all(self) -> None:
        """Choose and show all of it."""
        self.setXRange(0.0, self.seconds)
        self.select(0.0, self.seconds)

    def show_position(self, seconds: float) -> None:
        """Where it is played; less than 0 for nowhere."""
        self.position = seconds
        self._position.setVisible(seconds >= 0)
        self._position.setValue(seconds)

    def sizeHint(self) -> QSize:
        return QSize(560, 72)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at = max(self.position, 0.0)
        match event.key():
            case Qt.Key.Key_Left:
                self.sought.emit(max(at - STEP, 0.0))
            case Qt.Key.Key_Right:
                self.sought.emit(min(at + STEP, self.seconds))
            case Qt.Key.Key_BracketLeft:
                self.select(min(at, self.end - SHORTEST), self.end)
            case Qt.Key.Key_BracketRight:
                self.select(self.begin, max(at, self.begin + SHORTEST))
            case _:
                event.ignore()  # a plot would keep it from the window

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.view.setBorder(theme.LIGHT)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.view.setBorder(None)
        super().focusOutEvent(event)

    def _move_edges(self) -> None:
        """An edge is dragged: as far as the shortest range, with the other one in its place."""
        begin, end = self._region.getRegion()
        if begin != self.begin:
            self.select(min(begin, self.end - SHORTEST), self.end)
        else:
            self.select(self.begin, max(end, self.begin + SHORTEST))
        self._show_range()

    def _show_range(self) -> None:
        self._region.blockSignals(True)
        self._region.setBounds((0.0, self.seconds))
        self._region.setRegion((self.begin, self.end))
        self._region.blockSignals(False)
        for item, ends in zip(self._shades, ((0.0, self.begin), (self.end, self.seconds)), strict=True):
            item.setRegion(ends)


def region() -> pyqtgraph.LinearRegionItem:
    """The range: its edges can be dragged, and what lies between them leaves the mouse to the timeline."""
    edges = pyqtgraph.mkPen(theme.LIGHT, width=WIDE)
    caught = pyqtgraph.mkPen(theme.TEXT, width=WIDE)
    nothing = pyqtgraph.mkBrush(None)
    made = pyqtgraph.LinearRegionItem(brush=nothing, pen=edges, hoverPen=caught, movable=False, swapMode="block")
    for edge in made.lines:
        edge.setMovable(True)
        edge.setCursor(Qt.CursorShape.SizeHorCursor)
    return made


def shade() -> pyqtgraph.LinearRegionItem:
    """What lies over a part that is not chosen."""
    ground = QColor(theme.GROUND)
    ground.setAlpha(SHADE)
    return pyqtgraph.LinearRegionItem(brush=ground, pen=pyqtgraph.mkPen(None), movable=False)
