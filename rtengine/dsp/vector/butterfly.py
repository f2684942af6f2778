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
from rtengine.dsp.vector.aside import places, set_aside
from rtengine.native.kernel import kernel

HALF_ROOT = np.float32(np.sqrt(0.5))


@kernel
def dft4(a, b, c, d):
    """The transform of 4 numbers."""
    p, q, r, s = a + c, a - c, b + d, times_i(b - d)
    return p + r, q - s, p - r, q + s


@kernel
def odd8(place):
    """The bins 1, 3, 5, 7 of the transform of 8 numbers, from the differences of its halves, an eighth turn apart.

    place: where `halve8` has set them aside.
    """
    p, b, q, d = place[0], place[1], times_i(place[2]), place[3]
    r, s = (b - d) * HALF_ROOT, times_i(b + d) * HALF_ROOT
    return (p - q) + (r - s), (p + q) - (r + s), (p - q) - (r - s), (p + q) + (r + s)


@kernel
def halve(a, e, place):
    """The sum of two numbers; their difference is set aside."""
    place[0] = a - e
    set_aside(place)
    return a + e


@kernel
def halve8(z, q, place):
    """The sums of the halves of 8 numbers, of which `dft4` makes the bins 0, 2, 4, 6; the differences wait."""
    a = halve(z[0], z[4 * q], place)
    b = halve(z[q], z[5 * q], place + 1)
    c = halve(z[2 * q], z[6 * q], place + 2)
    d = halve(z[3 * q], z[7 * q], place + 3)
    return a, b, c, d


@kernel
def halve_back8(z, q, w, place):
    """As `halve8`, of numbers that are multiplied by the conjugates of w[0] to w[6]."""
    a = halve(z[0], z[4 * q] * conj(w[3]), place)
    b = halve(z[q] * conj(w[0]), z[5 * q] * conj(w[4]), place + 1)
    c = halve(z[2 * q] * conj(w[1]), z[6 * q] * conj(w[5]), place + 2)
    d = halve(z[3 * q] * conj(w[2]), z[7 * q] * conj(w[6]), place + 3)
    return a, b, c, d


@kernel
def read4(z, q):
    return z[0], z[q], z[2 * q], z[3 * q]


@kernel
def write4(z, q, y):
    z[0], z[q], z[2 * q], z[3 * q] = y


@kernel
def turn4(y, w):
    """Multiply by the twiddle factors w[0] to w[2]."""
    return y[0], y[1] * w[0], y[2] * w[1], y[3] * w[2]


@kernel
def turn_back4(y, w):
    return y[0], y[1] * conj(w[0]), y[2] * conj(w[1]), y[3] * conj(w[2])


@kernel
def mirror4(y):
    """The transform backwards: its bins in the order 0, 3, 2, 1."""
    return y[0], y[3], y[2], y[1]


@kernel
def write_turned8(z, q, sums, place, w):
    """Finish a transform of 8 and multiply its bins by 1 and the twiddle factors w[0] to w[6]."""
    y = dft4(sums[0], sums[1], sums[2], sums[3])
    z[0], z[2 * q], z[4 * q], z[6 * q] = y[0], y[1] * w[1], y[2] * w[3], y[3] * w[5]
    y = odd8(place)
    z[q], z[3 * q], z[5 * q], z[7 * q] = y[0] * w[0], y[1] * w[2], y[2] * w[4], y[3] * w[6]


@kernel
def write8(z, q, sums, place):
    """Finish a transform of 8."""
    write4(z, 2 * q, dft4(sums[0], sums[1], sums[2], sums[3]))
    write4(z + q, 2 * q, odd8(place))


@kernel
def write_mirrored8(z, q, sums, place):
    """Finish a transform of 8 backwards: its bins in the order 0, 7, 6 ... 1."""
    write4(z, 2 * q, mirror4(dft4(sums[0], sums[1], sums[2], sums[3])))
    y = odd8(place)
    z[q], z[3 * q], z[5 * q], z[7 * q] = y[3], y[2], y[1], y[0]


@kernel
def split4(z, blocks, q, w):
    for _ in range(blocks):
        for j in range(q):
            a, b, c, d = read4(z + j, q)
            write4(z + j, q, turn4(dft4(a, b, c, d), w + 3 * j))
        z = z + 4 * q


@kernel
def split8(z, blocks, q, w):
    place = places(z)
    for _ in range(blocks):
        for j in range(q):
            write_turned8(z + j, q, halve8(z + j, q, place), place, w + 7 * j)
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
    place = places(z)
    for _ in range(blocks):
        for j in range(q):
            write_mirrored8(z + j, q, halve_back8(z + j, q, w + 7 * j, place), place)
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
    place = places(z)
    for _ in range(blocks):
        write8(z, 1, halve8(z, 1, place), place)
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
    place = places(z)
    for _ in range(blocks):
        write_mirrored8(z, 1, halve8(z, 1, place), place)
        z = z + 8
