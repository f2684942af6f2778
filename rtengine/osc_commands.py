"""The addresses that are no parameters: what a player can ask for, and what is answered."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rtengine.osc_packet import Argument, encode

NAME = re.compile(r"[\w -]{1,64}")  # of a scene: no dot and no slash, so no path

LONGEST = 200  # letters of the name of a device

Arguments = Sequence[Argument]


class Command(NamedTuple):
    """An action on the controls, whose type has no name of its own (any part may be missing); returns what to answer.

    types: of its arguments, as OSCQuery tells them. Raises ValueError, KeyError or OSError.
    """

    types: str
    doc: str
    run: Callable[[Any, Arguments], bytes | None]


def bypass(controls: Any, arguments: Arguments) -> None:
    controls.bypass(switch(arguments))


def panic(controls: Any, arguments: Arguments) -> None:
    if not arguments or switch(arguments):  # a button sends 0 when it is let go
        controls.panic()


def store(controls: Any, arguments: Arguments) -> None:
    (name,) = arguments
    controls.scene_store(scene_name(name))


def recall(controls: Any, arguments: Arguments) -> None:
    name, seconds = arguments if len(arguments) == 2 else (*arguments, 0.0)
    if not isinstance(seconds, float | int) or not 0 <= seconds < math.inf:
        raise ValueError(f"{str(seconds)[:40]!r} is no time of a fade in seconds")
    controls.scene_recall(scene_name(name), float(seconds))


def select_device(controls: Any, arguments: Arguments) -> None:
    source, sink = (_device(argument) for argument in arguments)
    controls.select_device(source, sink)


def _device(argument: Argument) -> str | None:
    """A part of a name, or a number, or nothing for the system's own."""
    if not isinstance(argument, str | int) or len(str(argument)) > LONGEST or not str(argument).isprintable():
        raise ValueError(f"{str(argument)[:40]!r} is no name of a device of at most {LONGEST} letters")
    return str(argument) or None


def device_list(controls: Any, arguments: Arguments) -> bytes:
    return encode("/device/list.reply", *(part for pair in controls.devices() for part in pair))


def scene_list(controls: Any, arguments: Arguments) -> bytes:
    return encode("/scene/list.reply", *controls.scenes())


def status(controls: Any, arguments: Arguments) -> bytes:
    pairs = ((k, v) for k, v in controls.status().items() if isinstance(v, bool | int | float | str))
    return encode("/status.reply", *(part for pair in pairs for part in pair))


def sync(controls: Any, arguments: Arguments) -> bytes:
    (number,) = arguments
    if not isinstance(number, int):
        raise ValueError("/sync takes a whole number")
    return encode("/synced", number)


COMMANDS = {
    "/bypass": Command("T", "on: the sound passes untouched, as late as with the effect", bypass),
    "/panic": Command("I", "mute at once, forget all sound, come back softly", panic),
    "/device/select": Command(
        "ss", "play on another input and output; null is none, an empty name the system's own", select_device
    ),
    "/device/list": Command("I", "answered by /device/list.reply and input or output and a name in turn", device_list),
    "/scene/store": Command("s", "keep all parameters under this name", store),
    "/scene/recall": Command("sf", "go to the scene of this name, in so many seconds", recall),
    "/scene/list": Command("I", "answered by /scene/list.reply and the names", scene_list),
    "/status": Command("I", "answered by /status.reply, names and values in turn", status),
    "/sync": Command("i", "answered by /synced and the number, after all that was sent before", sync),
}


def switch(arguments: Arguments) -> bool:
    """The one argument as on or off."""
    if len(arguments) != 1 or arguments[0] not in (0, 1):
        raise ValueError("on or off is T, F, 1 or 0")
    return bool(arguments[0])


def scene_name(argument: Argument) -> str:
    """A name that may be a file's."""
    if not isinstance(argument, str) or not NAME.fullmatch(argument):
        raise ValueError("the name of a scene is letters, digits, space, - and _, at most 64")
    return argument
