"""Griffin-Lim iterations in a row, each in its own lane, on a signal that flows through them hop by hop.

An iteration needs nothing but a few frames of what the one before it has made. So all iterations run at once, each
n_fft / hop_length hops behind the one before: lane i * channels + c is iteration i of channel c. In a hop every lane
takes in a block of hop_length samples, transforms one frame, sets its magnitude, overlap-adds it, and hands the block
that is final then to the next lane. Magnitudes travel along. A vector of iterations is a stage; a stage keeps what it
needs in the second cache, and the signal passes through as many stages as there are iterations to do.

Signals lie on a tape: slot t holds block t, which is samples t * hop_length and on, and the magnitude of the frame that
begins there. A stage reads the tape, and writes what it has made in place of it as many hops later as its lanes lag.

Moving to the next lane costs nothing: a vector is loaded `channels` numbers before its row, and its first lanes are
taken from the tape instead. The momentum is applied to samples, since the STFT is linear: iteration i transforms
x_i - step * x_(i - 1), where Perraudin's algorithm subtracts spectra.
Source: N. Perraudin, P. Balazs, P. Sondergaard, "A fast Griffin-Lim algorithm", WASPAA 2013.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.phase.open_frames import with_magnitude
from rtengine.dsp.phase.tape import from_lane_before, give_block, set_gains, take_block
from rtengine.dsp.vector import fft
from rtengine.dsp.vector.arithmetic import splice
from rtengine.dsp.vector.frames import hann, join_overlapped, split_windowed
from rtengine.dsp.vector.lanes import width_of
from rtengine.dsp.vector.pointer import align, aligned_zeros, complex_vectors, load, numbers, vectors
from rtengine.native.kernel import kernel

SKEW = 512  # float32, half a page: z and the rings should not want the same lines of the first cache (10 % of the time)


class Cascade(NamedTuple):
    """The memory of all stages, and the tape: arrays outside kernels, in a record or not, pointers inside (`stage`)."""

    plan: Any
    channels: Any
    hop_length: Any
    slots: Any  # of the tape
    step: Any  # momentum / (1 + momentum)
    window: Any  # (n_fft)
    synthesis: Any  # (n_fft): the window / n_fft
    gains: Any  # (kinds, hop_length): what the blocks of a kind are multiplied by
    magnitude_tape: Any  # (slots, n_fft / 2 + 2, channels): for bin[i] in row 2 i, for its partner in row 2 i + 1
    signal_tape: Any  # (slots, hop_length, channels)
    before_tape: Any  # (slots, hop_length, channels): the signal one iteration earlier
    kind_tape: Any  # (slots): kind of the block
    lane_kind: Any  # (stages, lanes): kind that `gain` has
    gain: Any  # vectors (stages, hop_length)
    magnitude: Any  # vectors (stages, 1 + n_fft / hop_length * (n_fft / 2 + 2)): for the next lane
    signal: Any  # vectors (stages, 1 + n_fft): the ring of blocks that came in
    sums: Any  # vectors (stages, 1 + n_fft): the ring of overlap-added blocks
    ahead: Any  # vectors (stages, 1 + n_fft): the blocks that came in, with momentum
    z: Any  # vectors (stages, 1 + n_fft + SKEW / lanes): the frames in work


def memory(
    n_fft: int, hop_length: int, channels: int, stages: int, slots: int, gains: NDArray[np.float32], width: int
) -> dict[str, Any]:
    """Return the fields of Cascade at their initial values, without momentum."""
    rows, window = n_fft // 2 + 2, hann(n_fft)

    def lanes(*count: int) -> NDArray[np.float32]:
        return aligned_zeros(*count, width)

    def tape(count: int) -> NDArray[np.float32]:
        return np.zeros(slots * count * channels + width, np.float32)  # vectors are read beyond the end

    return {
        "plan": fft.prepare(n_fft),
        "channels": channels,
        "hop_length": hop_length,
        "slots": slots,
        "step": np.float32(0),
        "window": window.astype(np.float32),
        "synthesis": (window / n_fft).astype(np.float32),
        "gains": gains,
        "magnitude_tape": tape(rows),
        "signal_tape": tape(hop_length),
        "before_tape": tape(hop_length),
        "kind_tape": np.zeros(slots, np.int64),
        "lane_kind": np.full((stages, width), -1),
        "gain": lanes(stages, hop_length),
        "magnitude": lanes(stages, 1 + n_fft // hop_length * rows),
        "signal": lanes(stages, 1 + n_fft),
        "sums": lanes(stages, 1 + n_fft),
        "ahead": lanes(stages, 1 + n_fft),
        "z": lanes(stages, 1 + n_fft + SKEW // width),
    }


@kernel
def stage(lanes, c, g):
    """Point to stage g of a Cascade, in a record or of arrays."""
    plan, hop, width = fft.plan(c.plan), c.hop_length, width_of(lanes)
    n_fft = 2 * plan.half
    row_of_magnitude = 1 + n_fft // hop * (plan.half + 2)
    return Cascade(
        plan,
        c.channels,
        hop,
        c.slots,
        c.step,
        numbers(c.window),
        numbers(c.synthesis),
        numbers(c.gains),
        numbers(c.magnitude_tape),
        numbers(c.signal_tape),
        numbers(c.before_tape),
        numbers(c.kind_tape),
        numbers(c.lane_kind) + g * width,
        vectors(lanes, c.gain) + g * hop,
        vectors(lanes, c.magnitude) + (g * row_of_magnitude + 1),
        vectors(lanes, c.signal) + (g * (1 + n_fft) + 1),
        vectors(lanes, c.sums) + (g * (1 + n_fft) + 1),
        vectors(lanes, c.ahead) + (g * (1 + n_fft) + 1),
        align(complex_vectors(lanes, numbers(c.z) + (g * ((1 + n_fft) * width + SKEW) + SKEW))),
    )


@kernel
def run(lanes, s, first, hops, iterations):
    """Let the stage s read the slots from `first` on, and write what its first `iterations` make of them.

    That is `iterations` * n_fft / hop_length slots earlier.
    """
    n_fft = 2 * s.plan.half
    overlap = n_fft // s.hop_length
    for t in range(max(first, 0), first + hops):
        place, oldest = t * s.hop_length % n_fft, (t + 1) * s.hop_length % n_fft
        if t >= iterations * overlap:
            give_block(lanes, s, place, t - iterations * overlap, (iterations - 1) * s.channels)
        set_gains(lanes, s, t)
        take_block(lanes, s, place, t)
        split_windowed(s.ahead, oldest, s.window, s.z, s.plan)
        for part in range(fft.PARTS):
            fft.forward_part(s.z, s.plan, part)
            set_magnitudes(lanes, s, t, part)
            fft.inverse_part(s.z, s.plan, part)
        join_overlapped(s.z, s.plan, s.synthesis, s.sums, oldest)


@kernel
def set_magnitudes(lanes, s, t, part):
    """Give the bins of a part their magnitudes: those the lane before had as many hops ago as a lane lags.

    The last pair is first, as rows are in `take_block`.
    """
    rows = s.plan.half + 2
    overlap = 2 * s.plan.half // s.hop_length
    kept = s.magnitude + (t + 1) % overlap * rows
    tape = s.magnitude_tape + (t + 1 - overlap) % s.slots * rows * s.channels
    first, end = fft.pairs_of(s.plan, part)
    for i in range(end - 1, first - 1, -1):
        row = 2 * i
        a = splice(load(lanes, tape, row * s.channels), from_lane_before(lanes, kept, row, s.channels), s.channels)
        row = 2 * i + 1
        b = splice(load(lanes, tape, row * s.channels), from_lane_before(lanes, kept, row, s.channels), s.channels)
        kept[2 * i], kept[2 * i + 1] = a, b
        p, q = fft.bins(s.z, s.plan, i)
        fft.set_bins(s.z, s.plan, i, with_magnitude(p, a), with_magnitude(q, b))
