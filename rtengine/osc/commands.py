"""The addresses that are no parameters: what a player can ask for, and what is answered.

Files are named by bare names within the host's own folders, see rtengine.files.folders.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from rtengine.live.closer import closely
from rtengine.osc import moves, score
from rtengine.osc.arguments import exactly, scene_name, switch, text
from rtengine.osc.namespace import short_names
from rtengine.osc.packet import LARGEST, Argument, encode
from rtengine.patches.chain import names

if TYPE_CHECKING:
    from rtengine.live.engine import Engine
    from rtengine.live.instrument import Instrument
    from rtengine.patches.patch import Files

LONGEST = 200  # letters of the name of a device

Arguments = Sequence[Argument]


class Command(NamedTuple):
    """An action on what plays; returns what to answer.

    types: of its arguments, as OSCQuery tells them. slow: it may take seconds. Raises ValueError, KeyError or OSError.
    """

    types: str
    doc: str
    run: "Callable[[Engine, Arguments], bytes | None]"
    slow: bool = False


def by_the_server(controls: "Engine", arguments: Arguments) -> None:
    """What is about packets, not about what plays, see rtengine.osc.server."""


def bypass(controls: "Engine", arguments: Arguments) -> None:
    controls.bypass(switch(arguments))


def panic(controls: "Engine", arguments: Arguments) -> None:
    if not arguments or switch(arguments):  # a button sends 0 when it is let go
        controls.panic()


def store(controls: "Engine", arguments: Arguments) -> None:
    (name,) = exactly(1, arguments, "one name")
    controls.scene_store(scene_name(name))


def recall(controls: "Engine", arguments: Arguments) -> None:
    given = (*arguments, 0.0) if len(arguments) == 1 else arguments
    name, seconds = exactly(2, given, "a name, and if you like the seconds of a fade")
    if not isinstance(seconds, float | int) or not 0 <= seconds < math.inf:
        raise ValueError(f"{str(seconds)[:40]!r} is no time of a fade in seconds")
    controls.scene_recall(scene_name(name), float(seconds))


def rename(controls: "Engine", arguments: Arguments) -> None:
    name, to = exactly(2, arguments, "two names")
    controls.scene_rename(scene_name(name), scene_name(to))


def delete(controls: "Engine", arguments: Arguments) -> None:
    (name,) = exactly(1, arguments, "one name")
    controls.scene_delete(scene_name(name))


def select_device(controls: "Engine", arguments: Arguments) -> None:
    given = exactly(2, arguments, "the names of an input and of an output")
    source, sink = (_device(argument) for argument in given)
    controls.select_device(source, sink)


def _device(argument: Argument) -> str | None:
    """A part of a name, or a number, or nothing for the system's own."""
    if not isinstance(argument, str | int) or len(str(argument)) > LONGEST or not str(argument).isprintable():
        raise ValueError(f"{str(argument)[:40]!r} is no name of a device of at most {LONGEST} letters")
    return str(argument) or None


def device_list(controls: "Engine", arguments: Arguments) -> bytes:
    found = fitting([part for pair in controls.devices() for part in pair])
    return encode("/device/list.reply", *found[: len(found) // 2 * 2])


def scene_list(controls: "Engine", arguments: Arguments) -> bytes:
    return encode("/scene/list.reply", *controls.scenes())


def status(controls: "Engine", arguments: Arguments) -> bytes:
    pairs = ((k, v) for k, v in controls.status().items() if isinstance(v, bool | int | float | str))
    return encode("/status.reply", *(part for pair in pairs for part in pair))


def load_patch(controls: "Engine", arguments: Arguments) -> None:
    controls.load_patch(text(arguments))


def patch_list(controls: "Engine", arguments: Arguments) -> bytes:
    return encode("/patch/list.reply", *fitting(names()))


def release(controls: "Engine", arguments: Arguments) -> None:
    controls.release(full_name(controls, text(arguments)))


def input_file(controls: "Engine", arguments: Arguments) -> None:
    controls.song.file(text(arguments))


def input_loop(controls: "Engine", arguments: Arguments) -> None:
    if len(arguments) not in (0, 2):
        raise ValueError(f"/input/loop takes two times in seconds, or nothing for the whole song, not {len(arguments)}")
    controls.song.loop(*(number(a) for a in arguments))


def input_seek(controls: "Engine", arguments: Arguments) -> None:
    (seconds,) = exactly(1, arguments, "a time in seconds")
    controls.song.seek(number(seconds))


def input_play(controls: "Engine", arguments: Arguments) -> None:
    controls.song.play(switch(arguments))


def midi_list(controls: "Engine", arguments: Arguments) -> bytes:
    return encode("/midi/list.reply", *fitting(controls.midi_inputs()))


def record_start(controls: "Engine", arguments: Arguments) -> None:
    controls.say(controls.takes.start(text(arguments) if arguments else ""))


def record_stop(controls: "Engine", arguments: Arguments) -> None:
    controls.say(controls.takes.stop())


def learn(controls: "Engine", arguments: Arguments) -> None:
    controls.midi.learn(full_name(controls, text(arguments)))


def unlearn(controls: "Engine", arguments: Arguments) -> None:
    controls.midi.unlearn(full_name(controls, text(arguments)))


def learn_list(controls: "Engine", arguments: Arguments) -> bytes:
    return encode("/learn/list.reply", *(part for learnt in controls.midi.learnt() for part in learnt))


def input_list(controls: "Engine", arguments: Arguments) -> bytes:
    return encode("/input/list.reply", *fitting(controls.song.songs()))


COMMANDS = {
    "/bypass": Command("T", "on: the sound passes untouched, as late as with the effect", bypass),
    "/panic": Command("I", "mute at once, forget all sound, come back softly", panic),
    "/device/select": Command(
        "ss", "play on another input and output; null is none, an empty name the system's own", select_device
    ),
    "/device/list": Command("I", "answered by /device/list.reply and input or output and a name in turn", device_list),
    "/scene/store": Command("s", "keep all parameters under this name", store),
    "/scene/recall": Command("sf", "go to the scene of this name, in so many seconds", recall),
    "/scene/rename": Command("ss", "give a scene another name", rename),
    "/scene/delete": Command("s", "do without the scene of this name", delete),
    "/scene/list": Command("I", "answered by /scene/list.reply and the names", scene_list),
    "/patch/load": Command("s", "play another patch, or several in a chain: console,texture", load_patch, slow=True),
    "/patch/list": Command("I", "answered by /patch/list.reply and the patches", patch_list),
    "/auto": Command("s", "let what is wired to this parameter turn it again, after a hand has taken it", release),
    "/input/file": Command(
        "s", "play a song of this name as the input; an empty one is the device", input_file, slow=True
    ),
    "/input/loop": Command("ff", "go round between these seconds of the song", input_loop),
    "/input/seek": Command("f", "go to this second of the song", input_seek),
    "/input/play": Command("T", "go on with the song, or pause it", input_play),
    "/input/list": Command("I", "answered by /input/list.reply and the files that could be played", input_list),
    "/midi/list": Command("I", "answered by /midi/list.reply and the MIDI inputs that there are", midi_list),
    "/record/start": Command(
        "s", "record under this name in the folder of takes; without one, the time of day is the name", record_start
    ),
    "/record/stop": Command("I", "finish the recording", record_stop),
    "/learn": Command("s", "let the MIDI controller that moves next turn this parameter", learn),
    "/unlearn": Command("s", "let no MIDI controller turn this parameter", unlearn),
    "/learn/list": Command("I", "answered by /learn/list.reply: address, channel, controller, ...", learn_list),
    "/status": Command("I", "answered by /status.reply, names and values in turn", status),
    "/sync": Command("i", "answered by /synced and the number, when all that was sent before is heard", by_the_server),
}


SCORE = {address: Command(*action) for address, action in score.ACTIONS.items()}  # while one is played
MOVES = {address: Command(*action) for address, action in moves.ACTIONS.items()}  # while a machine is at a desk


def commands(controls: object) -> dict[str, Command]:
    """All commands: those of the host, and those of the files that what plays is built from."""
    built_from: Instrument | None = getattr(controls, "instrument", None)
    found = (_of_files(tuple(built_from.kinds.items())) if built_from else {}) | COMMANDS
    if getattr(controls, "moves", None) and controls.moves.there:  # type: ignore[attr-defined]
        found |= MOVES
    return found | SCORE if getattr(controls, "score", None) else found


@cache
def _of_files(kinds: "tuple[tuple[str, Files], ...]") -> dict[str, Command]:
    return {address: c for kind, about in kinds for address, c in file_commands(kind, about).items()}


def file_commands(kind: str, about: "Files") -> dict[str, Command]:
    """What can be asked for of one kind of files."""

    def load(controls: "Engine", arguments: Arguments) -> None:
        controls.load_file(kind, text(arguments))

    def remove(controls: "Engine", arguments: Arguments) -> None:
        controls.remove_file(kind, text(arguments))

    def chosen(controls: "Engine", arguments: Arguments) -> bytes:
        return encode(f"/{kind}/list.reply", *instrument(controls).chosen(kind))

    def files(controls: "Engine", arguments: Arguments) -> bytes:
        reply = "files" if about.many else "list"
        return encode(f"/{kind}/{reply}.reply", *fitting(instrument(controls).listed(kind)))

    def closer(controls: "Engine", arguments: Arguments) -> None:
        controls.listen_closer(kind, text(arguments) if arguments else "")

    def closer_stop(controls: "Engine", arguments: Arguments) -> None:
        controls.closer.stop()

    def closer_list(controls: "Engine", arguments: Arguments) -> bytes:
        return encode(f"/{kind}/closer/list.reply", *closely(instrument(controls), kind))

    if not about.many:
        return {
            f"/{kind}/load": Command("s", f"play with {about.doc} of this name, cross-faded", load, slow=True),
            f"/{kind}/list": Command("I", f"answered by /{kind}/list.reply and the files", files),
        }
    found = {
        f"/{kind}/add": Command("s", f"add {about.doc}, a file of this name", load, slow=True),
        f"/{kind}/remove": Command("s", f"do without the {kind} of this name", remove, slow=True),
        f"/{kind}/list": Command("I", f"answered by /{kind}/list.reply and those that were added", chosen),
        f"/{kind}/files": Command("I", f"answered by /{kind}/files.reply and the files that could be added", files),
    }
    return found if not about.closer else found | {
        f"/{kind}/closer": Command(
            "s", f"listen closer to the {kind} of this name beside the music, and play that; without one, to the last "
            "that was added", closer),
        f"/{kind}/closer/stop": Command("I", "listen no longer", closer_stop),
        f"/{kind}/closer/list": Command(
            "I", f"answered by /{kind}/closer/list.reply and those that were listened to", closer_list),
    }  # fmt: skip


def instrument(controls: "Engine") -> "Instrument":
    """What the graph was built from; ValueError if it was built by hand."""
    if not controls.instrument:
        raise ValueError("this graph was built by hand, so it has no folders of files")
    return controls.instrument


def full_name(controls: "Engine", address: str) -> str:
    """The address of a parameter by itself or by its short name."""
    return short_names(controls.parameters).get(address, address)


def number(argument: Argument) -> float:
    """An argument as a number of seconds."""
    if isinstance(argument, bool) or not isinstance(argument, float | int) or not math.isfinite(argument):
        raise ValueError(f"{str(argument)[:40]!r} is no time in seconds")
    return float(argument)


def fitting(names: Sequence[str]) -> Sequence[str]:
    """As many of the names as a packet holds that everybody can receive."""
    room, count = LARGEST // 2, 0
    for name in names:
        room -= len(name.encode()) + 5  # a type tag, and what fills the string up to four bytes
        count += room >= 0
    return names[:count]
