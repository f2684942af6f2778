"""The passes of the complex transform: radix 4 and 8, in frequency (split) and in time (join).

A pass works on blocks of radix * q numbers that lie one after the other. With w = exp(-2 pi i / (radix q)), r the row
and j the column of a block seen as (radix, q):
    split:  z[r, j] <- w^(r j) sum over m of z[m, j] exp(-2 pi i m r / radix)
    join:   the inverse of split, times radix
A split makes one transform into radix smaller ones.
The twiddle factors w^(r j) are given as (q, radix - 1), for r = 1 and up.
"""

import numpy as np

from rtengine.dsp.vector.arithmetic import conj, times_i
from rtengine.native.kernel import kernel

HALF_ROOT = np.float32(np.sqrt(0.5))


@kernel
def dft4(a, b, c, d):
    """The transform of 4 numbers."""
    p, q, r, s = a + c, a - c, b + d, times_i(b - d)
    return p + r, q - s, p - r, q + s


@kernel
def dft8(x):
    """The transform of 8 numbers: even bins from sums, odd bins from differences, half of them an eighth turn away."""
    a, b, c, d, e, f, g, h = x
    y0, y2, y4, y6 = dft4(a + e, b + f, c + g, d + h)
    b, d = b - f, d - h
    p, q = a - e, times_i(c - g)
    r, s = (b - d) * HALF_ROOT, times_i(b + d) * HALF_ROOT
    return y0, (p - q) + (r - s), y2, (p + q) - (r + s), y4, (p - q) - (r - s), y6, (p + q) + (r + s)


@kernel
def read4(z, q):
    return z[0], z[q], z[2 * q], z[3 * q]


@kernel
def read8(z, q):
    return z[0], z[q], z[2 * q], z[3 * q], z[4 * q], z[5 * q], z[6 * q], z[7 * q]


@kernel
def write4(z, q, y):
    z[0], z[q], z[2 * q], z[3 * q] = y


@kernel
def write8(z, q, y):
    z[0], z[q], z[2 * q], z[3 * q], z[4 * q], z[5 * q], z[6 * q], z[7 * q] = y


@kernel
def turn4(y, w):
    """Multiply by the twiddle factors w[0] to w[2]."""
    return y[0], y[1] * w[0], y[2] * w[1], y[3] * w[2]


@kernel
def turn8(y, w):
    """Multiply by the twiddle factors w[0] to w[6]."""
    return y[0], y[1] * w[0], y[2] * w[1], y[3] * w[2], y[4] * w[3], y[5] * w[4], y[6] * w[5], y[7] * w[6]


@kernel
def turn_back4(y, w):
    return y[0], y[1] * conj(w[0]), y[2] * conj(w[1]), y[3] * conj(w[2])


@kernel
def turn_back8(y, w):
    a, b, c, d = y[0], y[1] * conj(w[0]), y[2] * conj(w[1]), y[3] * conj(w[2])
    return a, b, c, d, y[4] * conj(w[3]), y[5] * conj(w[4]), y[6] * conj(w[5]), y[7] * conj(w[6])


@kernel
def mirror4(y):
    """The transform backwards: its bins in the order 0, 3, 2, 1."""
    return y[0], y[3], y[2], y[1]


@kernel
def mirror8(y):
    return y[0], y[7], y[6], y[5], y[4], y[3], y[2], y[1]


@kernel
def split4(z, blocks, q, w):
    for _ in range(blocks):
        for j in range(q):
            a, b, c, d = read4(z + j, q)
            write4(z + j, q, turn4(dft4(a, b, c, d), w + 3 * j))
        z = z + 4 * q


@kernel
def split8(z, blocks, q, w):
    for _ in range(blocks):
        for j in range(q):
            write8(z + j, q, turn8(dft8(read8(z + j, q)), w + 7 * j))
        z = z + 8 * q


@kernel
def join4(z, blocks, q, w):
    for _ in range(blocks):
        for j in range(q):
            a, b, c, d = turn_back4(read4(z + j, q), w + 3 * j)
            write4(z + j, q, mirror4(dft4(a, b, c, d)))
        z = z + 4 * q


@kernel
def join8(z, blocks, q, w):
    for _ in range(blocks):
        for j in range(q):
            write8(z + j, q, mirror8(dft8(turn_back8(read8(z + j, q), w + 7 * j))))
        z = z + 8 * q


@kernel
def last4(z, blocks):
    """Split blocks of 4, which have no twiddle factors."""
    for _ in range(blocks):
        a, b, c, d = read4(z, 1)
        write4(z, 1, dft4(a, b, c, d))
        z = z + 4


@kernel
def last8(z, blocks):
    """Split blocks of 8, which have no twiddle factors."""
    for _ in range(blocks):
        write8(z, 1, dft8(read8(z, 1)))
        z = z + 8


@kernel
def first4(z, blocks):
    """Join blocks of 4."""
    for _ in range(blocks):
        a, b, c, d = read4(z, 1)
        write4(z, 1, mirror4(dft4(a, b, c, d)))
        z = z + 4


@kernel
def first8(z, blocks):
    """Join blocks of 8."""
    for _ in range(blocks):
        write8(z, 1, mirror8(dft8(read8(z, 1))))
        z = z + 8
