"""What the host says in its own words, in the language of the window: names, meanings and steps of controls.

A host speaks English. What the translations know of it is shown in their language, and what they do not, as it came.
"""

from pathlib import PurePath

from PySide6.QtCore import QCoreApplication

from ui.host.namespace import Control

CONTEXT = "host"


def said(text: str) -> str:
    """A text of the host."""
    return QCoreApplication.translate(CONTEXT, text) if text else text


def name(control: Control) -> str:
    """The name of a control: its file's, if that is in letters which its address cannot have."""
    file = PurePath(control.source).stem
    return said(control.name.replace("_", " ")) if file.isascii() else file


def meaning(control: Control) -> str:
    """What it does: the meaning of a share is the same for all of its block, but for its name."""
    return said(control.doc)


def text(control: Control, value: float) -> str:
    """A value with its unit, or the name of its step."""
    return said(control.text(value)) if control.choices else control.text(value)
