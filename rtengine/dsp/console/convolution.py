"""Convolution with an impulse response of many seconds, without delay, and without a moment that is heavy.

    taps 0 to 255          as they stand, sample by sample
    taps 256 to 8191       blocks of 256, transformed when one is full: its answer begins with the next sample
    taps from 8192 on      blocks of 4096: their answer is due 4096 samples later, and is worked out in 64 pieces

A block of the past times its part of the response is one product a bin, so all blocks together cost one transform each
way. The inverse is the forward transform again, by way of Hartley's: h = Re X - Im X;  x = (Re - Im of F(h)) / N.
Source: W. G. Gardner, "Efficient convolution without input-output delay", JAES 43 (1995); R. N. Bracewell, "Discrete
Hartley transform", JOSA 73 (1983).
Error: within 1e-5 of the response's highest answer of scipy's convolution, see test_convolution.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp import stft
from rtengine.dsp.vector.dot import dot
from rtengine.native.kernel import kernel
from rtengine.native.record import record

GRID = 64  # samples at most in a call
SHORT, LONG = 256, 4096  # samples of the blocks
NEAR, FAR = 31, 254  # how many blocks of each there is room for
TAPS = 2 * LONG + FAR * LONG  # the longest response, samples


def prepare(h: NDArray[np.float32]) -> dict[str, Any]:
    """Return the memory of a convolution of one channel with h (2, taps); ValueError if it is too long."""
    if h.shape[1] > TAPS:
        raise ValueError(f"{h.shape[1]} samples of an impulse response are more than {TAPS}")
    taps = np.zeros((2, TAPS), np.float32)
    taps[:, : h.shape[1]] = h
    used = max(-(-(h.shape[1] - 2 * LONG) // LONG), 0)
    return {
        "head": taps[:, :SHORT][:, ::-1].copy(),
        "past": np.zeros(2 * 2 * SHORT, np.float32),  # a ring written twice: every window is in one piece
        "near": _level(taps[:, SHORT : 2 * LONG], SHORT, NEAR),
        "far": _level(taps[:, 2 * LONG :], LONG, FAR),
        "used": used,  # blocks of the far part that are not zeros
        "time": 0,
    }


def _level(taps: NDArray[np.float32], size: int, blocks: int) -> dict[str, Any]:
    """The memory of blocks of `size` samples."""
    spectra = np.zeros((blocks, 2, 2, size + 1), np.float32)
    memory = record({"stft": _transform(2 * size)})[0]
    for p in range(blocks):
        part = np.zeros((2, 2 * size), np.float32)
        part[:, :size] = taps[:, p * size : (p + 1) * size]
        if part.any():
            stft.transform(memory["stft"], part, spectra[p])
    return {
        "stft": _transform(2 * size),
        "spectra": spectra,  # of the response: blocks, channels, parts, bins
        "heard": np.zeros((blocks, 2, size + 1), np.float32),  # of the blocks that came, the latest at `newest`
        "newest": 0,
        "block": np.zeros((1, 2 * size), np.float32),  # the block before, and the one under way
        "one": np.zeros((1, 2, size + 1), np.float32),
        "sum": np.zeros((2, 2, size + 1), np.float32),
        "hartley": np.zeros((2, 2 * size), np.float32),
        "answer": np.zeros((2, size), np.float32),  # what is being heard
        "next": np.zeros((2, size), np.float32),  # what is heard after it
    }


def _transform(n_fft: int) -> dict[str, Any]:
    """The transform without a window."""
    return stft.prepare(n_fft, 2) | {"window": np.full(n_fft, 0.5, np.float32)}


@kernel
def run(state, u, left, right):
    """Add the response to u, (n,) float32, to left and right; n at most GRID, within one step of the grid of 64."""
    near, far, n, mask = state.near, state.far, u.shape[0], 2 * SHORT - 1
    time, size = state.time, 2 * SHORT
    for i in range(n):
        place = (time + i) & mask
        state.past[place] = state.past[place + size] = u[i]
        first = (time + i + 1 - SHORT) & mask
        left[i] += dot(state.head[0], state.past, first, SHORT)
        right[i] += dot(state.head[1], state.past, first, SHORT)
    a, b = time % SHORT, time % LONG
    for i in range(n):
        near.block[0, SHORT + a + i] = u[i]
        far.block[0, LONG + b + i] = u[i]
        left[i] += near.answer[0, a + i] + far.answer[0, b + i]
        right[i] += near.answer[1, a + i] + far.answer[1, b + i]
    state.time = time + n
    if state.time % GRID == 0:
        if state.time % SHORT == 0:
            take(near)
            clear(near)
            gather(near, 0, near.heard.shape[0])
            give(near, near.answer)
        ponder(state, far, state.time % LONG // GRID)


@kernel
def ponder(state, far, piece):
    """One of the pieces in which the far part's answer is worked out."""
    pieces = LONG // GRID
    if piece == 0:
        for c in range(2):
            for i in range(LONG):
                far.answer[c, i] = far.next[c, i]
        take(far)
        clear(far)
    elif piece < pieces - 1:
        used = state.used
        gather(far, (piece - 1) * used // (pieces - 2), piece * used // (pieces - 2))
    else:
        give(far, far.next)


@kernel
def take(level):
    """A block is full: its transform, with the block before it, is the newest that was heard."""
    size = level.answer.shape[1]
    level.newest = (level.newest - 1) % level.heard.shape[0]
    stft.transform(level.stft, level.block, level.one)
    for part in range(2):
        for k in range(size + 1):
            level.heard[level.newest, part, k] = level.one[0, part, k]
    for i in range(size):
        level.block[0, i] = level.block[0, size + i]


@kernel
def clear(level):
    level.sum[:] = 0


@kernel
def gather(level, first, last):
    """Add the products of blocks first to last, counted from the newest."""
    blocks, bins = level.heard.shape[0], level.heard.shape[2]
    for p in range(first, last):
        x = level.heard[(level.newest + p) % blocks]
        for c in range(2):
            h, y = level.spectra[p, c], level.sum[c]
            a, b, g, d, re, im = x[0], x[1], h[0], h[1], y[0], y[1]
            for k in range(bins):
                re[k] += a[k] * g[k] - b[k] * d[k]
                im[k] += a[k] * d[k] + b[k] * g[k]


@kernel
def give(level, answer):
    """The later half of the inverse transform of the sum is the answer."""
    size = answer.shape[1]
    for c in range(2):
        re, im, h = level.sum[c, 0], level.sum[c, 1], level.hartley[c]
        h[0], h[size] = re[0], re[size]
        for k in range(1, size):
            h[k], h[2 * size - k] = re[k] - im[k], re[k] + im[k]
    stft.transform(level.stft, level.hartley, level.sum)
    scale = np.float32(0.5 / size)
    for c in range(2):
        re, im = level.sum[c, 0], level.sum[c, 1]
        answer[c, 0] = scale * re[size]
        for i in range(1, size):  # sample size + i is the mirror image of size - i
            answer[c, i] = scale * (re[size - i] + im[size - i])
