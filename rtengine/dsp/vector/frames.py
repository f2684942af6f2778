"""Frames of a signal in lanes: window and transform in one go, and back with window and overlap-add in one go.

rows: pointer to vectors, one a sample: a ring of n_fft of them, in which a frame begins at `start` (an even number).
window: pointer to n_fft float32.
"""

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.vector.arithmetic import complex_vector, imag, real
from rtengine.dsp.vector.aside import places
from rtengine.dsp.vector.butterfly import dft4, halve, halve_back8, mirror4, odd8, write_turned8
from rtengine.dsp.vector.fft import forward_rest
from rtengine.native.kernel import kernel

TINY = np.finfo(np.float32).tiny  # nothing is divided by a sum of squared windows below this, as in librosa


def check_hop(n_fft: int, hop_length: int) -> None:
    """Raise ValueError unless 2, 4, 8 or 16 frames overlap."""
    if hop_length not in (n_fft // 2, n_fft // 4, n_fft // 8, n_fft // 16):
        raise ValueError(f"hop_length = {hop_length} is not a half, 4th, 8th or 16th of n_fft = {n_fft}")


def hann(n_fft: int) -> NDArray[np.float64]:
    """The periodic Hann window."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)


def overlapped(window: NDArray[np.float64], hop_length: int, frames: int) -> NDArray[np.float64]:
    """The sum of `frames` windows, each hop_length after the one before: what a constant 1 becomes."""
    overlap = -(-len(window) // hop_length)
    blocks = np.zeros((overlap, hop_length))
    blocks.ravel()[: len(window)] = window
    total = np.zeros((frames + overlap - 1, hop_length))
    for r, block in enumerate(blocks):
        total[r : r + frames] += block
    return total.ravel()[: len(window) + (frames - 1) * hop_length]


def gains(window: NDArray[np.float64], hop_length: int, frames: int) -> NDArray[np.float32]:
    """What overlapped frames, windowed twice, are multiplied by: 1 / the sum of squared windows, 1 where that is 0."""
    total = overlapped(window**2, hop_length, frames)
    return (1 / np.where(total > TINY, total, 1)).astype(np.float32)


def normalise(y: NDArray[np.float32], window: NDArray[np.float64], hop_length: int, frames: int) -> None:
    """Multiply y (..., len(window) + (frames - 1) * hop_length) by `gains`, which repeat while all windows overlap."""
    overlap = -(-len(window) // hop_length)
    gain = gains(window, hop_length, min(frames, overlap))
    if frames <= overlap:
        y *= gain
        return
    head, tail = (overlap - 1) * hop_length, frames * hop_length
    y[..., :head] *= gain[:head]
    y[..., head:tail].reshape(*y.shape[:-1], -1, hop_length)[...] *= gain[head : head + hop_length]
    y[..., tail:] *= gain[head + hop_length :]


@kernel
def forward_windowed(rows, start, window, z, plan):
    """Transform x[n] = rows[(start + n) % n_fft] * window[n] into z, as `fft.forward` does."""
    split_windowed(rows, start, window, z, plan)
    forward_rest(z, plan)


@kernel
def split_windowed(rows, start, window, z, plan):
    """The first pass of `forward_windowed`."""
    q, place = plan.half // 8, places(z)
    for j in range(q):
        sums = halve_windowed8(rows, start + 2 * j, window + 2 * j, 2 * q, place)
        write_turned8(z + j, q, sums, place, plan.twiddle + 7 * j)


@kernel
def join_overlapped(z, plan, window, rows, start):
    """The last pass of the inverse; adds x[n] * window[n] to rows[(start + n) % n_fft]."""
    q, place = plan.half // 8, places(z)
    for j in range(q):
        a, b, c, d = halve_back8(z + j, q, plan.twiddle + 7 * j, place)
        n, w = start + 2 * j, window + 2 * j
        add_windowed4(rows, n, w, 2 * q, mirror4(dft4(a, b, c, d)))
        y = odd8(place)
        add_windowed4(rows, n + 2 * q, w + 2 * q, 2 * q, (y[3], y[2], y[1], y[0]))


@kernel
def halve_windowed8(rows, n, window, q, place):
    """As `halve8`, of a frame's numbers, q samples apart: even samples are real parts, odd ones imaginary."""
    size = 8 * q - 1
    a = halve(windowed(rows + (n & size), window), windowed(rows + (n + 4 * q & size), window + 4 * q), place)
    n, window = n + q, window + q
    b = halve(windowed(rows + (n & size), window), windowed(rows + (n + 4 * q & size), window + 4 * q), place + 1)
    n, window = n + q, window + q
    c = halve(windowed(rows + (n & size), window), windowed(rows + (n + 4 * q & size), window + 4 * q), place + 2)
    n, window = n + q, window + q
    d = halve(windowed(rows + (n & size), window), windowed(rows + (n + 4 * q & size), window + 4 * q), place + 3)
    return a, b, c, d


@kernel
def windowed(rows, window):
    return complex_vector(rows[0] * window[0], rows[1] * window[1])


@kernel
def add_windowed4(rows, n, window, q, y):
    """Overlap-add four complex numbers of a frame, two times q samples apart; a frame has eight times q."""
    size = 8 * q - 1
    add_pair(rows + (n & size), window, y[0])
    add_pair(rows + (n + 2 * q & size), window + 2 * q, y[1])
    add_pair(rows + (n + 4 * q & size), window + 4 * q, y[2])
    add_pair(rows + (n + 6 * q & size), window + 6 * q, y[3])


@kernel
def add_pair(rows, window, y):
    rows[0] = rows[0] + real(y) * window[0]
    rows[1] = rows[1] + imag(y) * window[1]
