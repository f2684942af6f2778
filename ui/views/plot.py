"""pyqtgraph's plots in our dress: almost black ground, quiet axes without lines, nothing but the picture."""

import pyqtgraph
from PySide6.QtGui import QColor

from ui import theme
from ui.views.text import small

MARGINS = 0, 0, 0, 0
TAG_GROUND = 190  # of 255, so that the picture shines through a little


class Plot(pyqtgraph.PlotWidget):
    """One picture with its axes. The wheel zooms the time where `zooms` is set; nothing else moves by the mouse."""

    def __init__(self, axes: dict[str, pyqtgraph.AxisItem], view: pyqtgraph.ViewBox | None = None) -> None:
        super().__init__(background=theme.CARD, axisItems=axes, viewBox=view, enableMenu=False)
        self.setAcceptDrops(False)  # a song may be dropped on whatever holds the plot
        self.viewport().setAcceptDrops(False)
        item = self.getPlotItem()
        self.view: pyqtgraph.ViewBox = item.getViewBox()
        item.layout.setContentsMargins(*MARGINS)
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


def line(colour: str, at: float = 0.0, width: int = 1) -> pyqtgraph.InfiniteLine:
    """An upright line across the whole picture, so many pixels wide."""
    return pyqtgraph.InfiniteLine(at, pen=pyqtgraph.mkPen(colour, width=width))
