"""Which channels of a device are heard, and to which it plays."""

from collections.abc import Sequence

import numpy as np

from rtengine.native.record import Memory

NONE = -1  # in place of a channel
PLACES = 64  # channels of a device that can be played to


def parse(text: str) -> tuple[int, ...]:
    """Channels as a person counts them, "1,2,5-8", as numbers from 0; of "" none. ValueError says what is wrong."""
    channels: list[int] = []
    for part in text.split(",") if text else ():
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise ValueError(f"{text!r} is no list of channels such as 1,2 or 5-8")
        low, high = int(first), int(last) if dash else int(first)
        if not 1 <= low <= high <= PLACES:
            raise ValueError(f"channels {part.strip()} are outside 1 to {PLACES}")
        channels += range(low - 1, high)
    if len(set(channels)) < len(channels):
        raise ValueError(f"{text} names a channel twice")
    return tuple(channels)


def connect(memory: Memory, opened: tuple[int, int], inputs: Sequence[int] = (), outputs: Sequence[int] = ()) -> None:
    """Join the host to a device of which so many channels (in, out) are opened, and say which of them are meant.

    Without a choice the first ones are: where the device has fewer inputs than the graph they go round, a graph of one
    channel is played to all outputs, and outputs beyond the graph's are silent.
    """
    host = memory[0]
    host["inputs"], host["outputs"] = opened
    for i in range(len(host["source"])):
        host["source"][i] = (inputs[i] if i < len(inputs) else NONE) if inputs else i % opened[0] if opened[0] else NONE
    made = host["y"].shape[2]
    feeds = np.full(PLACES, NONE)
    for d in range(min(opened[1], PLACES)):
        if outputs:
            feeds[d] = outputs.index(d) if d in outputs and outputs.index(d) < made else NONE
        else:
            feeds[d] = 0 if made == 1 else d if d < made else NONE
    host["feeds"] = feeds


def opened(chosen: Sequence[int], wanted: int) -> int:
    """How many channels a device must open for these to be among them; without a choice, those that are wanted."""
    return max(chosen) + 1 if chosen else wanted
