"""Messages to a block's inbox: /synth/note 60 0.8, /synth/off 60, /synth/bend 0.5, /synth/panic.

The last part of the address is the kind of an event, see rtengine.events; `note` with a velocity of 0 ends the note.
The numbers are a and b, and then the channel, 0 to 15; those that are left out are 0, but a velocity is 1.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rtengine.events import KINDS, NOTE_OFF, NOTE_ON
from rtengine.osc.packet import Argument

NOTE = "note"


class Sent(NamedTuple):
    """An event for an inbox, without its time."""

    inbox: str
    kind: int
    channel: int
    a: float
    b: float


def event(inboxes: Mapping[str, int], address: str, arguments: Sequence[Argument]) -> Sent | None:
    """The event of a message; None if the address is of no inbox. ValueError if the numbers are none."""
    inbox, _, name = address.rpartition("/")
    if inbox not in inboxes or name not in (*KINDS, NOTE):
        return None
    if len(arguments) > 3 or any(isinstance(a, bool) or not isinstance(a, int | float) for a in arguments):
        raise ValueError(f"/{name} takes up to three numbers: a, b and the channel")
    numbers = [float(a) for a in arguments if isinstance(a, int | float)]
    kind = NOTE_ON if name == NOTE else KINDS[name]
    a, b, channel = (*numbers, *(0.0, 1.0 if kind == NOTE_ON else 0.0, 0.0)[len(numbers) :])
    if name == NOTE and b == 0:
        kind = NOTE_OFF
    if channel not in range(16):
        raise ValueError(f"channel {channel:g} is outside 0 to 15")
    return Sent(inbox, kind, int(channel), a, b)
