"""Timed events: a ring from the control threads to the audio thread, and one back with what was done.

An event is a time in samples, a target, a kind, a channel and two numbers. Kinds above 0 go to a block's inbox, and
take effect at their very sample. The two others belong to parameters and take effect on the grid: SET moves parameter
`target` towards `a`, RELEASE gives it back to the reading that is wired to it. Of events that are due at once, those
that were pushed first come first; an event that lies in the future holds no other up. What the audio thread took, and
when, goes into the second ring: that list, played again from a file, gives the same samples.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from rtengine.native import ring
from rtengine.native.kernel import kernel

SIZE = 4096  # events: 4 s of a flood of 1000 a second; a power of two
OUTBOX = 256  # events of one block within one step of the grid; a power of two
DONE = np.iinfo(np.int64).max  # the time of an event that was taken
RELEASE, SET = -1, 0
NOTE_ON, NOTE_OFF, BEND, CONTROL, CUE, PANIC = range(1, 7)  # a, b: note (semitones), velocity (0 to 1) | note, velocity
# | semitones, 0 | number, value (0 to 1) | number, value | 0, 0: silence at once
KINDS = {"on": NOTE_ON, "off": NOTE_OFF, "bend": BEND, "control": CONTROL, "cue": CUE, "panic": PANIC}  # by name


class Event(NamedTuple):
    """One event, as it was taken."""

    time: int
    target: int
    kind: int
    channel: int
    a: float
    b: float


def prepare() -> dict[str, Any]:
    """Memory of the rings: from Python, from the graph's own blocks, and back."""
    now = {"target": 0, "kind": 0, "channel": 0, "a": np.float32(0), "b": np.float32(0)}
    rooms = {"waiting": room(), "inner": room(), "taken": room()}
    return rooms | {"now": now, "logging": False, "unlogged": 0, "overrun": 0}


def room(size: int = SIZE) -> dict[str, Any]:
    """Memory of one ring; size a power of two."""
    return {
        "index": ring.indices(),
        "time": np.zeros(size, np.int64),
        "target": np.zeros(size, np.int64),
        "kind": np.zeros(size, np.int64),
        "channel": np.zeros(size, np.int64),
        "a": np.zeros(size, np.float32),
        "b": np.zeros(size, np.float32),
    }


@kernel
def apply(events, clock, targets, held):
    """On the grid: move the targets whose time has come. held: parameters that a hand has taken from their wire."""
    index, mask = events.waiting.index, SIZE - 1
    for i in range(index[ring.READ], index[ring.READ] + ring.filled(index)):
        e = i & mask
        if events.waiting.kind[e] <= SET and events.waiting.time[e] <= clock:
            parameter = events.waiting.target[e]
            held[parameter] = np.int8(events.waiting.kind[e] == SET)
            if held[parameter]:
                targets[parameter] = events.waiting.a[e]
            take(events, e, clock)
    sweep(events.waiting)


@kernel
def due(waiting, clock):
    """The place of the first event for an inbox whose time has come, or -1."""
    index, mask = waiting.index, waiting.time.shape[0] - 1
    for i in range(index[ring.READ], index[ring.READ] + ring.filled(index)):
        if waiting.kind[i & mask] > SET and waiting.time[i & mask] <= clock:
            return i & mask
    return -1


@kernel
def soonest(waiting, until):
    """The time of the next event for an inbox, or `until` if there is none before."""
    index, mask = waiting.index, waiting.time.shape[0] - 1
    for i in range(index[ring.READ], index[ring.READ] + ring.filled(index)):
        if waiting.kind[i & mask] > SET:
            until = min(until, waiting.time[i & mask])
    return until


@kernel
def receive(events, clock):
    """Put the next event for an inbox that is due into events.now; False if there is none."""
    e = due(events.inner, clock)
    if e >= 0:
        copy(events.now, events.inner, e)
        events.inner.time[e] = DONE
        sweep(events.inner)
        return True
    e = due(events.waiting, clock)
    if e >= 0:
        copy(events.now, events.waiting, e)
        take(events, e, clock)
        sweep(events.waiting)
        return True
    return False


@kernel
def copy(now, waiting, e):
    """One event out of a ring."""
    now.target, now.kind, now.channel = waiting.target[e], waiting.kind[e], waiting.channel[e]
    now.a, now.b = waiting.a[e], waiting.b[e]


@kernel
def take(events, e, clock):
    """An event from Python has taken effect."""
    w = events.waiting
    if events.logging:
        events.unlogged += 1 - append(events.taken, clock, w.target[e], w.kind[e], w.channel[e], w.a[e], w.b[e])
    w.time[e] = DONE


@kernel
def sweep(waiting):
    """Let go of the events that all before them are done with."""
    mask = waiting.time.shape[0] - 1
    first = waiting.index[ring.READ]
    count, done = ring.filled(waiting.index), 0
    while done < count and waiting.time[(first + done) & mask] == DONE:
        done += 1
    ring.release(waiting.index, done)


@kernel
def append(events, time, target, kind, channel, a, b):
    """Write one event, if there is room. Returns how many were written."""
    size = events.time.shape[0]
    if ring.free(events.index, size) == 0:
        return 0
    i = events.index[ring.WRITE] & (size - 1)
    events.time[i], events.target[i], events.kind[i], events.channel[i] = time, target, kind, channel
    events.a[i], events.b[i] = a, b
    ring.publish(events.index, 1)
    return 1


@kernel
def send(outbox, time, kind, channel, a, b):
    """From a block's process: an event, at the time of a sample of x, for whoever is wired to it. GRID samples later.

    Returns 1, or 0 if there was no room: OUTBOX events in one step of the grid.
    """
    return append(outbox, time, 0, kind, channel, a, b)


@kernel
def forward(events, outbox, target, delay):
    """Bring what a block sent to the inbox of another."""
    mask = outbox.time.shape[0] - 1
    first, count = outbox.index[ring.READ], ring.filled(outbox.index)
    for i in range(first, first + count):
        e = i & mask
        events.overrun += 1 - append(
            events.inner, outbox.time[e] + delay, target, outbox.kind[e], outbox.channel[e], outbox.a[e], outbox.b[e]
        )


@kernel
def empty(outbox):
    """All that was sent has been brought to everyone."""
    ring.release(outbox.index, ring.filled(outbox.index))


def push(events: np.void, event: Event) -> bool:
    """Hand one event to the audio thread; False if there is no room. Its time: less than 2^63 - 1."""
    time, target, kind, channel, a, b = event
    return bool(append(events["waiting"], time, target, kind, channel, np.float32(a), np.float32(b)))


def drain(log: np.void) -> Iterator[Event]:
    """The events of a ring that Python reads, since the last call."""
    size = log["time"].shape[0]
    first, count = int(log["index"][ring.READ]), int(ring.filled(log["index"]))
    for i in (n % size for n in range(first, first + count)):
        time, target, kind, channel = (int(log[name][i]) for name in ("time", "target", "kind", "channel"))
        yield Event(time, target, kind, channel, float(log["a"][i]), float(log["b"][i]))
    ring.release(log["index"], count)
