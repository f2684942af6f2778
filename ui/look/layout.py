"""Cards, columns, labels and buttons: the few ways in which the window is put together."""

from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLayout, QPushButton, QVBoxLayout, QWidget

from ui.look import theme

Part = QWidget | QLayout | tuple[QWidget, int]  # with how much of the free room it takes


def column(*parts: Part, spacing: int = 6) -> QVBoxLayout:
    """One above the other."""
    layout = QVBoxLayout()
    _fill(layout, parts, spacing)
    return layout


def row(*parts: Part, spacing: int = theme.GAP) -> QHBoxLayout:
    """One beside the other."""
    layout = QHBoxLayout()
    _fill(layout, parts, spacing)
    return layout


def grid(across: int = theme.GAP, down: int = theme.GAP) -> QGridLayout:
    """An empty grid; pixels between columns and between rows."""
    layout = QGridLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setHorizontalSpacing(across)
    layout.setVerticalSpacing(down)
    return layout


def card(layout: QLayout, width: int = 0) -> QFrame:
    """Things that belong together; of a fixed width if one is given."""
    frame = QFrame()
    frame.setObjectName("card")
    layout.setContentsMargins(10, 8, 10, 10)
    frame.setLayout(layout)
    if width:
        frame.setFixedWidth(width)
    return frame


def title(text: str) -> QLabel:
    """What a card is about."""
    return label(text.upper(), "title")


def label(text: str, role: str = "") -> QLabel:
    """Words; for the roles see the style sheet of ui.look.theme."""
    words = QLabel(text)
    words.setProperty("role", role)
    return words


def button(text: str, role: str = "", checkable: bool = False, tip: str = "") -> QPushButton:
    """A button."""
    made = QPushButton(text)
    made.setProperty("role", role)
    made.setCheckable(checkable)
    made.setToolTip(tip)
    return made


def _fill(layout: QVBoxLayout | QHBoxLayout, parts: tuple[Part, ...], spacing: int) -> None:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for part in parts:
        widget, stretch = part if isinstance(part, tuple) else (part, 0)
        if isinstance(widget, QLayout):
            layout.addLayout(widget, stretch)
        else:
            layout.addWidget(widget, stretch)
