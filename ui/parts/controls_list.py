"""Every control of the host in a list that folds out, with unit, range and meaning; made from the namespace alone."""

from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QToolButton, QWidget

from ui.host.desk import Desk
from ui.look import theme, words
from ui.look.layout import column, grid, label, title
from ui.parts.controls import made

CONTROL, BOUNDS, DOC = range(3)  # columns


class ControlList(QWidget):
    """A line to fold it out, and the controls block by block."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.rows: dict[str, QWidget] = {}
        self.fold = QToolButton()
        self.fold.setCheckable(True)
        self.fold.setArrowType(Qt.ArrowType.RightArrow)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setProperty("role", "plain")
        self.fold.toggled.connect(self._folded)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setVisible(False)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLayout(column(self.fold, (self._area, 1), spacing=4))
        desk.rebuilt.connect(self.rebuild)
        self.rebuild()

    def rebuild(self) -> None:
        """Show the controls that there are now."""
        self.rows.clear()
        content = QWidget()
        table = grid(2 * theme.GAP, 4)
        table.setContentsMargins(4, 0, theme.GAP, theme.GAP)
        content.setLayout(table)
        table.setColumnStretch(CONTROL, 3)
        table.setColumnStretch(DOC, 2)
        for block, controls in groupby(self.desk.controls.values(), lambda c: c.block):
            table.addWidget(
                title(" · ".join(words.said(part) for part in block[1:].split("/"))), table.rowCount(), 0, 1, 3
            )
            for control in controls:
                row = table.rowCount()
                self.rows[control.address] = made(self.desk, control)
                table.addWidget(self.rows[control.address], row, 0)
                for place, text in ((BOUNDS, control.bounds), (DOC, words.meaning(control))):
                    told = label(text, "quiet")
                    told.setWordWrap(place == DOC)
                    table.addWidget(told, row, place)
        table.setRowStretch(table.rowCount(), 1)
        self._area.setWidget(content)
        self.fold.setText(self.tr("All {} controls").format(len(self.rows)))

    def _folded(self, out: bool) -> None:
        self.fold.setArrowType(Qt.ArrowType.DownArrow if out else Qt.ArrowType.RightArrow)
        self._area.setVisible(out)
