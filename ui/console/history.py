"""What the machine has done: every move that came to rest, to be taken back, and done again."""

from typing import NamedTuple

from PySide6.QtWidgets import QListWidget, QWidget

from ui.console.proposals import BANDS, WORTH
from ui.host.desk import Desk
from ui.look import words
from ui.look.layout import button, column, label, row

MOST = 200  # moves that are kept
REST = 0.02  # of WORTH: less in a look is rest


class Done(NamedTuple):
    """One parameter, and from where to where it went."""

    address: str
    before: float
    after: float


class History(QWidget):
    """Looks at the parameters that the machine turns. Undo takes the last move back, and holds the parameter there."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.done: list[Done] = []
        self.undone: list[Done] = []
        self.start: dict[str, float] = {}  # where each stood when it last rested
        self.last: dict[str, float] = {}
        self.hand: set[str] = set()
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("What the machine has done"))
        self.undo = button(
            self.tr("Undo"), tip=self.tr("Take the machine's last move back, and keep the parameter there")
        )
        self.redo = button(self.tr("Redo"), tip=self.tr("Let the machine do it again"))
        self.undo.clicked.connect(self.back)
        self.redo.clicked.connect(self.forth)
        heading = label(self.tr("What it has done"), "quiet")
        self.setLayout(column(row(heading, (QWidget(), 1), self.undo, self.redo), self.list))
        desk.turning.connect(self.touched)
        self._show()

    def rebuild(self) -> None:
        """There are other controls."""
        self.done, self.undone = [], []
        self.start = {a: self.desk.values[a] for a in self.watched()}
        self.last = dict(self.start)
        self._show()

    def watched(self) -> list[str]:
        """The parameters of the strips that the machine may turn."""
        found, strip = [], 1
        while f"/strip/{strip}/fader" in self.desk.controls:
            names = ("fader", "threshold", "pan", *(f"eq{b}_gain" for b in range(1, BANDS + 1)))
            found += [f"/strip/{strip}/{name}" for name in names]
            strip += 1
        return [a for a in found if a in self.desk.values]

    def touched(self, values: dict[str, float], goes_on: bool) -> None:
        """A hand turns these: no move of the machine's."""
        self.hand |= values.keys()

    def look(self) -> None:
        """Note the moves that have come to rest since the last look."""
        fresh = False
        for address in self.watched():
            value, kind = self.desk.values[address], address.rsplit("/", 1)[1].removesuffix("_gain").rstrip("123456")
            before = self.start.setdefault(address, value)
            resting = abs(value - self.last.get(address, value)) < REST * WORTH[kind]
            self.last[address] = value
            if address in self.hand:
                self.start[address] = value
            elif resting and abs(value - before) >= WORTH[kind]:
                self.done = [*self.done[1 - MOST :], Done(address, before, value)]
                self.start[address] = value
                self.undone.clear()
                fresh = True
        self.hand.clear()
        if fresh:
            self._show()

    def back(self) -> None:
        """Take the last move back."""
        if self.done:
            move = self.done.pop()
            self.undone.append(move)
            self.desk.turn(move.address, move.before)
            self._show()

    def forth(self) -> None:
        """Let the machine have what was taken back last."""
        if self.undone:
            move = self.undone.pop()
            self.done.append(move)
            self.hand.add(move.address)
            self.start[move.address] = move.after
            self.desk.ask.emit("/auto", (move.address,))
            self._show()

    def _show(self) -> None:
        self.list.clear()
        for move in reversed(self.done):
            control = self.desk.controls.get(move.address)
            if control:
                way = f"{words.text(control, move.before)} → {words.text(control, move.after)}"
                self.list.addItem(f"{move.address[1:]}   {way}")
        self.undo.setEnabled(bool(self.done))
        self.redo.setEnabled(bool(self.undone))
