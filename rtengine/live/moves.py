"""What the machine at the desk would do, each move with its reason, and what it has done: accept, refuse, undo, redo.

    wanted    /automix/wants_... beside where the parameter stands, where they are WORTH a word apart
    done      a parameter that nobody holds has come to rest elsewhere than it rested before

An accepted move, and one that is taken back, is held as by a hand; a refused one is not proposed again. Doing a move
again gives the parameter back to the machine.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol

from rtengine.block import Parameter

BANDS = 6
WORTH = {"fader": 1.0, "threshold": 2.0, "pan": 0.1, "eq": 1.0}  # so much is worth a word
RANGE = -60.0, 10.0  # of a fader; other parameters have their own
REST = 0.02  # of WORTH: less from look to look is rest
LOOK = 0.7  # seconds
SILENT = -69.0  # LUFS
MOST, KEPT = 40, 200  # moves that are proposed, that are remembered
ENGINEER = "/automix/propose"  # a parameter that there is where a machine turns the strips


class Turned(Protocol):
    """What has parameters that wires turn, and readings, as an Engine has."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """All of them, by address."""

    def __getitem__(self, address: str) -> float:
        """Where a parameter is going."""

    def __setitem__(self, address: str, value: float) -> None:
        """Take a parameter in hand."""

    def reading(self, address: str) -> tuple[float, ...]:
        """What a block shows."""

    def automatic(self, address: str) -> bool:
        """Whether a wire turns this parameter."""

    def release(self, address: str) -> None:
        """Give it back."""


class Wanted(NamedTuple):
    """One parameter, where it stands, where it should go, and why."""

    address: str
    value: float
    wanted: float
    reason: str


class Done(NamedTuple):
    """One parameter, from where to where it went."""

    address: str
    before: float
    after: float


class Moves:
    """Proposals and history. changed: is called when something was done, or taken back."""

    def __init__(self, desk: Turned, changed: Callable[[], object] = lambda: None) -> None:
        self._desk, self._changed, self._lock = desk, changed, threading.RLock()
        self._refused: set[str] = set()
        self.done: list[Done] = []
        self.undone: list[Done] = []
        self._accepted: set[Done] = set()  # those of `done` and `undone` that a hand has let it do
        self._start: dict[str, float] = {}  # where each stood when it last rested
        self._last: dict[str, float] = {}
        self._looked = 0.0

    @property
    def there(self) -> bool:
        """Whether a machine is at the desk at all."""
        return ENGINEER in self._desk.parameters

    def wanted(self) -> list[Wanted]:
        """All moves that are worth a word and were not refused, the largest of its kind first."""
        found = [(abs(m.wanted - m.value) / WORTH[_kind(m.address)], m) for m in self._wanted()]
        return [m for worth, m in sorted(found, key=lambda f: -f[0]) if worth >= 1][:MOST]

    def _wanted(self) -> Iterator[Wanted]:
        desk, strip = self._desk, 1
        while self.there and f"/strip/{strip}/fader" in desk.parameters:
            role = desk.parameters[f"/automix/role{strip}"]
            name = f"strip {strip} ({role.choices[round(desk[f'/automix/role{strip}'])]})"
            loudness = desk.reading("/automix/loudness")[strip - 1]
            for address in _addresses(strip) if loudness > SILENT else ():
                kind = address.rsplit("/", 1)[1].removesuffix("_gain")
                value, wants = desk[address], desk.reading(f"/automix/wants_{kind}")[strip - 1]
                wanted = min(max(wants, RANGE[0]), RANGE[1])
                if address not in self._refused:
                    at = desk[f"/strip/{strip}/{kind}_frequency"] if kind.startswith("eq") else 0.0
                    yield Wanted(address, value, wanted, _reason(name, kind, wanted - value, loudness, at))
            strip += 1

    def accept(self, addresses: Sequence[str] = ()) -> list[Wanted]:
        """Make these moves, or all that are proposed; those that were made, which can be taken back like all others.

        KeyError if one is not proposed.
        """
        with self._lock:
            chosen = self._chosen(addresses)
            for move in chosen:
                self._desk[move.address] = move.wanted
                self.done = [*self.done[1 - KEPT :], Done(move.address, move.value, move.wanted)]
                self._accepted.add(self.done[-1])
                self._start[move.address] = move.wanted
            self.undone = [] if chosen else self.undone
            self._accepted &= {*self.done, *self.undone}
        self._changed()
        return chosen

    def refuse(self, addresses: Sequence[str] = ()) -> None:
        """Do not propose these again, or none of all that are. KeyError if one is not proposed."""
        with self._lock:
            self._refused |= {m.address for m in self._chosen(addresses)}

    def ask_again(self) -> None:
        """Forget what was refused."""
        with self._lock:
            self._refused.clear()

    def _chosen(self, addresses: Sequence[str]) -> list[Wanted]:
        proposed = {m.address: m for m in self.wanted()}
        for address in addresses:
            if address not in proposed:
                raise KeyError(f"no move of {address[:80]} is proposed")
        return [proposed[a] for a in addresses] if addresses else list(proposed.values())

    def undo(self) -> Done:
        """Take the machine's last move back, and hold the parameter there; ValueError if there is none."""
        with self._lock:
            if not self.done:
                raise ValueError("the machine has made no move that could be taken back")
            move = self.done.pop()
            self.undone.append(move)
            self._desk[move.address] = move.before
            self._start[move.address] = move.before
        self._changed()
        return move

    def redo(self) -> Done:
        """Let the machine have what was taken back last; ValueError if nothing was."""
        with self._lock:
            if not self.undone:
                raise ValueError("no move was taken back")
            move = self.undone.pop()
            self.done.append(move)
            self._start[move.address] = move.after
            if move in self._accepted:
                self._desk[move.address] = move.after
            else:
                self._desk.release(move.address)
        self._changed()
        return move

    def control(self) -> None:
        """Look now and then; called by the host's control thread."""
        if time.monotonic() - self._looked >= LOOK and self.there:
            self._looked = time.monotonic()
            self.look()

    def look(self) -> None:
        """Note the moves that have come to rest since the last look."""
        fresh, strip = False, 1
        with self._lock:
            while f"/strip/{strip}/fader" in self._desk.parameters:
                for address in _addresses(strip):
                    with suppress(KeyError):  # another patch has just taken over
                        fresh |= self._note(address)
                strip += 1
        if fresh:
            self._changed()

    def _note(self, address: str) -> bool:
        """Whether this parameter has come to rest elsewhere, by itself."""
        value, worth = self._desk[address], WORTH[_kind(address)]
        before = self._start.setdefault(address, value)
        resting = abs(value - self._last.get(address, value)) < REST * worth
        self._last[address] = value
        if not self._desk.automatic(address):  # a hand has it
            self._start[address] = value
        elif resting and abs(value - before) >= worth:
            self.done = [*self.done[1 - KEPT :], Done(address, before, value)]
            self.undone.clear()
            self._start[address] = value
            return True
        return False


def _addresses(strip: int) -> Iterator[str]:
    """The parameters of a strip that the machine may turn."""
    for name in ("fader", "threshold", "pan", *(f"eq{b}_gain" for b in range(1, BANDS + 1))):
        yield f"/strip/{strip}/{name}"


def _kind(address: str) -> str:
    return address.rsplit("/", 1)[1].removesuffix("_gain").rstrip("123456")


def _reason(name: str, kind: str, apart: float, loudness: float, at: float) -> str:
    """Why, in a sentence."""
    if kind == "fader":
        return f"{name} is {abs(apart):.1f} dB too {'quiet' if apart > 0 else 'loud'} in the mix ({loudness:.0f} LUFS)"
    if kind == "threshold":
        return f"the loud beats of {name} stand out"
    if kind == "pan":
        return f"{name} is a single microphone, and makes room"
    return f"{name} has {abs(apart):.1f} dB too {'little' if apart > 0 else 'much'} around {at:.0f} Hz"
