"""What the machine has done: every move that came to rest, to be taken back, and done again."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtWidgets import QListWidget, QWidget

from rtengine.osc.packet import Argument
from ui.host.desk import Desk
from ui.look import words
from ui.look.layout import button, column, label, row

FIELDS = 3  # of a move in the host's answer


class Done(NamedTuple):
    """One parameter, and from where to where it went."""

    address: str
    before: float
    after: float


class History(QWidget):
    """Shows what the host remembers. Undo takes the last move back, and holds the parameter there."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.done: list[Done] = []
        self.undone: list[Done] = []
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("What the machine has done"))
        self.undo = button(
            self.tr("Undo"), tip=self.tr("Take the machine's last move back, and keep the parameter there")
        )
        self.redo = button(self.tr("Redo"), tip=self.tr("Let the machine do it again"))
        self.undo.clicked.connect(lambda: self._ask("/moves/undo"))
        self.redo.clicked.connect(lambda: self._ask("/moves/redo"))
        heading = label(self.tr("What it has done"), "quiet")
        self.setLayout(column(row(heading, (QWidget(), 1), self.undo, self.redo), self.list))
        self._show()

    def rebuild(self) -> None:
        """There are other controls: ask the host anew."""
        self.desk.watch("/moves/done.reply", self.hear)
        self.desk.watch("/moves/undone.reply", self.hear_undone)
        self.desk.watch("/moves/changed", lambda *told: self.look())
        self.done, self.undone = [], []
        self._show()
        self.look()

    def look(self) -> None:
        """Ask what has been done, and what was taken back."""
        self.desk.ask.emit("/moves/done", ())
        self.desk.ask.emit("/moves/undone", ())

    def hear(self, *told: Argument) -> None:
        """Make the list anew; the last move comes first."""
        self.done = moves(told)
        self._show()

    def hear_undone(self, *told: Argument) -> None:
        """Know what could be done again."""
        self.undone = moves(told)
        self._show()

    def _ask(self, address: str) -> None:
        self.desk.ask.emit(address, ())
        self.look()

    def _show(self) -> None:
        self.list.clear()
        for move in self.done:
            control = self.desk.controls.get(move.address)
            if control:
                way = f"{words.text(control, move.before)} → {words.text(control, move.after)}"
                self.list.addItem(f"{move.address[1:]}   {way}")
        self.undo.setEnabled(bool(self.done))
        self.redo.setEnabled(bool(self.undone))


def moves(told: Sequence[Argument]) -> list[Done]:
    """The moves of an answer; what is none is left out."""
    return [
        Done(address, float(before), float(after))
        for address, before, after in zip(*(told[i::FIELDS] for i in range(FIELDS)), strict=False)
        if isinstance(address, str) and isinstance(before, float | int) and isinstance(after, float | int)
    ]
