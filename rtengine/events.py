"""Timed changes of parameters: a ring from the control threads to the audio thread, and one back with what was done.

An event is a time in samples, a parameter's index and a value. At each grid point the audio thread takes all that are
due, in the order in which they were pushed; an event that lies in the future holds no other up. What it took, and when,
goes into the second ring: that list, played again from a file, gives the same samples.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rtengine.native import ring
from rtengine.native.kernel import kernel

SIZE = 4096  # events: 4 s of a flood of 1000 a second; a power of two
DONE = np.iinfo(np.int64).max  # the time of an event that was taken


def prepare() -> dict[str, Any]:
    """Memory of both rings."""
    return {"waiting": room(), "taken": room(), "logging": False, "unlogged": 0}


def room() -> dict[str, Any]:
    """Memory of one ring."""
    return {
        "index": ring.indices(),
        "time": np.zeros(SIZE, np.int64),
        "parameter": np.zeros(SIZE, np.int64),
        "value": np.zeros(SIZE, np.float32),
    }


@kernel
def apply(events, clock, targets):
    """Move the targets whose time has come, and let go of the events that all before them are done with."""
    index, mask = events.waiting.index, SIZE - 1
    first, last = index[ring.READ], index[ring.READ] + ring.filled(index)
    for i in range(first, last):
        if events.waiting.time[i & mask] <= clock:
            parameter, value = events.waiting.parameter[i & mask], events.waiting.value[i & mask]
            targets[parameter] = value
            events.waiting.time[i & mask] = DONE
            if events.logging:
                events.unlogged += 1 - append(events.taken, clock, parameter, value)
    done = 0
    while first + done < last and events.waiting.time[(first + done) & mask] == DONE:
        done += 1
    ring.release(index, done)


@kernel
def append(events, time, parameter, value):
    """Write one event, if there is room. Returns how many were written."""
    if ring.free(events.index, SIZE) == 0:
        return 0
    i = events.index[ring.WRITE] & (SIZE - 1)
    events.time[i], events.parameter[i], events.value[i] = time, parameter, value
    ring.publish(events.index, 1)
    return 1


def push(events: np.void, time: int, parameter: int, value: float) -> bool:
    """Hand one event to the audio thread; False if there is no room. time: less than 2^63 - 1."""
    return bool(append(events["waiting"], time, parameter, np.float32(value)))


def taken(events: np.void) -> Iterator[tuple[int, int, float]]:
    """What was done since the last call: clock, parameter, value."""
    log = events["taken"]
    first, count = int(log["index"][ring.READ]), int(ring.filled(log["index"]))
    for i in (n % SIZE for n in range(first, first + count)):
        yield int(log["time"][i]), int(log["parameter"][i]), float(log["value"][i])
    ring.release(log["index"], count)
