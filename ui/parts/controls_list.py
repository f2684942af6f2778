"""Every control of the host in a list that folds out, with unit, range and meaning; made from the namespace alone.

Shares of a blend stand beside one another: their meaning is the same, and their names say the rest.
"""

import html
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QToolButton, QWidget

from ui.host.desk import Desk
from ui.host.namespace import Control
from ui.look import theme, words
from ui.look.layout import column, grid, label, title
from ui.parts.controls import made

CONTROL, DOC = range(2)  # columns
ABREAST = 3  # shares


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
        table.setColumnStretch(CONTROL, 4)
        table.setColumnStretch(DOC, 5)
        for block, controls in groupby(self.desk.controls.values(), lambda c: c.block):
            name = title(" · ".join(words.said(part) for part in block[1:].split("/")))
            table.addWidget(name, table.rowCount(), CONTROL, 1, 2)
            shares = grid(theme.GAP, 4)
            table.addLayout(shares, table.rowCount(), CONTROL, 1, 2)
            for control in controls:
                turned = self.rows[control.address] = made(self.desk, control)
                if control.share:
                    shares.addWidget(turned, shares.count() // ABREAST, shares.count() % ABREAST)
                    continue
                row = table.rowCount()
                table.addWidget(turned, row, CONTROL)
                table.addWidget(told(control), row, DOC)
        table.setRowStretch(table.rowCount(), 1)
        self._area.setWidget(content)
        self.fold.setText(self.tr("All {} controls").format(len(self.rows)))

    def _folded(self, out: bool) -> None:
        self.fold.setArrowType(Qt.ArrowType.DownArrow if out else Qt.ArrowType.RightArrow)
        self._area.setVisible(out)


def told(control: Control) -> QLabel:
    """What it does, with its name where only its steps are seen, else with its range."""
    meaning = html.escape(words.meaning(control))
    if control.choices:
        text = f"<b>{html.escape(words.name(control))}</b> &nbsp;{meaning}"
    else:
        text = f'<span>{meaning} &nbsp;</span><span style="color:{theme.QUIET}">{html.escape(control.bounds)}</span>'
    made = label(text)
    made.setWordWrap(True)
    return made
