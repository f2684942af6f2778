"""What the arguments of a message may be; ValueError in one sentence if they are not."""

import re
from collections.abc import Sequence

from rtengine.osc.packet import Argument

NAME = re.compile(r"[\w -]{1,64}")  # of a scene: no dot and no slash, so no path


def switch(arguments: Sequence[Argument]) -> bool:
    """The one argument as on or off."""
    if len(arguments) != 1 or arguments[0] not in (0, 1):
        raise ValueError("on or off is T, F, 1 or 0")
    return bool(arguments[0])


def exactly(count: int, arguments: Sequence[Argument], what: str) -> Sequence[Argument]:
    """The arguments, if there are so many; what: which, in words."""
    if len(arguments) != count:
        raise ValueError(f"this takes {what}, not {len(arguments)} values")
    return arguments


def text(arguments: Sequence[Argument]) -> str:
    """The one argument as a text."""
    if len(arguments) != 1 or not isinstance(arguments[0], str):
        raise ValueError("this takes one name")
    return arguments[0]


def scene_name(argument: Argument) -> str:
    """A name that may be a file's."""
    if not isinstance(argument, str) or not NAME.fullmatch(argument):
        raise ValueError("the name of a scene is letters, digits, space, - and _, at most 64")
    return argument
