"""How blocks of samples get from the tape into the lanes of a stage of `cascade`, from lane to lane, and back."""

import numpy as np

from rtengine.dsp.vector.arithmetic import fill, splice
from rtengine.dsp.vector.lanes import Lanes, width_of
from rtengine.dsp.vector.pointer import load, numbers, store
from rtengine.native.kernel import kernel

ZERO = np.float32(0)
FOUR = Lanes(4)  # as many channels as there may be


@kernel
def give_block(lanes, s, place, slot, lane):
    """Write the block that is final, of the lanes from `lane` on, to the tape.

    As four channels, more than there are: what is too much is overwritten by the next row, or lies in the next slot,
    which was read long ago and comes next.
    """
    width = width_of(lanes)
    gains = s.gains + s.kind_tape[slot % s.slots] * s.hop_length
    row, tape = place * width + lane, slot % s.slots * s.hop_length * s.channels
    for u in range(s.hop_length):
        store(s.signal_tape, tape, load(FOUR, numbers(s.sums), row) * gains[u])
        store(s.before_tape, tape, load(FOUR, numbers(s.signal), row))
        row, tape = row + width, tape + s.channels


@kernel
def set_gains(lanes, s, t):
    """See that each lane has the gains of the block that it takes; they change at the ends of a signal only."""
    overlap, width = 2 * s.plan.half // s.hop_length, width_of(lanes)
    for lane in range(width):
        kind = s.kind_tape[(t - overlap * (lane // s.channels)) % s.slots]
        if kind != s.lane_kind[lane]:
            s.lane_kind[lane] = kind
            for u in range(s.hop_length):
                numbers(s.gain)[u * width + lane] = s.gains[kind * s.hop_length + u]


@kernel
def take_block(lanes, s, place, t):
    """Take block t from the tape; the lanes of later iterations take what is final in the lane before.

    Ring and sums are at the same place then: where the oldest block was, the new one comes. The last row is first: a
    load that reaches into the row before it would wait for what was just stored there (a fifth of all the time).
    """
    zero, tape = fill(lanes, ZERO), t % s.slots * s.hop_length * s.channels
    for u in range(s.hop_length - 1, -1, -1):
        row = tape + u * s.channels
        x = from_lane_before(lanes, s.sums, place + u, s.channels) * s.gain[u]
        before = from_lane_before(lanes, s.signal, place + u, s.channels)
        x = splice(load(lanes, s.signal_tape, row), x, s.channels)
        s.signal[place + u] = x
        s.ahead[place + u] = x - splice(load(lanes, s.before_tape, row), before, s.channels) * s.step
        s.sums[place + u] = zero


@kernel
def from_lane_before(lanes, rows, row, channels):
    """Each lane's number from the lane of the iteration before; the first lanes' is of no use."""
    return load(lanes, numbers(rows), row * width_of(lanes) - channels)
