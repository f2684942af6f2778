"""What each key does in the window."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ui.parts.keys import Key

if TYPE_CHECKING:
    from ui.window import Window

translate = QCoreApplication.translate

NUDGE = 0.05  # of the mix
NUMBERS = tuple("123456789")


def table(window: "Window") -> list[Key]:
    """The keys, in the order of the sheet."""
    return [
        Key(
            ("Esc",), translate("Keys", "Close what is on top; else panic: silence at once"), lambda i: window.escape()
        ),
        Key(("B",), translate("Keys", "Bypass"), lambda i: window.bypass.click()),
        Key(("X",), translate("Keys", "Compare A and B"), lambda i: window.compare.toggle()),
        Key(NUMBERS, translate("Keys", "A texture alone"), window.choose_texture),
        Key((",", "."), translate("Keys", "Less, more mix"), lambda i: window.nudge_mix((-NUDGE, NUDGE)[i])),
        Key(("Q",), translate("Keys", "Next quality"), lambda i: window.next_quality()),
        Key(
            ("G",), translate("Keys", "To the morph pad: arrows move, Home centres"), lambda i: window.morph.setFocus()
        ),
        Key(("P",), translate("Keys", "The focused texture is a corner of the pad, or not"), None),
        Key(("T",), translate("Keys", "Try: hear what the texture was made of"), lambda i: window.try_texture()),
        Key(("Ctrl+O",), translate("Keys", "A sound to be a texture"), lambda i: window.tiles.open()),
        Key(
            tuple(f"Ctrl+{n}" for n in NUMBERS),
            translate("Keys", "Go to a scene"),
            lambda i: window.scenes.recall_number(i + 1),
        ),
        Key(
            ("Ctrl+S",),
            translate("Keys", "Store a scene: type its name, Enter"),
            lambda i: window.scenes.name.setFocus(),
        ),
        Key(
            ("Ctrl+Z", "Ctrl+Shift+Z"),
            translate("Keys", "Undo, redo what was turned"),
            lambda i: (window.undo.back, window.undo.forth)[i](),
        ),
        Key(("R",), translate("Keys", "Record, or finish the recording"), lambda i: window.record.click()),
        Key(("M",), translate("Keys", "Learn MIDI: click a control, move a knob"), lambda i: window.learn.click()),
        Key(("C",), translate("Keys", "All controls"), lambda i: window.list.fold.toggle()),
        Key(("F",), translate("Keys", "Live, files"), lambda i: window.next_tab()),
        Key(("D",), translate("Keys", "Another device"), lambda i: window.choose_device()),
        Key(("L",), translate("Keys", "To the log"), lambda i: window.log.setFocus()),
        Key(("Tab", "Shift+Tab"), translate("Keys", "Next, previous control"), None),
        Key(("Left", "Right"), translate("Keys", "Turn the control; Shift for small steps"), None),
        Key(("PgUp", "PgDown"), translate("Keys", "Turn it far; Home and End to its ends"), None),
        Key(("Return",), translate("Keys", "Type its value"), None),
        Key(("Backspace",), translate("Keys", "Its default"), None),
        Key(("F11",), translate("Keys", "Full screen"), lambda i: window.full_screen()),
        Key(("F1", "?"), translate("Keys", "These keys"), lambda i: window.sheet.toggle()),
        Key(("Ctrl+Q",), translate("Keys", "Leave"), lambda i: window.close()),
    ]
