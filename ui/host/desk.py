"""The desk: what the host says and what is asked of it, the one truth that every widget of the window shows.

A widget watches addresses and calls `turn`; it is told what others turn, at this window or anywhere. When the host
offers other controls, all watches end, `rebuilt` is emitted, and whoever shows controls builds itself anew.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from rtengine.osc.packet import Argument
from ui.host import namespace
from ui.host.namespace import Control, Reading

RATE = 15  # milliseconds between two packets of values: as often as the screen

FEW, START, MOST_CORNERS = 5, 3, 8  # shares that are all corners; corners if there are more; corners at most

Watch = Callable[..., object]


class Desk(QObject):
    """Controls, their values, and the commands of a host.

    Signals. rebuilt: there are other controls. ask: an address and arguments for the host. move: values by address, to
    be set at the same moment. said: a sentence for the player. learning: whether a click chooses a control for MIDI.
    learned: an address whose controller is another now. pinned: the corners of the morph pad are others. turning: the
    values that the hand is about to change, by address, and whether that may be part of the movement before.
    """

    rebuilt = Signal()
    ask = Signal(str, tuple)
    move = Signal(object)
    said = Signal(str)
    learning = Signal(bool)
    learned = Signal(str)
    pinned = Signal()
    turning = Signal(object, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.controls: dict[str, Control] = {}
        self.shown: dict[str, Reading] = {}  # what the blocks show
        self.addresses: set[str] = set()
        self.values: dict[str, float] = {}
        self.readings: dict[str, tuple[Argument, ...]] = {}
        self.controllers: dict[str, tuple[int, int]] = {}  # MIDI channel and controller, by address
        self.is_learning = False
        self.corners: list[str] = []  # names of the shares that the morph pad blends
        self._watches: dict[str, list[Watch]] = defaultdict(list)
        self._waiting: dict[str, float] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(RATE)
        self._timer.timeout.connect(self.flush)

    def offer(self, tree: Mapping[str, Any]) -> None:
        """Take what the host offers."""
        controls, shown = namespace.controls(tree), namespace.readings(tree)
        self.addresses = namespace.addresses(tree)
        if (controls, shown) == (self.controls, self.shown):
            return
        self.controls, self.shown = controls, shown
        self.values = {a: self.values.get(a, c.default) for a, c in controls.items()}
        self._watches.clear()
        self._waiting.clear()
        self.rebuilt.emit()

    def watch(self, address: str, watch: Watch) -> None:
        """Call this with the arguments of each message to the address, and now, if they are known."""
        self._watches[address].append(watch)
        if address in self.values:
            watch(self.values[address])
        elif address in self.readings:
            watch(*self.readings[address])

    def unwatch(self, address: str, watch: Watch) -> None:
        """Call it no more."""
        if watch in self._watches[address]:
            self._watches[address].remove(watch)

    def hear(self, address: str, arguments: tuple[Argument, ...]) -> None:
        """Take a message of the host."""
        if address in self.controls:
            if len(arguments) == 1 and isinstance(arguments[0], float | int) and address not in self._waiting:
                self._show(address, float(arguments[0]))
            return
        if address == "/learned":
            self._learn(arguments)
        self.readings[address] = arguments
        for watch in tuple(self._watches[address]) if address in self._watches else ():
            try:
                watch(*arguments)
            except TypeError:
                self.said.emit(f"{address} came with {len(arguments)} arguments that nobody expects")

    def turn(self, address: str, value: float) -> None:
        """Set a control, here at once and at the host with the next packet."""
        self.turn_together({address: value})

    def turn_together(self, values: Mapping[str, float]) -> None:
        """Set several controls at the same moment."""
        self.turning.emit({a: self.values[a] for a in values if a in self.controls}, True)
        for address, value in values.items():
            if address in self.controls:
                control = self.controls[address]
                self._waiting[address] = min(max(value, control.low), control.high)
                self._show(address, self._waiting[address])
        if not self._timer.isActive():
            self.flush()

    def mark(self) -> None:
        """Whatever stands now is about to change, by a scene."""
        self.turning.emit(dict(self.values), False)

    def touch(self, address: str, on: bool) -> None:
        """Say that a hand is on a control: the host then does not fight it."""
        self.ask.emit(f"{address}/touched", (on,))

    def shares(self) -> dict[str, list[Control]]:
        """The controls that are blended with one another, by block."""
        found: dict[str, list[Control]] = defaultdict(list)
        for control in self.controls.values():
            if control.share:
                found[control.block].append(control)
        return dict(found)

    def blended(self) -> list[Control]:
        """The shares at the corners of the morph pad: those that are pinned, else the first few."""
        shares = next(iter(self.shares().values()), [])
        chosen = [c for c in shares if c.name in self.corners]
        return chosen or (shares if len(shares) <= FEW else shares[:START])

    def pin(self, name: str) -> None:
        """Make a share a corner of the morph pad, or no more; one at least remains, MOST_CORNERS at most."""
        names = [c.name for c in self.blended()]
        if name not in names and len(names) < MOST_CORNERS:
            names.append(name)
        elif name in names and len(names) > 1:
            names.remove(name)
        self.corners = names
        self.pinned.emit()

    def learn(self, on: bool) -> None:
        """Begin or end to choose controls for MIDI."""
        self.is_learning = on
        self.learning.emit(on)

    def choose(self, address: str) -> None:
        """Let the next MIDI controller that moves be that of this control."""
        self.ask.emit("/learn", (address,))
        self.said.emit(self.tr("Turn a MIDI knob for {}").format(address))

    def forget(self, address: str) -> None:
        """No MIDI controller for this control any more."""
        self.ask.emit("/unlearn", (address,))
        self.controllers.pop(address, None)
        self.learned.emit(address)

    def show_learned(self, *triples: Argument) -> None:
        """All that is learned: address, channel and controller in turn."""
        told = zip(triples[::3], triples[1::3], triples[2::3], strict=False)
        found = {a: (c, k) for a, c, k in told if isinstance(a, str) and isinstance(c, int) and isinstance(k, int)}
        changed = found.items() ^ self.controllers.items()
        self.controllers = found
        for address in {address for address, _ in changed}:
            self.learned.emit(address)

    def _learn(self, arguments: tuple[Argument, ...]) -> None:
        match arguments:
            case str(address), int(channel), int(controller):
                self.controllers[address] = channel, controller
                self.said.emit(self.tr("{} is now MIDI controller {}, channel {}").format(address, controller, channel))
                self.learned.emit(address)

    def _show(self, address: str, value: float) -> None:
        self.values[address] = value
        for watch in tuple(self._watches[address]) if address in self._watches else ():
            watch(value)

    def flush(self) -> None:
        """Send what waits for the next packet: before a command, which may mean what was turned."""
        if self._waiting:
            waiting, self._waiting = self._waiting, {}
            self.move.emit(waiting)
            self._timer.start()
