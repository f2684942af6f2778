"""A spectrogram that stands still: of a range of a file, before or after."""

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter

from ui.look import theme
from ui.views.plot import Frequencies, Plot, Times, line
from ui.views.spectrogram import LEFT, shades
from ui.views.survey import Survey

SHORTEST = 0.1  # seconds that the wheel shows


class Still(Plot):
    """A picture under a name, or words where there is none yet. The wheel zooms."""

    def __init__(self, name: str, words: str = "") -> None:
        super().__init__({"left": Frequencies(LEFT), "bottom": Times()})
        self.setMinimumSize(QSize(200, 60))
        self.setAccessibleName(name)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.setYRange(0.0, 1.0)
        self._image = pyqtgraph.ImageItem(axisOrder="col-major", lut=lookup())
        self._position = line(theme.TEXT, width=2)
        self.addItem(self._image)
        self.addItem(self._position)
        self._words = pyqtgraph.TextItem(color=theme.QUIET, anchor=(0.5, 0.5))
        self._words.setParentItem(self.view)
        self.view.sigResized.connect(lambda view: self._words.setPos(view.rect().center()))
        self.tag(name)
        self.position = -1.0
        self.show_survey(None, words)

    def show_survey(self, survey: Survey | None, words: str = "", begin: float = 0.0) -> None:
        """Show this sound, that begins at a time of its song in seconds, over the whole width; or words."""
        self._words.setText(words)
        self._image.setVisible(survey is not None)
        self.getAxis("bottom").setStyle(showValues=survey is not None)
        if survey:
            self._image.setImage(survey.level, levels=(0, 255))
            self._image.setRect(begin, 0.0, survey.seconds, 1.0)
            self.zooms(begin, begin + survey.seconds, SHORTEST)
        self.show_position(self.position)

    def show_position(self, seconds: float) -> None:
        """Where it is played, in the song; less than 0 for nowhere."""
        self.position = seconds
        self._position.setVisible(seconds >= 0 and self._image.isVisible())
        self._position.setValue(seconds)

    def sizeHint(self) -> QSize:
        return QSize(560, 110)


def lookup() -> NDArray[np.uint8]:
    """The colours of the levels as pyqtgraph wants them: (256, 3) uint8 red, green, blue."""
    return np.stack([shades() >> np.uint32(shift) & np.uint32(255) for shift in (16, 8, 0)], axis=1).astype(np.uint8)
