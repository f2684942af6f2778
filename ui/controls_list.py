"""Every control of the host in a list that folds out, with unit, range and meaning; made from the namespace alone."""

from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from ui import theme
from ui.controls import made
from ui.desk import Desk


class ControlList(QWidget):
    """A line to fold it out, and the controls block by block."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.rows: dict[str, QWidget] = {}
        self.fold = QToolButton(checkable=True, autoRaise=True, arrowType=Qt.ArrowType.RightArrow)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setProperty("role", "plain")
        self.fold.toggled.connect(self._folded)
        self._area = QScrollArea(widgetResizable=True, visible=False)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self, spacing=4)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.fold)
        layout.addWidget(self._area, 1)
        desk.rebuilt.connect(self.rebuild)
        self.rebuild()

    def rebuild(self) -> None:
        """Show the controls that there are now."""
        self.rows.clear()
        content = QWidget()
        grid = QGridLayout(content, horizontalSpacing=2 * theme.GAP, verticalSpacing=4)
        grid.setContentsMargins(4, 0, theme.GAP, theme.GAP)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(2, 2)
        for block, controls in groupby(self.desk.controls.values(), lambda c: c.block):
            heading = QLabel(block[1:].replace("/", " · ").upper())
            heading.setProperty("role", "title")
            grid.addWidget(heading, grid.rowCount(), 0, 1, 3)
            for control in controls:
                row = grid.rowCount()
                self.rows[control.address] = made(self.desk, control)
                grid.addWidget(self.rows[control.address], row, 0)
                for column, text in ((1, control.bounds), (2, control.doc)):
                    label = QLabel(text, wordWrap=column == 2)
                    label.setProperty("role", "quiet")
                    grid.addWidget(label, row, column)
        grid.setRowStretch(grid.rowCount(), 1)
        self._area.setWidget(content)
        self.fold.setText(self.tr("All {} controls").format(len(self.rows)))

    def _folded(self, out: bool) -> None:
        self.fold.setArrowType(Qt.ArrowType.DownArrow if out else Qt.ArrowType.RightArrow)
        self._area.setVisible(out)
