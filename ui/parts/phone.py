"""A phone as a surface: the address of the host's page, to be typed or taken by its camera."""

import segno
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from ui.look import theme
from ui.look.layout import button, column, label

QUIET_ZONE = 4  # modules around a code: ISO/IEC 18004, 6.3.8
SIDE = 280  # pixels, at most
OPEN = {"--osc-host": "0.0.0.0"}  # options of a host that the network may play


class Code(QWidget):
    """A QR code: dark on light, as every camera wants it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.modules = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
        self.setAccessibleName(text)
        self.size_of_module = SIDE // (len(self.modules) + 2 * QUIET_ZONE)
        side = self.size_of_module * (len(self.modules) + 2 * QUIET_ZONE)
        self.setFixedSize(QSize(side, side))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("white"))
        size = self.size_of_module
        edge = QUIET_ZONE * size
        for y, row in enumerate(self.modules):
            for x, dark in enumerate(row):
                if dark:
                    painter.fillRect(QRectF(edge + x * size, edge + y * size, size, size), QColor("black"))


class Phone(QDialog):
    """url: of the page, "" if the network cannot reach it. ours: whether the host can be started again so that it can.

    restarted: options of its command line.
    """

    restarted = Signal(object)

    def __init__(self, url: str, ours: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.url = url
        self.setWindowTitle(self.tr("Phone"))
        self.setMinimumWidth(340)
        parts: list[QWidget] = []
        if url:
            address = label(f"<b>{url}</b>")
            address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            told = label(self.tr("Take this with the camera of a phone or tablet in the same network, or type it"))
            parts = [Code(url), address, told]
        else:
            told = label(self.tr("The host is open to this computer alone: no phone can play it."))
            parts = [told]
            if ours:
                self.open_up = button(self.tr("Let the network play"))
                self.open_up.clicked.connect(self._open_up)
                warning = label(self.tr("Everybody in it can then. The host starts again: silence for a few seconds."))
                warning.setStyleSheet(f"color: {theme.WARM};")
                parts += [warning, self.open_up]
            else:
                parts.append(label(self.tr("Start it with --osc-host 0.0.0.0"), "quiet"))
        for part in parts:
            if isinstance(part, QLabel):
                part.setWordWrap(True)
        layout = column(spacing=theme.GAP)
        for part in parts:
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter if isinstance(part, Code) else Qt.AlignmentFlag(0))
        layout.setContentsMargins(18, 16, 18, 16)
        self.setLayout(layout)

    def _open_up(self) -> None:
        self.restarted.emit(OPEN)
        self.accept()
