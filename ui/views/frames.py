"""Painting at the pace of the screen: whatever comes, a view paints 60 times a second at most, all of them together."""

from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

FRAME = 16  # milliseconds


class Painted(Protocol):
    """Whatever can paint anew what has changed."""

    def refresh(self) -> None:
        """Paint it."""


class Frames(QObject):
    """The views that have changed, and the clock at which they paint. It rests while nothing changes."""

    def __init__(self, parent: QObject | None = None, interval: int = FRAME) -> None:
        super().__init__(parent)
        self._changed: dict[Painted, None] = {}
        self._timer = QTimer(self, interval=interval, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._paint)

    def ask(self, view: Painted) -> None:
        """Paint this view with the next frame: at once, if the last one was long ago."""
        self._changed[view] = None
        if not self._timer.isActive():
            self._paint()
            self._timer.start()

    def forget(self, view: Painted) -> None:
        """It is no more."""
        self._changed.pop(view, None)

    def _paint(self) -> None:
        if not self._changed:
            self._timer.stop()
        for view in self._changed:
            view.refresh()
        self._changed.clear()


class View(QWidget):
    """A widget that paints every one of its pixels, so that nothing behind it is painted first."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._frames = frames()
        self.destroyed.connect(lambda *_, frames=self._frames, view=self: frames.forget(view))

    def changed(self) -> None:
        """There is something new to be seen."""
        self._frames.ask(self)

    def refresh(self) -> None:
        """Paint again what has changed."""
        self.update()


def frames() -> Frames:
    """The one clock of the program."""
    application = QApplication.instance()
    found = application.findChild(Frames) if application else None
    return found or Frames(application)
