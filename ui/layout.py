"""Cards and columns: the few ways in which the window is put together."""

from PySide6.QtWidgets import QFrame, QLabel, QLayout, QVBoxLayout, QWidget

from ui import theme

Part = QWidget | QLayout | tuple[QWidget, int]  # with how much of the free room it takes


def column(*parts: Part, spacing: int = 6) -> QVBoxLayout:
    """One above the other."""
    layout = QVBoxLayout(spacing=spacing)
    layout.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        widget, stretch = part if isinstance(part, tuple) else (part, 0)
        if isinstance(widget, QLayout):
            layout.addLayout(widget)
        else:
            layout.addWidget(widget, stretch)
    return layout


def card(layout: QLayout, width: int = 0) -> QFrame:
    """Things that belong together; of a fixed width if one is given."""
    frame = QFrame(objectName="card")
    layout.setContentsMargins(10, 8, 10, 10)
    frame.setLayout(layout)
    if width:
        frame.setFixedWidth(width)
    return frame


def title(text: str) -> QLabel:
    """What a card is about."""
    label = QLabel(text.upper())
    label.setProperty("role", "title")
    return label
