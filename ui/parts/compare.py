"""A and B: two ways to set everything, and one key to go from the one to the other."""

from PySide6.QtWidgets import QButtonGroup, QWidget

from ui.host.desk import Desk
from ui.look.layout import button, row

NAMES = ("A", "B")


class Compare(QWidget):
    """Two buttons. What is turned belongs to the one that is lit; the other keeps what it had, at first the same."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.now = 0
        self._kept: list[dict[str, float]] = [{}, {}]
        self._group = QButtonGroup(self)
        for i, name in enumerate(NAMES):
            made = button(name, checkable=True, tip=self.tr("Compare two ways to set everything"))
            made.setChecked(i == 0)
            made.setFixedWidth(34)
            self._group.addButton(made, i)
        self.setLayout(row(*self._group.buttons(), spacing=2))
        self._group.idClicked.connect(self.go)

    def toggle(self) -> None:
        """Hear the other one."""
        self.go(1 - self.now)

    def go(self, to: int) -> None:
        """Hear this one: the first way, 0, or the second, 1."""
        self._group.button(to).setChecked(True)
        if to == self.now:
            return
        self._kept[self.now] = dict(self.desk.values)
        self.now = to
        wanted = {a: v for a, v in self._kept[to].items() if self.desk.values.get(a) != v}
        if wanted:
            self.desk.turn_together(wanted)
