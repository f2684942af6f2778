"""Where something may be dropped: while a file is carried over the window, each such place lights up and says so."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QLabel, QWidget

MOMENT = 80  # milliseconds between leaving one widget and entering the next


class Veil(QLabel):
    """Lies over a widget, for no mouse to notice."""

    def __init__(self, below: QWidget, words: str) -> None:
        super().__init__(words, below)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setProperty("role", "veil")
        self.hide()

    def show_near(self, near: bool) -> None:
        """Light up; brighter if what is carried is over it."""
        below = self.parentWidget()
        if below:
            self.setGeometry(below.rect())
        self.setProperty("near", near)
        self.style().polish(self)
        self.show()
        self.raise_()


class Veils(QObject):
    """The places of a window, by widget: what is said over each."""

    def __init__(self, window: QWidget, places: dict[QWidget, str]) -> None:
        super().__init__(window)
        self.veils = {place: Veil(place, words) for place, words in places.items()}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(MOMENT)
        self._timer.timeout.connect(self.hide)
        for widget in (window, *places):
            widget.setAcceptDrops(True)
            widget.installEventFilter(self)

    def hide(self) -> None:
        """Nothing is carried any more."""
        for veil in self.veils.values():
            veil.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            if any(url.isLocalFile() for url in event.mimeData().urls()):
                self._timer.stop()
                for place, veil in self.veils.items():
                    veil.show_near(place is watched)
        elif event.type() in (QEvent.Type.DragLeave, QEvent.Type.Drop):
            self._timer.start()
        return False
