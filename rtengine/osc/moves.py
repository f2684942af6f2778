"""What can be asked of the machine at a desk: its proposals, to be accepted or refused, and its moves, to be undone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rtengine.osc.packet import LARGEST, Argument, encode

if TYPE_CHECKING:
    from rtengine.live.engine import Engine

ROOM = LARGEST // 2  # bytes of an answer
Arguments = Sequence[Argument]


class Action(NamedTuple):
    """As rtengine.osc.commands.Command, which is made of it: types, doc, run."""

    types: str
    doc: str
    run: Any


def wanted(controls: "Engine", arguments: Arguments) -> bytes:
    return _answer("/moves/list.reply", [list(m) for m in controls.moves.wanted()])


def accept(controls: "Engine", arguments: Arguments) -> None:
    controls.moves.accept(_addresses(arguments))


def refuse(controls: "Engine", arguments: Arguments) -> None:
    controls.moves.refuse(_addresses(arguments))


def again(controls: "Engine", arguments: Arguments) -> None:
    controls.moves.ask_again()


def done(controls: "Engine", arguments: Arguments) -> bytes:
    return _answer("/moves/done.reply", [list(m) for m in reversed(controls.moves.done)])


def undone(controls: "Engine", arguments: Arguments) -> bytes:
    return _answer("/moves/undone.reply", [list(m) for m in reversed(controls.moves.undone)])


def undo(controls: "Engine", arguments: Arguments) -> None:
    if _pressed(arguments):
        controls.moves.undo()


def redo(controls: "Engine", arguments: Arguments) -> None:
    if _pressed(arguments):
        controls.moves.redo()


def _pressed(arguments: Arguments) -> bool:
    """A button sends 0 when it is let go."""
    return not arguments or bool(arguments[0])


def _addresses(arguments: Arguments) -> list[str]:
    """Addresses; none, an empty one, or the number that a button sends are all that is proposed."""
    return [a for a in arguments if isinstance(a, str) and a]


def _answer(address: str, rows: list[list[Argument]]) -> bytes:
    """The rows in turn, as many as a packet holds that everybody can receive."""
    flat: list[Argument] = []
    size = 0
    for row in rows:
        size += sum(len(a.encode()) + 5 if isinstance(a, str) else 5 for a in row)
        if size > ROOM:
            break
        flat += row
    return encode(address, *flat)


ACTIONS = {
    "/moves/list": Action("I", "answered by /moves/list.reply: what the machine would do: address, value, "
                          "value wanted, reason, ...", wanted),
    "/moves/accept": Action("s", "make the move of this address that is proposed, or all of them", accept),
    "/moves/refuse": Action("s", "do not propose the move of this address again, or none of those that are", refuse),
    "/moves/again": Action("I", "propose again what was refused", again),
    "/moves/done": Action("I", "answered by /moves/done.reply: what it has done, the last first: address, "
                          "from, to, ...", done),
    "/moves/undone": Action("I", "answered by /moves/undone.reply: what was taken back and can be done again, likewise",
                            undone),
    "/moves/undo": Action("I", "take the machine's last move back, and hold the parameter there", undo),
    "/moves/redo": Action("I", "let the machine have what was taken back last", redo),
}  # fmt: skip
