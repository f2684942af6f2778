"""The two ends, on the audio thread, of work that is done off it: samples go up, and come down `latency` later.

`send` hands the samples to the worker in cells of `cell` samples, each with the parameters of its start, so that what
the worker makes depends on the samples' time alone and never on when it got them. `receive` takes what came back; the
ring that brings it starts with `latency` zeros in it, so the delay is a constant. When too little is there, the sound
fades to the dry signal of the same moment; what is owed is dropped when it arrives at last: time never slips. Every
sample that is not the worker's alone counts as late, and each time that this began is kept, for a log. Offline, with
`patient` set, `receive` waits instead: the result is the same with any number of threads.
"""

from math import ceil
from typing import Any

import numpy as np
from numba import carray

from rtengine.native import ring
from rtengine.native.intrinsics import fields
from rtengine.native.kernel import kernel
from rtengine.native.slew import slew
from rtengine.native.worker import IN_MILLISECONDS, SLEEP, nap

FADE = 128  # samples from wet to dry when the worker is late: 3 ms, and as many are kept in hand for it
ROOM = 2**17  # samples at least in each ring, more than is needed, so that most graphs have the same compiled code
WAIT = 300_000  # nanoseconds of one nap of a patient receiver: meanwhile several hops are done; each look costs 15 us
LAPSES = 64  # times that the worker was late that are kept for whoever reads them; a power of two
PATIENCE = 30_000  # naps, 10 s and more: then even a patient receiver goes on


def prepare(latency: int, headroom: int, channels: int, cell: int, parameters: int, patient: bool) -> dict[str, Any]:
    """Memory of both ends. headroom: how many of the latency's samples are time for the worker, 0 without a thread."""
    size = ring.power_of_two(max(latency + headroom, ROOM))
    return {
        "up": ring.samples(channels, size),
        "controls": np.zeros((ceil(size / cell), parameters), np.float32),  # a row a cell, beside the samples
        "down": ring.samples(channels, size, filled=latency),
        "line": np.zeros((channels, size), np.float32),  # the dry signal
        "latency": latency,
        "cell": cell,
        "received": 0,
        "sent": 0,
        "dropping": False,
        "reserve": min(FADE, headroom // 2),
        "wet": np.float32(1),  # share of the wet signal, 0 when the worker is late
        "owed": 0,  # samples that were due and will be dropped when they come
        "late": 0,  # all samples that departed from the wet signal
        "lapses": {  # each time that this began
            "count": 0,
            "open": False,  # whether the last one goes on
            "begin": np.zeros(LAPSES, np.int64),  # the graph's clock
            "samples": np.zeros(LAPSES, np.int64),
        },
        "patient": patient,
        "sleep": np.array([SLEEP, IN_MILLISECONDS, 0, WAIT], np.int64),
    }


@kernel
def send(state, params, x):
    """Write x (channels, n), which lies within one cell, and at a cell's start its parameters."""
    mask = state.line.shape[1] - 1
    for c in range(x.shape[0]):
        for n in range(x.shape[1]):
            state.line[c, (state.sent + n) & mask] = x[c, n]
    if state.sent % state.cell == 0:
        state.dropping = ring.free(state.up.index, state.up.data.shape[1]) < state.cell
        if not state.dropping:
            values = carray(fields(params), state.controls.shape[1])
            row = (state.up.index[ring.WRITE] // state.cell) % state.controls.shape[0]
            for p in range(state.controls.shape[1]):
                state.controls[row, p] = values[p]
    state.sent += x.shape[1]
    if state.dropping:
        state.owed -= x.shape[1]  # what never goes up never comes down
    else:
        ring.write(state.up, x)


@kernel
def receive(state, x, clock):
    """Fill x (channels, n) with what came back, or with the dry signal where nothing did; clock: of its first."""
    count = x.shape[1]
    if state.patient:
        for _ in range(PATIENCE):
            if ring.filled(state.down.index) >= count + state.reserve:
                break
            nap(state.sleep[0], state.sleep[1], state.sleep[2:])
    if state.owed > 0:
        state.owed -= ring.drop(state.down, state.owed)
    there = ring.filled(state.down.index) if state.owed == 0 else 0
    target = np.float32(there >= count + state.reserve)
    in_time = there >= count
    if in_time:
        ring.read(state.down, x)
    else:
        state.owed += count
    step = np.float32(1 / FADE)
    mask = state.line.shape[1] - 1
    start = state.received - state.latency
    departed = 0
    for n in range(count):
        state.wet = slew(state.wet, target, step, step) if in_time else np.float32(0)
        if state.wet != 1:
            departed += 1
            for c in range(x.shape[0]):
                dry = state.line[c, (start + n) & mask]
                x[c, n] = dry + state.wet * (x[c, n] - dry)
    state.received += count
    count_lapse(state, departed, clock)


@kernel
def count_lapse(state, departed, clock):
    """Keep count of the samples that departed from the wet signal, of a buffer that began at this clock."""
    lapses = state.lapses
    state.late += departed
    if departed and not lapses.open:
        lapses.begin[lapses.count & (LAPSES - 1)], lapses.samples[lapses.count & (LAPSES - 1)] = clock, 0
        lapses.count += 1
    lapses.open = departed > 0
    if departed:
        lapses.samples[(lapses.count - 1) & (LAPSES - 1)] += departed
