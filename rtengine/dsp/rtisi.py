"""Phase reconstruction while the music plays: real-time iterative spectrogram inversion with look-ahead (RTISI-LA).

A hop brings the magnitude of one frame and takes one hop of samples away. The newest look_ahead + 1 frames stay open:
what their overlap-add looks like through each window is transformed, gets the wanted magnitude, and makes the next
overlap-add; n_iter times, then the oldest frame is final. All open frames of all channels do so at once, one a lane
(Jacobi, where the paper goes through them one by one), and every step goes on beyond the last one (momentum).

A look-ahead below 0 gives samples away before all frames that overlap there have come: the least squares of those that
have. From then on these samples are known, and the two frames that are open make do with them. `coverage` has the
weights of all this.
Source: X. Zhu, G. Beauregard, L. Wyse, "Real-time signal estimation from modified short-time Fourier transform
magnitude spectra", IEEE TASLP 15(5), 2007; momentum: T. Peer, S. Welker, T. Gerkmann, arXiv 2309.07043, 2023.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rtengine.dsp.phase.coverage import estimate_weights, final_gains, least_look_ahead
from rtengine.dsp.phase.new_frame import enter, enter_start
from rtengine.dsp.phase.open_frames import (
    add_frames,
    add_start,
    clear,
    estimate_signal,
    frames_in,
    move_down,
    set_magnitudes,
    take_first,
    take_frames,
)
from rtengine.dsp.stft import scratch
from rtengine.dsp.vector import fft
from rtengine.dsp.vector.frames import check_hop, gains, hann, normalise
from rtengine.dsp.vector.lanes import LANES, Lanes, lanes_of, width_for, width_of
from rtengine.native.kernel import kernel
from rtengine.native.record import record

MOMENTUM = 0.8  # 0.99 is at the edge of stability, 1.5 is beyond it
DITHER = 1e-7  # of the largest magnitude: out of silence, phases must start somewhere
STEP = np.float32(MOMENTUM / (1 + MOMENTUM))
OVERLAP, START, BOTH = range(3)  # where the phases of a new frame come from
WEIGHT = np.float32(1)  # of the start when both count; the overlap's bins are twice as large, and may outweigh it


def prepare(n_fft: int, hop_length: int, channels: int, look_ahead: int, lanes: Lanes = LANES) -> dict[str, Any]:
    """Return the memory of `step`.

    look_ahead: `least_look_ahead` to 7 frames.  channels * open frames (look_ahead + 1, 2 below 0): at most 16.
    hop_length: n_fft / 2, / 4, / 8 or / 16.  Raises ValueError for other numbers.
    """
    fft.check(n_fft)
    check_hop(n_fft, hop_length)
    overlap, least = n_fft // hop_length, least_look_ahead(n_fft, hop_length)
    if not least <= look_ahead <= 7:
        raise ValueError(f"look_ahead = {look_ahead} is outside {least} to 7 frames")
    newest = look_ahead if look_ahead >= 0 else 1
    frames = channels * (newest + 1)
    if not 1 <= frames <= 16:
        raise ValueError(f"{channels} channels with look_ahead = {look_ahead} are {frames} open frames, not 1 to 16")
    width = width_for(frames, lanes)
    size = -(-frames // width) * width
    blocks = (overlap - 1) * channels + size
    window, final = hann(n_fft), newest - look_ahead
    gain, tail = final_gains(window, hop_length, newest, final)

    def rows(count: int, length: int) -> NDArray[np.float32]:
        return np.zeros((count + 1, length), np.float32)  # reading a row moved down goes beyond its end

    return {
        "fft": fft.prepare(n_fft),
        "channels": channels,
        "newest": newest,
        "final": final,
        "hops": 0,
        "window": window.astype(np.float32),
        "synthesis": (window / n_fft).astype(np.float32),
        "dither": np.random.default_rng(0).uniform(-DITHER, DITHER, n_fft).astype(np.float32),
        "gain": gain,
        "tail_gain": tail,
        "tail": np.zeros((channels, len(tail)), np.float32),
        "weight": estimate_weights(window, hop_length, channels, newest, final, blocks),
        "level": np.zeros((newest + overlap, channels), np.float32),
        "scale": np.ones(size, np.float32),
        "magnitude": rows(n_fft // 2 + 2, size),
        "start": rows(n_fft // 2 + 2, 2 * size),
        "committed": rows(hop_length, blocks),
        "total": rows(hop_length, blocks),
        "known": rows(hop_length, blocks),
        "estimate": rows(hop_length, blocks),
        "ahead": rows(hop_length, blocks),
        "z": scratch(n_fft, width),
    }


@kernel
def step(state, magnitude, start, use_start, n_iter, y):
    """Take the magnitude of frame t, give the samples that frame t - look_ahead makes final.

    magnitude: (channels, bins) float32, from 0 to 1e30 (others are clipped, NaN is 0).
    start: (channels, 2, bins) float32, real and imaginary part of a spectrum whose phases may serve the new frame.
    use_start: the new frame starts from OVERLAP, from START, or from BOTH.
    n_iter: iterations after the first estimate; it may change every hop.
    y: (channels, hop_length) float32: samples (t - look_ahead) * hop_length and on, if frame 0 begins at sample 0.
    """
    lanes, f = lanes_of(state.z), frames_in(state)
    advance(lanes, f)
    enter(state, f, magnitude)
    if use_start != OVERLAP:
        enter_start(f, start)
    for i in range(n_iter + 1):
        iterate(lanes, f, i, use_start, i == n_iter)
    give(state, f, y)


@kernel
def advance(lanes, f):
    """Forget the oldest frame and the oldest block, and make room for new ones."""
    move_down(lanes, f.magnitude, f.plan.half + 2, f.lanes, f.channels)
    used = (f.newest + 1) * f.channels  # the newest of these come in now
    if used < f.lanes:
        clear(f.magnitude, f.plan.half + 2, f.lanes, used)
    for rows in (f.committed, f.total, f.estimate):
        move_down(lanes, rows, f.hop_length, f.blocks, f.channels)
    clear(f.committed, f.hop_length, f.blocks, (2 * f.plan.half // f.hop_length + f.newest - 1) * f.channels)
    if f.final > 0:
        move_down(lanes, f.known, f.hop_length, f.blocks, f.channels)
        clear(f.known, f.hop_length, f.blocks, f.final * f.channels)


@kernel
def iterate(lanes, f, i, use_start, last):
    """Step i = 0 finds the newest frame from the others; with the last step the oldest frame is final."""
    estimate_signal(lanes, f, int(i > 0), STEP)
    for first in range(0, f.lanes, width_of(lanes)):
        if i == 0:
            take_first(lanes, f, first)
        else:
            take_frames(lanes, f, first)
        fft.forward(f.z, f.plan)
        if i == 0 and use_start != OVERLAP:
            add_start(lanes, f, first, np.float32(use_start == BOTH), WEIGHT)
        set_magnitudes(lanes, f, first)
        fft.inverse(f.z, f.plan)
        add_frames(lanes, f, first, f.lanes, f.total)
        if last and first < f.channels:
            add_frames(lanes, f, first, f.channels, f.committed)


@kernel
def give(state, f, y):
    """Write the block that is final; over the first samples, fade from what the sums were one frame before."""
    for c in range(y.shape[0]):
        for u in range(y.shape[1]):
            y[c, u] = state.total[u, f.final * f.channels + c] * state.gain[u]
        if f.final > 0:
            for u in range(state.tail.shape[1]):
                y[c, u] += state.tail[c, u]
                state.tail[c, u] = state.total[u, (f.final + 1) * f.channels + c] * state.tail_gain[u]
            for u in range(y.shape[1]):
                state.known[u, f.final * f.channels + c] = y[c, u]


def rtisi(
    magnitude: ArrayLike, hop_length: int, look_ahead: int = 3, n_iter: int = 8, start: ArrayLike | None = None
) -> NDArray[np.float32]:
    """Find a signal whose STFT has nearly the given magnitude, in one go through its frames.

    magnitude: (..., n_fft // 2 + 1, frames) of centred frames, as `stft` makes them, of all signals together.
    start: spectra of the same shape; where they fit, frames start from their phases.
    Returns (..., hop_length * (frames - 1)).  Raises ValueError as `prepare` does, and for a look_ahead below 0.
    Error: see tests/test_rtisi.py.
    """
    if look_ahead < 0:
        raise ValueError(f"look_ahead = {look_ahead} is below 0, and gains nothing for a whole signal")
    shape = np.shape(magnitude)
    bins, frames = shape[-2:]
    n_fft, overlap, channels = 2 * (bins - 1), 2 * (bins - 1) // hop_length, math.prod(shape[:-2])
    state = record(prepare(n_fft, hop_length, channels, look_ahead))[0]
    hops = frames + overlap - 1
    targets = np.zeros((hops + look_ahead, channels, bins), np.float32)
    targets[:frames] = np.moveaxis(np.reshape(magnitude, (channels, bins, frames)), -1, 0)
    starts = np.zeros((len(targets) if start is not None else 1, channels, 2, bins), np.float32)
    if start is not None:
        spectra = np.moveaxis(np.reshape(start, (channels, bins, frames)), -1, 0)
        starts[:frames, :, 0], starts[:frames, :, 1] = spectra.real, spectra.imag
    y = np.zeros((len(targets), channels, hop_length), np.float32)
    _run(state, targets, starts, BOTH if start is not None else OVERLAP, n_iter, y)
    samples = np.moveaxis(y[look_ahead:], 0, 1).reshape(channels, -1)
    # the first and the last frames overlap with none beyond, which a stream cannot know
    window = hann(n_fft)
    normalise(samples, window, hop_length, frames)
    samples[:] *= np.tile(1 / gains(window, hop_length, overlap)[n_fft - hop_length : n_fft], hops)
    return samples[:, n_fft // 2 :][:, : hop_length * (frames - 1)].reshape(*shape[:-2], -1)


@kernel
def _run(state, magnitude, start, use_start, n_iter, y):
    for t in range(y.shape[0]):
        step(state, magnitude[t], start[t % start.shape[0]], use_start, n_iter, y[t])
