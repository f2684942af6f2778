"""What the machine would do, move by move, each with its reason: to be done, or not."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from rtengine.osc.packet import Argument
from ui.console.fader import number
from ui.host.desk import Desk
from ui.look import words
from ui.look.layout import button, column, label, row

translate = QCoreApplication.translate
FIELDS = 4  # of a move in the host's answer: address, value, value wanted, reason in English

Shown = Mapping[str, tuple[Argument, ...]]


class Move(NamedTuple):
    """One parameter, where it stands, where it should go, and why."""

    address: str
    value: float
    wanted: float
    reason: str


def moves(told: Sequence[Argument], values: Mapping[str, float], readings: Shown, roles: tuple[str, ...]) -> list[Move]:
    """The moves that the host proposes, in its order, each with its reason in the language of the window."""
    found = []
    for address, value, wanted, why in zip(*(told[i::FIELDS] for i in range(FIELDS)), strict=False):
        if not isinstance(address, str) or address not in values or not address.startswith("/strip/"):
            continue
        if not isinstance(value, float | int) or not isinstance(wanted, float | int):
            continue
        _, _, number_of, kind = address.split("/")
        strip = int(number_of)
        name = translate("Proposals", "Strip {}").format(strip)
        if roles:
            name += f" ({words.said(roles[min(round(values.get(f'/automix/role{strip}', 0.0)), len(roles) - 1)])})"
        text = reason(name, kind.removesuffix("_gain"), strip, wanted - value, values, readings) or str(why)
        found.append(Move(address, float(value), float(wanted), text))
    return found


def reason(name: str, kind: str, strip: int, apart: float, values: Mapping[str, float], readings: Shown) -> str:
    """Why, in a sentence; "" of moves that we know nothing of."""
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
    if not kind.startswith("eq"):
        return ""
    at = values.get(f"/strip/{strip}/{kind}_frequency", 0.0)
    if apart > 0:
        text = translate("Proposals", "{} has {:.1f} dB too little around {:.0f} Hz")
    else:
        text = translate("Proposals", "{} has {:.1f} dB too much around {:.0f} Hz")
    return text.format(name, abs(apart), at)


class Proposals(QWidget):
    """The list, with a button to do what is chosen and one never to hear of it again. The host does all of it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
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

    def rebuild(self) -> None:
        """There are other controls: ask the host anew."""
        self.desk.watch("/moves/list.reply", self.hear)
        self.shown = []
        self._show()

    def look(self) -> None:
        """Ask what is proposed now."""
        self.desk.ask.emit("/moves/list", ())

    def hear(self, *told: Argument) -> None:
        """Make the list anew."""
        role = self.desk.controls.get("/automix/role1")
        self.shown = moves(told, self.desk.values, self.desk.readings, role.choices if role else ())
        self._show()

    def _show(self) -> None:
        """With what was chosen still chosen."""
        chosen = {m.address for m in self.chosen()}
        self.list.clear()
        for move in self.shown:
            control = self.desk.controls[move.address]
            way = f"{words.text(control, move.value)} → {words.text(control, move.wanted)}"
            item = QListWidgetItem(f"{move.address[1:]}   {way}   {move.reason}")
            item.setData(Qt.ItemDataRole.UserRole, move)
            self.list.addItem(item)
            item.setSelected(move.address in chosen)
        for made in (self.accept, self.refuse):
            made.setEnabled(bool(self.shown))

    def chosen(self) -> list[Move]:
        """The moves that are chosen in the list."""
        return [item.data(Qt.ItemDataRole.UserRole) for item in self.list.selectedItems()]

    def do(self) -> None:
        """Make the chosen moves, or all of them."""
        chosen = self.chosen()
        self.desk.turning.emit({m.address: self.desk.values[m.address] for m in chosen or self.shown}, False)
        self.desk.ask.emit("/moves/accept", tuple(m.address for m in chosen))
        self._without(chosen)

    def leave(self) -> None:
        """Refuse the chosen moves, or all of them."""
        chosen = self.chosen()
        self.desk.ask.emit("/moves/refuse", tuple(m.address for m in chosen))
        self._without(chosen)

    def forgive(self) -> None:
        """Everything may be asked again."""
        self.desk.ask.emit("/moves/again", ())
        self.look()

    def _without(self, gone: list[Move]) -> None:
        """The list, until the host says what is left."""
        self.shown = [m for m in self.shown if gone and m not in gone]
        self._show()
        self.look()
