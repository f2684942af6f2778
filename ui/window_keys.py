"""What each key does in the window."""

from typing import TYPE_CHECKING

from ui.keys import Key

if TYPE_CHECKING:
    from ui.window import Window

NUDGE = 0.05  # of the mix
NUMBERS = tuple("123456789")


def table(window: "Window") -> list[Key]:
    """The keys, in the order of the sheet."""
    tr = window.tr
    return [
        Key(("Esc",), tr("Panic: silence at once"), lambda i: window.stop()),
        Key(("B",), tr("Bypass"), lambda i: window.bypass.click()),
        Key(("X",), tr("Compare A and B"), lambda i: window.compare.toggle()),
        Key(NUMBERS, tr("A texture alone"), window.choose_texture),
        Key((",", "."), tr("Less, more mix"), lambda i: window.nudge_mix((-NUDGE, NUDGE)[i])),
        Key(("Q",), tr("Next quality"), lambda i: window.next_quality()),
        Key(("G",), tr("To the morph pad: arrows move, Home centres"), lambda i: window.morph.setFocus()),
        Key(("T",), tr("Try: hear what the texture was made of"), lambda i: window.try_texture()),
        Key(("Ctrl+O",), tr("A sound to be a texture"), lambda i: window.tiles.open()),
        Key(tuple(f"Ctrl+{n}" for n in NUMBERS), tr("Go to a scene"), lambda i: window.scenes.recall_number(i + 1)),
        Key(("Ctrl+S",), tr("Store a scene: type its name, Enter"), lambda i: window.scenes.name.setFocus()),
        Key(("M",), tr("Learn MIDI: click a control, move a knob"), lambda i: window.learn.click()),
        Key(("C",), tr("All controls"), lambda i: window.list.fold.toggle()),
        Key(("F",), tr("Live, files"), lambda i: window.next_tab()),
        Key(("D",), tr("Another device"), lambda i: window.choose_device()),
        Key(("L",), tr("To the log"), lambda i: window.log.setFocus()),
        Key(("Tab", "Shift+Tab"), tr("Next, previous control"), None),
        Key(("Left", "Right"), tr("Turn the control; Shift for small steps"), None),
        Key(("PgUp", "PgDown"), tr("Turn it far; Home and End to its ends"), None),
        Key(("Return",), tr("Type its value"), None),
        Key(("Backspace",), tr("Its default"), None),
        Key(("F11",), tr("Full screen"), lambda i: window.full_screen()),
        Key(("F1", "?"), tr("These keys"), lambda i: window.sheet.toggle()),
        Key(("Ctrl+Q",), tr("Leave"), lambda i: window.close()),
    ]
