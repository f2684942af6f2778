"""Any patch, by what it declares: a card for each block, with its controls and, as meters, its readings.

The page knows no instrument. Blocks stand in the order of the namespace, in as many columns as there is room for. A
card folds by a click on its name, and is folded at first where there are more controls than anybody could look at;
meters stay.
"""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from ui.host.desk import Desk
from ui.look import theme, words
from ui.look.layout import card, column, grid, label, title
from ui.parts.controls import made
from ui.parts.reading import ReadingMeter

WIDE = 236  # pixels of a card, at least
MANY = 40  # controls of a patch from which its cards are folded at first


class PatchPage(QScrollArea):
    """controls, meters: the widgets by address."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.controls: dict[str, QWidget] = {}
        self.meters: dict[str, ReadingMeter] = {}
        self.cards: list[QFrame] = []
        self._places: QGridLayout = grid()
        self._columns = 0
        self._open: dict[str, bool] = {}  # blocks that the player has folded, or not
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("The blocks of the patch"))
        desk.rebuilt.connect(self.rebuild)
        self.rebuild()

    def sizeHint(self) -> QSize:
        return QSize(620, 400)

    def rebuild(self) -> None:
        """Show the blocks that there are now."""
        self.controls.clear()
        self.meters.clear()
        self.cards, self._columns = [self._card(block) for block in self.blocks()], 0
        content = QWidget()
        self._places = grid()
        content.setLayout(self._places)
        self._arrange()
        self.setWidget(content)  # which lets go of what was shown before

    def blocks(self) -> list[str]:
        """The blocks of all that is declared, each once."""
        declared = (*self.desk.controls.values(), *self.desk.shown.values())
        return list(dict.fromkeys(one.block for one in declared))

    def forget(self) -> None:
        """The host is lost: nothing is known of now."""
        for meter in self.meters.values():
            meter.forget()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _card(self, block: str) -> QFrame:
        turned = column(spacing=5)
        for control in self.desk.controls.values():
            if control.block == block:
                self.controls[control.address] = made(self.desk, control)
                if control.choices:
                    turned.addWidget(label(words.name(control), "quiet"))
                turned.addWidget(self.controls[control.address])
        parts = column(spacing=5)
        folded = QWidget()
        folded.setLayout(turned)
        parts.addWidget(self._heading(block, folded) if turned.count() else title(named(block)))
        for reading in self.desk.shown.values():
            if reading.block == block:
                self.meters[reading.address] = ReadingMeter(self.desk, reading)
                parts.addWidget(self.meters[reading.address])
        parts.addWidget(folded)
        return card(parts)

    def _heading(self, block: str, folded: QWidget) -> QToolButton:
        """The name of a block, which folds and unfolds its controls."""
        heading = QToolButton()
        heading.setText(named(block).upper())
        heading.setProperty("role", "plain")
        heading.setCheckable(True)
        heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

        def fold(out: bool) -> None:
            self._open[block] = out
            heading.setArrowType(Qt.ArrowType.DownArrow if out else Qt.ArrowType.RightArrow)
            if folded.parent() or not out:  # to be shown without one would open a window
                folded.setVisible(out)

        out = self._open.get(block, len(self.desk.controls) <= MANY)
        heading.setChecked(out)
        heading.toggled.connect(fold)
        fold(out)
        return heading

    def _arrange(self) -> None:
        """Columns as wide as there is room for, each as long as its cards: the next card goes to the shortest."""
        count = max(self.viewport().width() // (WIDE + theme.GAP), 1)
        if count == self._columns:
            return
        while item := self._places.takeAt(0):
            if layout := item.layout():
                while layout.takeAt(0):
                    pass
                layout.deleteLater()
        for i in range(self._columns):
            self._places.setColumnStretch(i, 0)
        self._columns = count
        columns = [QVBoxLayout() for _ in range(count)]
        heights = [0] * count
        for shown in self.cards:
            shortest = heights.index(min(heights))
            columns[shortest].addWidget(shown)
            heights[shortest] += shown.sizeHint().height() + theme.GAP
        for i, layout in enumerate(columns):
            layout.setSpacing(theme.GAP)
            layout.addStretch(1)
            self._places.addLayout(layout, 0, i)
            self._places.setColumnStretch(i, 1)


def named(block: str) -> str:
    """The name of a block as people read it."""
    return " · ".join(words.said(part.replace("_", " ")) for part in block[1:].split("/"))
