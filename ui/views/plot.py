"""pyqtgraph's plots in our dress: almost black ground, quiet axes without lines, nothing but the picture."""

from collections.abc import Sequence

import pyqtgraph
from PySide6.QtGui import QColor

from ui.look import theme
from ui.views.spectrogram import named
from ui.views.text import small

TAG_GROUND = 190  # of 255, so that the picture shines through a little
STEPS = 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600  # seconds between times
APART = 70  # pixels between two times, at least


class Plot(pyqtgraph.PlotWidget):
    """One picture with its axes. After `zooms` the wheel zooms the time; nothing else is moved by the mouse."""

    def __init__(self, axes: dict[str, pyqtgraph.AxisItem], view: pyqtgraph.ViewBox | None = None) -> None:
        super().__init__(background=theme.CARD, axisItems=axes, viewBox=view, enableMenu=False)
        self.setAcceptDrops(False)  # what is dropped is for whoever holds the plot
        self.viewport().setAcceptDrops(False)
        item = self.getPlotItem()
        self.view: pyqtgraph.ViewBox = item.getViewBox()
        item.layout.setContentsMargins(0, 0, 0, 0)
        item.hideButtons()
        item.setMouseEnabled(x=False, y=False)
        item.disableAutoRange()
        self.view.setBackgroundColor(theme.GROUND)
        self.view.setDefaultPadding(0)
        for place in ("left", "bottom"):
            if place not in axes:
                item.hideAxis(place)
        for axis in axes.values():
            axis.setStyle(tickFont=small(self), tickLength=0, tickAlpha=0, maxTickLevel=0)
            axis.setPen(None)
            axis.setTextPen(theme.QUIET)

    def zooms(self, first: float, last: float, shortest: float) -> None:
        """Show the time from first to last, in seconds; the wheel shows a part of it, not less than the shortest."""
        self.setMouseEnabled(x=True, y=False)
        self.setLimits(xMin=first, xMax=last, minXRange=min(shortest, last - first))
        self.setXRange(first, last)

    def tag(self, text: str) -> pyqtgraph.TextItem:
        """A name in the upper left corner, over the picture."""
        ground = QColor(theme.GROUND)
        ground.setAlpha(TAG_GROUND)
        label = pyqtgraph.TextItem(text, theme.TEXT, fill=ground)
        label.setFont(small(self, bold=True))
        label.setParentItem(self.view)
        return label


class Times(pyqtgraph.AxisItem):
    """Seconds below a sound, at steps that people count in."""

    def __init__(self) -> None:
        super().__init__("bottom")

    def tickSpacing(self, first: float, last: float, size: float) -> list[tuple[float, float]]:
        step = next((s for s in STEPS if (last - first) / s * APART <= size), STEPS[-1])
        return [(step, 0.0)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [clock(value) for value in values]


class Frequencies(pyqtgraph.AxisItem):
    """Names of frequencies beside a spectrogram whose bands lie from 0 to 1: fewer where there is little room."""

    def __init__(self, width: int) -> None:
        super().__init__("left")
        self.setWidth(width)

    def tickValues(self, first: float, last: float, size: float) -> list[tuple[float, list[float]]]:
        return [(0.0, [position for position, _ in named(size)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [name for position, name in named(self.height()) if position in values]


def line(colour: str, at: float = 0.0, width: int = 1) -> pyqtgraph.InfiniteLine:
    """An upright line across the whole picture, so many pixels wide."""
    return pyqtgraph.InfiniteLine(at, pen=pyqtgraph.mkPen(colour, width=width))


def clock(seconds: float) -> str:
    """A time as people write it, to 0.01 s: 0.5, 12, 1:05, 1:02:30."""
    seconds = round(seconds, 2)
    if seconds < 60:
        return f"{seconds:g}"
    whole, part = divmod(seconds, 1)
    hours, rest = divmod(round(whole), 3600)
    more = f"{part:.2f}".strip("0").rstrip(".") if round(part, 2) else ""
    return (f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}") + more
