"""Keys for everything, and the sheet that shows them: one table, so that the two cannot differ."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QShortcut
from PySide6.QtWidgets import QLabel, QWidget

from ui.look import theme
from ui.look.layout import column, grid
from ui.look.layout import title as heading
from ui.parts.over import Over

ROWS = 14  # of the sheet, before another column


class Key(NamedTuple):
    """keys: as Qt writes them. words: what they do. action: called with the number of the key; None if Qt does it."""

    keys: tuple[str, ...]
    words: str
    action: Callable[[int], object] | None


def bind(window: QWidget, table: Sequence[Key]) -> None:
    """Let the keys work anywhere in the window."""
    for key in table:
        for i, sequence in enumerate(key.keys):
            if key.action:
                QShortcut(QKeySequence(sequence), window).activated.connect(partial(key.action, i))


class Sheet(Over):
    """All keys, over the window, until a key or a click."""

    def __init__(self, window: QWidget, table: Sequence[Key], title: str) -> None:
        super().__init__(window)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        table_of_keys = grid(2 * theme.GAP, 6)
        for i, key in enumerate(table):
            name = QLabel(written(key.keys))
            name.setStyleSheet(
                f"background: {theme.RAISED}; border-radius: 4px; padding: 2px 7px; color: {theme.LIGHT};"
            )
            table_of_keys.addWidget(name, i % ROWS, 2 * (i // ROWS), Qt.AlignmentFlag.AlignRight)
            table_of_keys.addWidget(QLabel(key.words), i % ROWS, 2 * (i // ROWS) + 1)
        layout = column(heading(title), table_of_keys, spacing=2 * theme.GAP)
        layout.setContentsMargins(28, 22, 28, 24)
        self.setLayout(layout)

    def toggle(self) -> None:
        """Show or hide it."""
        self.setVisible(not self.isVisible())
        if self.isVisible():
            self.place()
            self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hide()


def written(keys: Sequence[str]) -> str:
    """Keys as the system writes them."""
    names = [QKeySequence(k).toString(QKeySequence.SequenceFormat.NativeText) for k in keys]
    return f"{names[0]} … {names[-1]}" if len(names) > 2 else "  ".join(names)
