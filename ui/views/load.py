"""How much of its time the audio thread needs: a histogram of its buffers, and what was lost."""

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QWidget

from ui.look import theme
from ui.look.layout import column, row
from ui.views.frames import Frames
from ui.views.plot import Plot, line
from ui.views.text import small

STEP = 5  # percent, width of a bar
SHOWN = 25  # bars: what is beyond 120 % joins the last one
RED = 100 // STEP  # the first bar that is too late
KEPT = 0.9  # of the recent counts, at each message
PERIOD = 100  # milliseconds between two pictures: numbers that come seldom need no more
DIM = 0.3  # of the colour, for what was long ago


class Load(QWidget):
    """Bars for 5 % each, counted over the last seconds and, behind them, since the start; scales are logarithmic."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(QSize(120, 70))
        self.setAccessibleName(self.tr("Load of the audio thread"))
        self.setToolTip(self.tr("How often a buffer took so much of its time; bright: of late, dim: since the start"))
        self.counts = np.zeros(SHOWN)  # since the start
        self.recent = np.zeros(SHOWN)
        self.xruns, self.late, self.sample_rate, self.is_known = 0, 0, 0.0, False
        self._frames = Frames(self, PERIOD)
        percent = pyqtgraph.AxisItem("bottom")
        percent.setTicks([[(value, f"{value} %") for value in (25, 50, 75, 100)]])
        self.plot = Plot({"bottom": percent})
        self.plot.setRange(xRange=(0, STEP * SHOWN), yRange=(0, 1))
        self._bars = bars(DIM), bars(1.0)
        for item in (*self._bars, line(theme.STOP, STEP * RED)):
            self.plot.addItem(item)
        self._words = QLabel(), QLabel()
        for label in self._words:
            label.setFont(small(self))
        self.setLayout(column(row((self._words[0], 1), self._words[1]), (self.plot, 1), spacing=2))
        self.refresh()

    def hears(self) -> dict[str, object]:
        """The addresses that it shows."""
        return {
            "/scope/load": self.feed,
            "/engine/xruns": self.feed_xruns,
            "/engine/late": self.feed_late,
            "/engine/sample_rate": self.feed_rate,
        }

    def feed(self, *counts: int) -> None:
        """How many buffers needed up to 5 %, up to 10 %, ... of their time, since the start."""
        told = folded(np.array(counts, float))
        new = told - self.counts if (told >= self.counts).all() and self.counts.any() else np.zeros(SHOWN)
        self.recent = KEPT * self.recent + new
        self.counts = told
        self._frames.ask(self)

    def feed_xruns(self, count: int) -> None:
        """Buffers that the device lost."""
        self.xruns, self.is_known = int(count), True
        self._frames.ask(self)

    def feed_late(self, samples: int) -> None:
        """Samples for which the dry sound stood in."""
        self.late = int(samples)
        self._frames.ask(self)

    def feed_rate(self, rate: float) -> None:
        """Samples a second."""
        self.sample_rate = float(rate)
        self._frames.ask(self)

    def forget(self) -> None:
        """The host is lost: nothing is known of now."""
        self.counts, self.recent = np.zeros(SHOWN), np.zeros(SHOWN)
        self.xruns, self.late, self.is_known = 0, 0, False
        self._frames.ask(self)

    def words(self) -> tuple[str, str]:
        """What was lost: by the device, and by the effect."""
        if not self.is_known:
            return "–", "–"
        late = 1000 * self.late / self.sample_rate if self.sample_rate else 0.0
        return self.tr("{} xruns").format(self.xruns), self.tr("{:.0f} ms late").format(late)

    def sizeHint(self) -> QSize:
        return QSize(226, 84)

    def refresh(self) -> None:
        """Show the latest counts."""
        for item, counts in zip(self._bars, (self.counts, self.recent), strict=True):
            item.setOpts(height=heights(counts))
        for label, text, wrong in zip(self._words, self.words(), (self.xruns, self.late), strict=True):
            label.setText(text)
            label.setStyleSheet(f"color: {theme.WARM if wrong else theme.QUIET};")


def bars(share: float) -> pyqtgraph.BarGraphItem:
    """Bars without height yet, amber near the end of the time and red beyond; share: of their colour, 0 to 1."""
    colours = [theme.STOP if n >= RED else theme.WARM if n >= 0.7 * RED else theme.LIGHT for n in range(SHOWN)]
    brushes = [theme.mixed(theme.GROUND, colour, share) for colour in colours]
    left = STEP * np.arange(SHOWN)
    return pyqtgraph.BarGraphItem(x0=left, width=STEP, height=np.zeros(SHOWN), brushes=brushes, pen=theme.GROUND)


def folded(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """As many counts as there are bars; the last one has all that is beyond."""
    room = np.zeros(max(SHOWN, len(counts)))
    room[: len(counts)] = counts
    return np.append(room[: SHOWN - 1], room[SHOWN - 1 :].sum())


def heights(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the bars, 0 to 1: a single buffer can be seen beside a million, for it is the one that was heard."""
    heard = np.where(counts >= 0.5, np.log10(counts + 1), 0)
    return heard / max(float(heard.max()), 1.0)
