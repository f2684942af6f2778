"""The Fourier transform of real frames, as many at once as a vector has lanes.

A real frame of n_fft samples is taken for n_fft / 2 complex numbers, even samples real, odd samples imaginary. Their
transform Z holds two spectra that a sum and a difference take apart, k and n_fft / 2 - k together (`bins`, `set_bins`).

Z is found by the textbook's decimation in frequency, in place: a pass of radix r cuts a block into r blocks, each of
every r-th bin, multiplied by twiddle factors. Blocks of one number are the result, with the digits of their places
reversed. Nothing puts them in order: `pairs` says where they are, and the inverse, decimation in time, starts there.

Where the speed comes from: lanes are frames, so no number ever changes its lane. Radix 8 visits memory once for three
halvings and fits the registers. After its first pass each eighth of the frame is finished before the next is begun,
while it is in the first cache. Window and overlap-add are part of the first and of the last pass.

Spectra leave `bins` twice as large as they are, and the inverse of what `set_bins` took is n_fft times the frame;
windows make up for it.
Source: J. W. Cooley and J. W. Tukey, 1965; G. D. Bergland, "A fast Fourier transform algorithm using base 8
iterations", 1968; for the real frame, Numerical Recipes, section 12.3.
"""

from typing import Any, NamedTuple

import numpy as np

from rtengine.dsp.vector.arithmetic import conj
from rtengine.dsp.vector.butterfly import first4, first8, join4, join8, last4, last8, split4, split8
from rtengine.dsp.vector.pointer import numbers
from rtengine.native.kernel import kernel

SMALLEST, LARGEST = 64, 8192
PARTS = 5  # of a transform, see forward_part


class Plan(NamedTuple):
    """The tables of one n_fft: arrays outside kernels, pointers inside (`plan`)."""

    half: Any  # n_fft / 2, the complex numbers of a frame
    passes: Any  # int64 (passes, 4): radix, blocks (in an eighth), length of those they become, first twiddle factor
    last: Any  # where the last of the passes is in `passes`
    twiddle: Any  # complex64, pass after pass, (length, radix - 1) each
    bin: Any  # int32 (half / 2 + 1): k of each pair of bins k and half - k, in the order of their places
    pairs: Any  # int32 (half / 2 + 1, 2): the places of Z[k] and Z[half - k]
    rotation: Any  # complex64 (half / 2 + 1): -i exp(-2 pi i k / n_fft)


def prepare(n_fft: int) -> dict[str, Any]:
    """Return the tables that `plan` takes, by the names of Plan."""
    check(n_fft)
    half = n_fft // 2
    passes, twiddle, place, length = [], [np.zeros(0)], np.zeros(half, np.int64), half
    digits = np.arange(half)
    for n, radix in enumerate(radices_of(half)):
        blocks, length = half // length // (8 if n else 1), length // radix
        passes.append((radix, blocks, length, sum(map(len, twiddle))))
        twiddle.append(np.exp(-2j * np.pi * np.outer(np.arange(length) / length, np.arange(1, radix) / radix)).ravel())
        place += digits % radix * length
        digits //= radix
    pairs = np.stack([place[: half // 2 + 1], place[-np.arange(half // 2 + 1)]], axis=1)
    k = np.argsort(pairs.min(axis=1))
    return {
        "half": half,
        "passes": np.array(passes),
        "last": 4 * len(passes) - 4,
        "twiddle": np.concatenate(twiddle).astype(np.complex64),
        "bin": k.astype(np.int32),
        "pairs": pairs[k].astype(np.int32),
        "rotation": (-1j * np.exp(-2j * np.pi * k / n_fft)).astype(np.complex64),
    }


def check(n_fft: int) -> None:
    """Raise ValueError for a size that has no plan."""
    if n_fft not in [1 << e for e in range(SMALLEST.bit_length() - 1, LARGEST.bit_length())]:
        raise ValueError(f"n_fft = {n_fft} is not a power of two from {SMALLEST} to {LARGEST}")


def radices_of(half: int) -> tuple[int, ...]:
    """The radix of each pass: 8 first, then as many 8 as leave only 4."""
    exponent = half.bit_length() - 1
    fours = -exponent % 3
    return (8,) * ((exponent - 2 * fours) // 3) + (4,) * fours


@kernel
def plan(tables):
    """Turn tables, in a record or as Plan, into pointers: kernels that take them are compiled once for all n_fft."""
    return Plan(
        tables.half,
        numbers(tables.passes),
        tables.last,
        numbers(tables.twiddle),
        numbers(tables.bin),
        numbers(tables.pairs),
        numbers(tables.rotation),
    )


@kernel
def forward(z, plan):
    """Transform the frames in z, in place. z: complex vectors (half), with z[j] = x[2 j] + i x[2 j + 1]."""
    split8(z, plan.passes[1], plan.passes[2], plan.twiddle)
    forward_rest(z, plan)


@kernel
def inverse(z, plan):
    """Turn what `set_bins` took back into frames, in place, n_fft times as large."""
    inverse_rest(z, plan)
    join8(z, plan.passes[1], plan.passes[2], plan.twiddle)


@kernel
def forward_rest(z, plan):
    """All passes but the first."""
    for part in range(PARTS):
        forward_part(z, plan, part)


@kernel
def inverse_rest(z, plan):
    """All passes of the inverse but the last."""
    for part in range(PARTS):
        inverse_part(z, plan, part)


@kernel
def forward_part(z, plan, part):
    """All passes but the first, for one of the 5 parts that pairs of bins do not cross: an eighth and its mirror image.

    Bin k is in eighth k mod 8, bin half - k in eighth -k mod 8. Whoever works on the bins of one part after the other
    finds them in the first cache.
    """
    forward_eighth(z + part * plan.half // 8, plan)
    if 0 < part < PARTS - 1:
        forward_eighth(z + (8 - part) * plan.half // 8, plan)


@kernel
def inverse_part(z, plan, part):
    """All passes of the inverse but the last, for one of the 5 parts."""
    inverse_eighth(z + part * plan.half // 8, plan)
    if 0 < part < PARTS - 1:
        inverse_eighth(z + (8 - part) * plan.half // 8, plan)


@kernel
def pairs_of(plan, part):
    """The first pair of bins of a part, and the first one of the next part."""
    end = plan.half // 16 + 1 + part * plan.half // 8  # eighths 0 and 4 are their own mirror images
    return max(end - plan.half // 8, 0), min(end, plan.half // 2 + 1)


@kernel
def forward_eighth(z, plan):
    p = plan.passes + 4
    while p[2] > 1:
        if p[0] == 8:
            split8(z, p[1], p[2], plan.twiddle + p[3])
        else:
            split4(z, p[1], p[2], plan.twiddle + p[3])
        p = p + 4
    if p[0] == 8:
        last8(z, p[1])
    else:
        last4(z, p[1])


@kernel
def inverse_eighth(z, plan):
    p = plan.passes + plan.last
    if p[0] == 8:
        first8(z, p[1])
    else:
        first4(z, p[1])
    p = p - 4
    while p[2] < plan.half // 8:
        if p[0] == 8:
            join8(z, p[1], p[2], plan.twiddle + p[3])
        else:
            join4(z, p[1], p[2], plan.twiddle + p[3])
        p = p - 4


@kernel
def bins(z, plan, i):
    """Take 2 X[k] and 2 conj(X[half - k]) of all lanes out of a transform. k = bin[i], i from 0 to half / 2."""
    a, b, r = z[plan.pairs[2 * i]], conj(z[plan.pairs[2 * i + 1]]), plan.rotation[i]
    even, odd = a + b, (a - b) * r
    return even + odd, even - odd


@kernel
def set_bins(z, plan, i, p, q):
    """Put p = X[k] and q = conj(X[half - k]) in place for the inverse. k = bin[i], i from 0 to half / 2."""
    even, odd = p + q, (p - q) * conj(plan.rotation[i])
    z[plan.pairs[2 * i]] = even + odd
    z[plan.pairs[2 * i + 1]] = conj(even - odd)
