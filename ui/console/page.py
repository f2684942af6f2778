"""The desk: its strips side by side, the whole at their right, and below what the machine would do."""

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ui.console.channel import WIDE, Channel, Taken
from ui.console.fader import Upright
from ui.console.history import History
from ui.console.proposals import Proposals
from ui.host.desk import Desk
from ui.look.layout import card, column, label, row, title
from ui.parts.controls import Fader, made

LOOK = 700  # milliseconds between two looks at what is wanted
LIST, SHORT, LOW = 128, 84, 500  # pixels, of the list of moves; where the page is lower than so many


def shows(desk: Desk) -> bool:
    """Whether the host plays a desk."""
    return "/strip/1/fader" in desk.controls and "/bus/mute1" in desk.controls


class ConsolePage(QWidget):
    """channels: the strips, in their order."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.channels: list[Channel] = []
        self.proposals, self.history = Proposals(desk), History(desk)
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.look)
        self.timer.start(LOOK)
        self.row = QScrollArea()
        self.row.setWidgetResizable(True)
        self.row.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.row.setAccessibleName(self.tr("The strips of the desk"))
        self._whole = column(spacing=4)
        self.top, self.right, self.below = QWidget(), QWidget(), QWidget()
        self.setLayout(self._whole)
        desk.rebuilt.connect(self.rebuild)
        self.rebuild()

    def sizeHint(self) -> QSize:
        return QSize(640, 560)

    def rebuild(self) -> None:
        """Show the strips that there are now."""
        while item := self._whole.takeAt(0):
            if (widget := item.widget()) and widget is not self.row:
                widget.hide()
        self.channels = []
        if not shows(self.desk):
            return
        while f"/strip/{len(self.channels) + 1}/fader" in self.desk.controls:
            self.channels.append(Channel(self.desk, len(self.channels) + 1))
        strips = QWidget()
        strips.setLayout(row(*self.channels, (QWidget(), 1), spacing=4))
        self.row.setWidget(strips)
        self.top, self.right = self._engineer(), self._main()
        middle = QWidget()
        middle.setLayout(row((self.row, 1), self.right, spacing=4))
        self.below = QWidget()
        self.below.setLayout(row((self.proposals, 3), (self.history, 2)))
        self._fit()
        self._whole.addWidget(self.top)
        self._whole.addWidget(middle, 1)
        if self.automatic:
            self._whole.addWidget(self.below)
            self.below.show()
            self.proposals.show()
            self.history.show()
            self.proposals.rebuild()
            self.history.rebuild()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.below.setFixedHeight(LIST if self.height() > LOW else SHORT)

    @property
    def automatic(self) -> bool:
        """Whether somebody moves the strips."""
        return "/automix/amount" in self.desk.controls

    def look(self) -> None:
        """See what is wanted now; what has been done is told."""
        if self.automatic and self.isVisible():
            self.proposals.look()

    def forget(self) -> None:
        """The host is lost."""
        for channel in self.channels:
            channel.forget()

    def _engineer(self) -> QWidget:
        """Who decides, how far, and how fast."""
        top = QWidget()
        parts: list[QWidget | tuple[QWidget, int]] = []
        texts = {"mind": self.tr("Who decides"), "propose": self.tr("Only propose"), "speed": self.tr("Speed")}
        for name, text in texts.items():
            if control := self.desk.controls.get(f"/automix/{name}"):
                parts += [label(text, "quiet"), made(self.desk, control)]
        if plain := self.desk.controls.get("/against/plain"):
            parts += [label(self.tr("Hear"), "quiet"), made(self.desk, plain)]
        if amount := self.desk.controls.get("/automix/amount"):
            parts.append((Fader(self.desk, amount, self.tr("Amount")), 1))
        top.setLayout(row(*parts, spacing=6))
        return top

    def _main(self) -> QFrame:
        """The whole: its fader, and what the glue compressor takes."""
        fader = Upright(self.desk, self.desk.controls["/bus/level"], "/main/level")
        return card(column(title(self.tr("Main")), Taken(self.desk, "/bus/reduction"), (fader, 1)), WIDE)
