"""Something that lies over the middle of another widget, and stays there whatever its size."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QFrame, QWidget


class Over(QFrame):
    """A card over a widget; hidden at first."""

    def __init__(self, below: QWidget) -> None:
        super().__init__(below)
        self._below = below
        self.setObjectName("card")
        self.hide()
        below.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.place()
        return False

    def place(self) -> None:
        """Lie in the middle, above all."""
        self.adjustSize()
        self.move((self._below.width() - self.width()) // 2, (self._below.height() - self.height()) // 2)
        self.raise_()
