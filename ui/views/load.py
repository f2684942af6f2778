"""How much of its time the audio thread needs: a histogram of its buffers, and what was lost."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent

from ui import theme
from ui.views.frames import View
from ui.views.text import small

STEP = 5  # percent, width of a bar
SHOWN = 25  # bars: what is beyond 120 % joins the last one
RED = 100 // STEP  # the first bar that is too late
KEPT = 0.9  # of the recent counts, at each message
FOOT, TOP = 14, 16  # pixels


class Load(View):
    """Bars for 5 % each, counted over the last seconds and, behind them, since the start; scales are logarithmic."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(QSize(120, 70))
        self.setAccessibleName(self.tr("Load of the audio thread"))
        self.setToolTip(self.tr("How often a buffer took so much of its time; bright: of late, dim: since the start"))
        self.counts = np.zeros(SHOWN)  # since the start
        self.recent = np.zeros(SHOWN)
        self.xruns, self.late, self.sample_rate = 0, 0, 0.0

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
        self.changed()

    def feed_xruns(self, count: int) -> None:
        """Buffers that the device lost."""
        self.xruns = int(count)
        self.changed()

    def feed_late(self, samples: int) -> None:
        """Samples for which the dry sound stood in."""
        self.late = int(samples)
        self.changed()

    def feed_rate(self, rate: float) -> None:
        """Samples a second."""
        self.sample_rate = float(rate)
        self.changed()

    def words(self) -> tuple[str, str]:
        """What was lost: by the device, and by the effect."""
        late = 1000 * self.late / self.sample_rate if self.sample_rate else 0.0
        return self.tr("{} xruns").format(self.xruns), self.tr("{:.0f} ms late").format(late)

    def sizeHint(self) -> QSize:
        return QSize(226, 84)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.CARD))
        area = QRectF(0, TOP, self.width(), self.height() - TOP - FOOT)
        painter.fillRect(area, QColor(theme.GROUND))
        for counts, share in ((self.counts, 0.3), (self.recent, 1.0)):
            self._bars(painter, area, heights(counts), share)
        painter.setFont(small(self))
        sides = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        for text, wrong, side in zip(self.words(), (self.xruns, self.late), sides, strict=True):
            painter.setPen(QColor(theme.WARM if wrong else theme.QUIET))
            painter.drawText(QRectF(0, 0, self.width(), TOP), side | Qt.AlignmentFlag.AlignTop, text)
        painter.setPen(QColor(theme.QUIET))
        for percent in (0, 50, 100):
            x = area.left() + area.width() * percent / STEP / SHOWN
            flags = Qt.AlignmentFlag.AlignLeft if percent == 0 else Qt.AlignmentFlag.AlignHCenter
            box = QRectF(x - (0 if percent == 0 else 30), area.bottom(), 60, FOOT)
            painter.drawText(box, flags | Qt.AlignmentFlag.AlignBottom, f"{percent} %")
        x = area.left() + area.width() * RED / SHOWN
        painter.fillRect(QRectF(x, area.top(), 1, area.height()), QColor(theme.STOP))

    def _bars(self, painter: QPainter, area: QRectF, shares: NDArray[np.float64], share: float) -> None:
        width = area.width() / SHOWN
        for n in np.flatnonzero(shares):
            colour = theme.STOP if n >= RED else theme.WARM if n >= 0.7 * RED else theme.LIGHT
            height = float(shares[n]) * area.height()
            bar = QRectF(area.left() + n * width, area.bottom() - height, width - 1, height)
            painter.fillRect(bar, theme.mixed(theme.GROUND, colour, share))


def folded(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """As many counts as there are bars; the last one has all that is beyond."""
    room = np.zeros(max(SHOWN, len(counts)))
    room[: len(counts)] = counts
    return np.append(room[: SHOWN - 1], room[SHOWN - 1 :].sum())


def heights(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the bars, 0 to 1: a single buffer can be seen beside a million, for it is the one that was heard."""
    heard = np.where(counts >= 0.5, np.log10(counts + 1), 0)
    return heard / max(float(heard.max()), 1.0)
