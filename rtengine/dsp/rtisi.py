"""Phase reconstruction while the music plays: real-time iterative spectrogram inversion with look-ahead (RTISI-LA).

A hop brings the magnitude of one frame and takes one hop of samples away. The newest look_ahead + 1 frames stay open:
what their overlap-add looks like through each window is transformed, gets the wanted magnitude, and makes the next
overlap-add; n_iter times, then the oldest frame is final. All open frames of all channels do so at once, one a lane
(Jacobi, where the paper goes through them one by one), and every step goes on beyond the last one (momentum).

Where not all frames overlap yet, the sum is a share s of what it will be. Dividing by s makes up for the missing, not
dividing trusts that nothing is missing; the estimate divides by s^p.
Source: X. Zhu, G. Beauregard, L. Wyse, "Real-time signal estimation from modified short-time Fourier transform
magnitude spectra", IEEE TASLP 15(5), 2007; momentum: T. Peer, S. Welker, T. Gerkmann, arXiv 2309.07043, 2023.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rtengine.block import kernel, record
from rtengine.dsp import fft
from rtengine.dsp.frames import gains, hann, normalise, overlapped
from rtengine.dsp.lanes import LANES, Lanes, lanes_of, width_for, width_of
from rtengine.dsp.new_frame import enter, enter_start
from rtengine.dsp.open_frames import (
    add_frames,
    add_start,
    estimate_signal,
    frames_in,
    move_down,
    set_magnitudes,
    take_frames,
    take_newest,
)
from rtengine.dsp.stft import scratch

MOMENTUM = 0.8  # 0.99 is at the edge of stability, 1.5 is beyond it
P = 0.75  # 1 and 0 lose 1 to 5 dB
DITHER = 1e-7  # of the largest magnitude: out of silence, phases must start somewhere
STEP = np.float32(MOMENTUM / (1 + MOMENTUM))
OVERLAP, START, BOTH = range(3)  # where the phases of a new frame come from
WEIGHT = np.float32(0.5)  # of the start when both count, times 2 |X|: a bin that the overlap knows better outweighs it


def prepare(n_fft: int, hop_length: int, channels: int, look_ahead: int, lanes: Lanes = LANES) -> dict[str, Any]:
    """Return the memory of `step`.

    look_ahead: 0 to 7 frames.  channels * (look_ahead + 1): at most 16.  hop_length: n_fft / 2, / 4, / 8 or / 16.
    Raises ValueError for other numbers.
    """
    fft.check(n_fft)
    check_hop(n_fft, hop_length)
    if not 0 <= look_ahead <= 7:
        raise ValueError(f"look_ahead = {look_ahead} is outside 0 to 7 frames")
    frames = channels * (look_ahead + 1)
    if not 1 <= frames <= 16:
        raise ValueError(f"{channels} channels with look_ahead = {look_ahead} are {frames} open frames, not 1 to 16")
    overlap = n_fft // hop_length
    width = width_for(frames, lanes)
    size = -(-frames // width) * width
    blocks = (overlap - 1) * channels + size
    window = hann(n_fft)

    def rows(count: int, length: int) -> NDArray[np.float32]:
        return np.zeros((count + 1, length), np.float32)  # reading a row moved down goes beyond its end

    return {
        "fft": fft.prepare(n_fft),
        "channels": channels,
        "look_ahead": look_ahead,
        "hops": 0,
        "window": window.astype(np.float32),
        "synthesis": (window / n_fft).astype(np.float32),
        "dither": np.random.default_rng(0).uniform(-DITHER, DITHER, n_fft).astype(np.float32),
        "gain": gains(window, hop_length, overlap)[n_fft - hop_length : n_fft],
        "weight": np.stack([_weights(window, hop_length, channels, look_ahead, n, blocks) for n in range(2)]),
        "level": np.zeros((look_ahead + overlap, channels), np.float32),
        "scale": np.ones(size, np.float32),
        "magnitude": rows(n_fft // 2 + 2, size),
        "start": rows(n_fft // 2 + 2, 2 * size),
        "committed": rows(hop_length, blocks),
        "total": rows(hop_length, blocks),
        "estimate": rows(hop_length, blocks),
        "ahead": rows(hop_length, blocks),
        "z": scratch(n_fft, width),
    }


def check_hop(n_fft: int, hop_length: int) -> None:
    """Raise ValueError unless 2, 4, 8 or 16 frames overlap."""
    if hop_length not in (n_fft // 2, n_fft // 4, n_fft // 8, n_fft // 16):
        raise ValueError(f"hop_length = {hop_length} is not a half, 4th, 8th or 16th of n_fft = {n_fft}")


def _weights(
    window: NDArray[np.float64], hop_length: int, channels: int, look_ahead: int, newest: int, blocks: int
) -> NDArray[np.float32]:
    """1 / (norm^p full^(1 - p)): norm of the frames so far, without or with the newest; full with those to come."""
    overlap = len(window) // hop_length
    past = (overlap - 1) * hop_length
    norm = np.zeros((look_ahead + overlap) * hop_length)
    so_far = overlapped(window**2, hop_length, overlap - 1 + look_ahead + newest)[past:]
    norm[: len(so_far)] = so_far
    full = overlapped(window**2, hop_length, 2 * overlap - 1 + look_ahead)[past : past + len(norm)]
    known = norm > 1e-4 * full
    weight = np.where(known, np.where(known, norm, 1) ** -P * full ** (P - 1), 0)
    rows = np.zeros((hop_length + 1, blocks), np.float32)
    rows[:-1, : channels * (look_ahead + overlap)] = np.repeat(weight.reshape(-1, hop_length).T, channels, axis=1)
    return rows


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
    for c in range(y.shape[0]):
        for u in range(y.shape[1]):
            y[c, u] = state.committed[u, c] * state.gain[u]


@kernel
def advance(lanes, f):
    """Forget the oldest frame and the oldest block, and make room for new ones."""
    move_down(lanes, f.magnitude, f.plan.half + 2, f.lanes, f.channels, f.look_ahead * f.channels)
    keep = (2 * f.plan.half // f.hop_length + f.look_ahead - 1) * f.channels
    for rows in (f.committed, f.total, f.estimate):
        move_down(lanes, rows, f.hop_length, f.blocks, f.channels, keep)


@kernel
def iterate(lanes, f, i, use_start, last):
    """Step i = 0 finds the newest frame from the others; with the last step the oldest frame is final."""
    estimate_signal(lanes, f, int(i > 0), STEP)
    for first in range(0, f.lanes, width_of(lanes)):
        take_frames(lanes, f, first)
        if i == 0:
            take_newest(lanes, f, first)
        fft.forward(f.z, f.plan)
        if i == 0 and use_start != OVERLAP:
            add_start(lanes, f, first, np.float32(use_start == BOTH), WEIGHT)
        set_magnitudes(lanes, f, first)
        fft.inverse(f.z, f.plan)
        add_frames(lanes, f, first, f.lanes, f.total)
        if last and first < f.channels:
            add_frames(lanes, f, first, f.channels, f.committed)


def rtisi(
    magnitude: ArrayLike, hop_length: int, look_ahead: int = 3, n_iter: int = 8, start: ArrayLike | None = None
) -> NDArray[np.float32]:
    """Find a signal whose STFT has nearly the given magnitude, in one go through its frames.

    magnitude: (..., n_fft // 2 + 1, frames) of centred frames, as `stft` makes them, of all signals together.
    start: spectra of the same shape; where they fit, frames start from their phases.
    Returns (..., hop_length * (frames - 1)).  Raises ValueError as `prepare` does.
    Error: see tests/test_rtisi.py.
    """
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
