"""Read a stream at a speed that changes while it runs: the sample rate of one clock to that of another.

Output m is the input at time t[m], t[m + 1] = t[m] + speed, read off with the windowed sinc of rtengine.dsp.resample,
whose table is interpolated between two of PHASES fractions. The samples lie in a ring for two threads, each twice, so
that the filter finds any window in one piece.
Source: J. O. Smith, "Digital Audio Resampling", CCRMA 1984.
Error: a tone to 20 kHz at 48 kHz differs by less than -100 dB from the ideal one, with all aliases and images, see
test_varispeed.
"""

from typing import Any

import numpy as np

from rtengine.dsp.resample import LIVE, PHASES, cutoff, half_width, table
from rtengine.dsp.vector.dot import dot
from rtengine.native import ring
from rtengine.native.kernel import kernel
from rtengine.native.ring import READ, WRITE


def prepare(rate_in: int, rate_out: int, channels: int, size: int) -> dict[str, Any]:
    """Memory of one stream: nominal rates in Hz, whole numbers; size: samples that it holds, a power of two."""
    half = half_width(rate_in, rate_out, LIVE)
    return {
        "table": table(cutoff(rate_in, rate_out, half), half, PHASES, ring.power_of_two(2 * half)),
        "filter": np.zeros(2 * half, np.float32),
        "index": ring.indices(),
        "data": np.zeros((channels, 2 * size), np.float32),
        "fraction": 0.0,  # t is READ + half - 1 + fraction
    }


@kernel
def write(state, x):
    """Append x (n, channels), or nothing if there is no room. Returns the samples written."""
    n, size = x.shape[0], state.data.shape[1] // 2
    if n > ring.free(state.index, size):
        return 0
    for i in range(n):
        place = (state.index[WRITE] + i) & (size - 1)
        for c in range(state.data.shape[0]):
            state.data[c, place] = state.data[c, place + size] = x[i, c]
    ring.publish(state.index, n)
    return n


@kernel
def time(state):
    """The moment of the next output, in input samples since the start."""
    return state.index[READ] + state.filter.shape[0] // 2 - 1 + state.fraction


@kernel
def seek(state, moment):
    """Let the next output be the one of this moment; False, and nothing done, if that is not in the ring any more."""
    whole = np.floor(moment)
    count = np.int64(whole) - (state.filter.shape[0] // 2 - 1) - state.index[READ]
    if count < 0 or count > ring.filled(state.index):
        return False
    ring.release(state.index, count)
    state.fraction = moment - whole
    return True


@kernel
def needed(state, n, speed):
    """Samples that must be in the ring for the next n outputs at this speed, n above 0."""
    return np.int64(state.fraction + (n - 1) * speed) + state.filter.shape[0]


@kernel
def read(state, y, start, n, speed):
    """Write the next n outputs to y (samples, channels) from `start` on. The caller has asked `needed`."""
    mask, taps = state.data.shape[1] // 2 - 1, state.filter.shape[0]
    done, fraction = 0, state.fraction
    for i in range(start, start + n):
        place = fraction * PHASES
        row = min(np.int64(place), PHASES - 1)
        between = np.float32(place - row)
        for j in range(taps):
            h = state.table[row, j]
            state.filter[j] = h + between * (state.table[row + 1, j] - h)
        first = (state.index[READ] + done) & mask
        for c in range(y.shape[1]):
            y[i, c] = dot(state.filter, state.data[c], first, taps)
        fraction += speed
        done += np.int64(fraction)
        fraction -= np.int64(fraction)
    state.fraction = fraction
    ring.release(state.index, done)
