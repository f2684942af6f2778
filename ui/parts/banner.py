"""A sentence that nobody can miss, on one line: what does not fit is in its tooltip, for it must widen no window."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

MARGIN = 28  # pixels, of the style sheet's padding


class Banner(QLabel):
    """Hidden while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self.sentence = ""
        self.setProperty("role", "banner")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, sentence: str, mild: bool) -> None:
        """Say it; "" is nothing. mild: nothing is wrong."""
        self.sentence = sentence
        self.setProperty("mild", mild)
        self.style().polish(self)
        self.setToolTip(sentence)
        self.setVisible(bool(sentence))
        self._elide()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(self.width() - MARGIN, 0)
        self.setText(self.fontMetrics().elidedText(self.sentence, Qt.TextElideMode.ElideRight, room))
