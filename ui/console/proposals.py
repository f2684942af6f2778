"""What the machine would do, move by move, each with its reason: to be done, or not."""

from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from rtengine.osc.packet import Argument
from ui.console.fader import number
from ui.host.desk import Desk
from ui.look import words
from ui.look.layout import button, column, label, row

translate = QCoreApplication.translate
BANDS = 6
WORTH = {"fader": 1.0, "threshold": 2.0, "pan": 0.1, "eq": 1.0}  # so much is worth a word
SILENT = -69.0  # LUFS
MOST = 40  # proposals that are shown


Shown = Mapping[str, tuple[Argument, ...]]


class Move(NamedTuple):
    """One parameter, where it stands, where it should go, and why."""

    address: str
    value: float
    wanted: float
    reason: str


def moves(values: Mapping[str, float], readings: Shown, roles: tuple[str, ...]) -> list[Move]:
    """All moves that are worth a word, the largest of its kind first."""
    found: list[tuple[float, Move]] = []
    strip = 1
    while f"/strip/{strip}/fader" in values:
        name = translate("Proposals", "Strip {}").format(strip)
        if roles:
            name += f" ({words.said(roles[min(round(values.get(f'/automix/role{strip}', 0.0)), len(roles) - 1)])})"
        for kind in ("fader", "threshold", "pan", *(f"eq{b}" for b in range(1, BANDS + 1))):
            address = f"/strip/{strip}/{kind}_gain" if kind.startswith("eq") else f"/strip/{strip}/{kind}"
            told = readings.get(f"/automix/wants_{kind}", ())
            wants = number(told, strip - 1)
            if wants is None or address not in values or not _heard(readings, strip):
                continue
            wanted = min(max(wants, -60.0), 10.0)
            apart = wanted - values[address]
            worth = abs(apart) / WORTH[kind.rstrip("123456")]
            if worth >= 1:
                why = reason(name, kind, strip, apart, values, readings)
                found.append((worth, Move(address, values[address], wanted, why)))
        strip += 1
    return [move for _, move in sorted(found, key=lambda f: -f[0])[:MOST]]


def _heard(readings: Shown, strip: int) -> bool:
    """Whether a strip has played at all: of silence nothing is wanted."""
    return (number(readings.get("/automix/loudness", ()), strip - 1) or -70.0) > SILENT


def reason(name: str, kind: str, strip: int, apart: float, values: Mapping[str, float], readings: Shown) -> str:
    """Why, in a sentence."""
    if kind == "fader":
        loudness = number(readings.get("/automix/loudness", ()), strip - 1) or 0.0
        if apart > 0:
            text = translate("Proposals", "{} is {:.1f} dB too quiet in the mix ({:.0f} LUFS)")
        else:
            text = translate("Proposals", "{} is {:.1f} dB too loud in the mix ({:.0f} LUFS)")
        return text.format(name, abs(apart), loudness)
    if kind == "threshold":
        return translate("Proposals", "the loud beats of {} stand out").format(name)
    if kind == "pan":
        return translate("Proposals", "{} is a single microphone, and makes room").format(name)
    at = values.get(f"/strip/{strip}/{kind}_frequency", 0.0)
    if apart > 0:
        text = translate("Proposals", "{} has {:.1f} dB too little around {:.0f} Hz")
    else:
        text = translate("Proposals", "{} has {:.1f} dB too much around {:.0f} Hz")
    return text.format(name, abs(apart), at)


class Proposals(QWidget):
    """The list, with a button to do what is chosen and one never to hear of it again.

    done: moves were accepted.
    """

    done = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.refused: set[str] = set()
        self.shown: list[Move] = []
        self.list = QListWidget()
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.list.setAccessibleName(self.tr("What the machine would do"))
        self.accept = button(self.tr("Do it"), tip=self.tr("Make the chosen moves, or all if none is chosen"))
        self.refuse = button(self.tr("Not this"), tip=self.tr("Leave these as they are, and do not ask again"))
        self.again = button(self.tr("Ask all again"), "plain", tip=self.tr("Forget what was refused"))
        self.accept.clicked.connect(self.do)
        self.refuse.clicked.connect(self.leave)
        self.again.clicked.connect(self.forgive)
        heading = label(self.tr("What the machine would do"), "quiet")
        self.setLayout(column(row(heading, (QWidget(), 1), self.again, self.refuse, self.accept), self.list))

    def look(self) -> None:
        """Make the list anew, with what was chosen still chosen."""
        role = self.desk.controls.get("/automix/role1")
        found = moves(self.desk.values, self.desk.readings, role.choices if role else ())
        chosen = {m.address for m in self.chosen()}
        self.shown = [m for m in found if m.address not in self.refused]
        self.list.clear()
        for move in self.shown:
            control = self.desk.controls[move.address]
            way = f"{words.text(control, move.value)} → {words.text(control, move.wanted)}"
            item = QListWidgetItem(f"{move.address[1:]}   {way}   {move.reason}")
            self.list.addItem(item)
            item.setSelected(move.address in chosen)
        for made in (self.accept, self.refuse):
            made.setEnabled(bool(self.shown))

    def chosen(self) -> list[Move]:
        """The moves that are chosen in the list."""
        rows = {index.row() for index in self.list.selectedIndexes()}
        return [m for i, m in enumerate(self.shown) if i in rows]

    def do(self) -> None:
        """Make the chosen moves, or all of them."""
        chosen = self.chosen() or self.shown
        self.desk.turn_together({m.address: m.wanted for m in chosen})
        self.done.emit(chosen)
        self.look()

    def leave(self) -> None:
        """Refuse the chosen moves, or all of them."""
        self.refused |= {m.address for m in self.chosen() or self.shown}
        self.look()

    def forgive(self) -> None:
        """Everything may be asked again."""
        self.refused.clear()
        self.look()
