"""Frames that overlap and are not final yet, of several channels, one a lane: what RTISI-LA iterates on.

Lane j * channels + c is frame j of channel c, oldest first. Sample n = r * hop_length + u of frame j is sample u of
block j + r. So an overlap-add needs no shuffling: row u of `total` holds block b of channel c as number
b * channels + c, and a row of samples of all frames is added to it r * channels further on, in one piece. Likewise a
new hop moves all lanes and all blocks down by `channels`.
"""

from typing import Any, NamedTuple

import numpy as np

from rtengine.dsp.vector import fft
from rtengine.dsp.vector.arithmetic import complex_vector, fill, imag, real, splice, sqrt
from rtengine.dsp.vector.lanes import lanes_of, width_of
from rtengine.dsp.vector.pointer import align, complex_vectors, load, numbers, store, vectors
from rtengine.native.kernel import kernel

TINY = np.float32(1e-30)  # a bin whose square is below has no phase
ZERO, ONE = np.float32(0), np.float32(1)


class Frames(NamedTuple):
    """Sizes, and pointers into a record: kernels that take them are compiled once for all sizes."""

    plan: Any
    channels: Any
    hop_length: Any
    newest: Any  # the last of the open frames, counted from 0
    final: Any  # the block that a hop makes final; those before it are known
    lanes: Any  # of all vectors together: the open frames of all channels, and none in the rest
    blocks: Any  # numbers in a row of blocks: at least (n_fft / hop_length + newest) * channels
    window: Any  # (n_fft)
    synthesis: Any  # (n_fft): the window / n_fft
    dither: Any  # (n_fft)
    weight: Any  # (2, hop_length + 1, blocks): from sums to an estimate, without and with the newest frame
    scale: Any  # (lanes): a power of two for each channel
    magnitude: Any  # (n_fft / 2 + 2, lanes): for bin[i] in row 2 i, for its partner in row 2 i + 1
    start: Any  # (n_fft / 2 + 2, 2, lanes): a spectrum in the same order, conjugated in the odd rows
    committed: Any  # (hop_length, blocks): overlap-add of the frames that are final
    total: Any  # (hop_length, blocks): overlap-add of all frames
    known: Any  # (hop_length, blocks): samples that were given away already, 0 from block `final` on
    estimate: Any  # (hop_length, blocks): the signal as far as it is known
    ahead: Any  # (hop_length, blocks): where it is going
    z: Any  # complex vectors (n_fft / 2)


@kernel
def frames_in(state):
    """Point to the record that `rtisi.prepare` has made."""
    return Frames(
        fft.plan(state.fft),
        state.channels,
        state.gain.shape[0],
        state.newest,
        state.final,
        state.magnitude.shape[1],
        state.weight.shape[2],
        numbers(state.window),
        numbers(state.synthesis),
        numbers(state.dither),
        numbers(state.weight),
        numbers(state.scale),
        numbers(state.magnitude),
        numbers(state.start),
        numbers(state.committed),
        numbers(state.total),
        numbers(state.known),
        numbers(state.estimate),
        numbers(state.ahead),
        align(complex_vectors(lanes_of(state.z), state.z)),
    )


@kernel
def move_down(lanes, rows, count, length, channels):
    """Move all numbers down by `channels`; the last ones of a row are any numbers then."""
    width = width_of(lanes)
    for i in range(0, count * length, width):
        store(rows, i, load(lanes, rows, i + channels))


@kernel
def clear(rows, count, length, keep):
    """Set the numbers of every row from `keep` on to 0."""
    for row in range(0, count * length, length):
        for i in range(row + keep, row + length):
            rows[i] = ZERO


@kernel
def estimate_signal(lanes, f, newest, momentum):
    """Weigh the sums, with or without the newest frame in them, and begin new sums with what is final.

    Before block `final` the samples are known.  ahead = estimate - momentum * (the last estimate)
    """
    size = (f.hop_length + 1) * f.blocks
    weight = vectors(lanes, f.weight + newest * size)
    total, committed = vectors(lanes, f.total), vectors(lanes, f.committed)
    known, estimate, ahead = vectors(lanes, f.known), vectors(lanes, f.estimate), vectors(lanes, f.ahead)
    for i in range(size // width_of(lanes)):
        x = total[i] * weight[i] + known[i]
        ahead[i] = x - estimate[i] * momentum
        estimate[i] = x
        total[i] = committed[i]


@kernel
def take_frames(lanes, f, first):
    """Cut the frames of the lanes from `first` on out of what is ahead, into z."""
    z, scale, n = vectors(lanes, f.z), load(lanes, f.scale, first), 0
    for r in range(2 * f.plan.half // f.hop_length):
        for u in range(f.hop_length):
            z[n] = load(lanes, f.ahead, u * f.blocks + r * f.channels + first) * scale * f.window[n]
            n += 1


@kernel
def take_first(lanes, f, first):
    """As `take_frames`, but the newest frame comes from the estimate itself, for nothing is behind it.

    With dither, lest it be silent.
    """
    z, scale, n = vectors(lanes, f.z), load(lanes, f.scale, first), 0
    newest = f.newest * f.channels - first
    for r in range(2 * f.plan.half // f.hop_length):
        for u in range(f.hop_length):
            row = u * f.blocks + r * f.channels + first
            x, ahead = load(lanes, f.estimate, row), load(lanes, f.ahead, row)
            z[n] = splice(ahead * scale * f.window[n], x * scale * f.window[n] + f.dither[n], newest)
            n += 1


@kernel
def set_magnitudes(lanes, f, first):
    """Give all bins in z the wanted magnitudes."""
    for i in range(f.plan.half // 2 + 1):
        p, q = fft.bins(f.z, f.plan, i)
        row = f.magnitude + (2 * i * f.lanes + first)
        p, q = with_magnitude(p, load(lanes, row, 0)), with_magnitude(q, load(lanes, row, f.lanes))
        fft.set_bins(f.z, f.plan, i, p, q)


@kernel
def add_start(lanes, f, first, keep, weight):
    """Mix the newest frame's spectrum in z: keep times what it is, weight times the phases of `start`."""
    newest, scale = f.newest * f.channels - first, load(lanes, f.scale, first) * weight
    for i in range(f.plan.half // 2 + 1):
        p, q = fft.bins(f.z, f.plan, i)
        row, start = f.magnitude + (2 * i * f.lanes + first), f.start + (4 * i * f.lanes + first)
        a, b = load(lanes, row, 0) * scale, load(lanes, row, f.lanes) * scale
        p = splice_complex(p, p * keep + with_magnitude(load_complex(lanes, start, f.lanes), a), newest)
        start = start + 2 * f.lanes
        q = splice_complex(q, q * keep + with_magnitude(load_complex(lanes, start, f.lanes), b), newest)
        fft.set_bins(f.z, f.plan, i, p, q)


@kernel
def load_complex(lanes, start, size):
    return complex_vector(load(lanes, start, 0), load(lanes, start, size))


@kernel
def splice_complex(p, q, count):
    return complex_vector(splice(real(p), real(q), count), splice(imag(p), imag(q), count))


@kernel
def with_magnitude(p, a):
    """P = a p / |p|, and 0 where p has no phase."""
    return p * (ONE / sqrt(real(p) * real(p) + imag(p) * imag(p) + TINY)) * a  # a / |p| might overflow


@kernel
def add_frames(lanes, f, first, count, sums):
    """Overlap-add the first `count` of the frames in z, of the lanes from `first` on."""
    z, zero, n = vectors(lanes, f.z), fill(lanes, ZERO), 0
    for r in range(2 * f.plan.half // f.hop_length):
        for u in range(f.hop_length):
            row = u * f.blocks + r * f.channels + first
            x = splice(z[n], zero, count - first) * f.synthesis[n]
            store(sums, row, load(lanes, sums, row) + x)
            n += 1
