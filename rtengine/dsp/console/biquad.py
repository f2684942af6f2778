"""Second-order filters of a mixing desk, designed by the cookbook, run one after another.

H(z) = (b0 + b1 / z + b2 / z^2) / (1 + a1 / z + a2 / z^2), in transposed direct form II, float64: 20 Hz is too low for
float32. A section that is flat and has come to rest is left out, so a desk at zero passes the sound bit for bit.
Source: R. Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients", 1998; W3C note 2021.
"""

from typing import Any

import numpy as np

from rtengine.dsp.console import cookbook
from rtengine.dsp.console.cookbook import BUTTERWORTH, HIGH_PASS, HIGH_SHELF, LOW_PASS, LOW_SHELF, OFF, PEAK, response
from rtengine.native.kernel import kernel

__all__ = [
    "BUTTERWORTH", "HIGH_PASS", "HIGH_SHELF", "LOW_PASS", "LOW_SHELF", "OFF", "PEAK",
    "design", "prepare", "response", "run", "tune",
]  # fmt: skip
design = kernel(cookbook.design)
GRID = 64  # samples between two looks whether a section rests
REST = 1e-10  # of full scale: less than this in its memory, and a flat section rests


def prepare(sections: int, channels: int) -> dict[str, Any]:
    """Return the memory of a cascade whose sections are all off."""
    return {
        "coefficients": np.tile([1.0, 0, 0, 0, 0], (sections, 1)),  # b0 b1 b2 a1 a2
        "flat": np.ones(sections, np.int64),
        "resting": np.ones(sections, np.int64),  # flat, and nothing left in its memory
        "time": 0,  # samples so far
        "memory": np.zeros((sections, max(channels, 2), 2)),
        "asked": np.zeros((sections, 4)),  # kind, frequency, gain and q that the coefficients are for
    }


@kernel
def tune(state, section, kind, frequency, gain_db, q, sample_rate):
    """Give a section its task; costs next to nothing where nothing has changed."""
    asked = state.asked[section]
    if asked[0] == kind and asked[1] == frequency and asked[2] == gain_db and asked[3] == q:
        return
    asked[0], asked[1], asked[2], asked[3] = kind, frequency, gain_db, q
    b0, b1, b2, a1, a2 = design(kind, frequency, gain_db, q, sample_rate)
    h = state.coefficients[section]
    h[0], h[1], h[2], h[3], h[4] = b0, b1, b2, a1, a2
    state.flat[section] = kind == OFF or (kind >= PEAK and gain_db == 0)
    state.resting[section] &= state.flat[section]


@kernel
def run(state, x):
    """Filter the first two rows of x, float32 (channels, n), in place: both at once, for each waits for itself."""
    for s in range(state.coefficients.shape[0]):
        if state.flat[s] and state.time % GRID == 0:  # and at no other time, or the size of the pieces could be heard
            state.resting[s] = _faded(state.memory[s])
        if state.resting[s]:
            continue
        if x.shape[0] > 1:
            _pair(state.coefficients[s], state.memory[s], x[0], x[1])
        else:
            _single(state.coefficients[s], state.memory[s], x[0])
    state.time += x.shape[1]


@kernel
def _faded(memory):
    """Whether nothing is left in a section; what is too little to be heard is forgotten."""
    for c in range(memory.shape[0]):
        if abs(memory[c, 0]) > REST or abs(memory[c, 1]) > REST:
            return False
    memory[:] = 0
    return True


@kernel
def _pair(h, memory, left, right):
    b0, b1, b2, a1, a2 = h[0], h[1], h[2], h[3], h[4]
    s1, s2, t1, t2 = memory[0, 0], memory[0, 1], memory[1, 0], memory[1, 1]
    for n in range(left.shape[0]):
        u, v = np.float64(left[n]), np.float64(right[n])
        y, z = b0 * u + s1, b0 * v + t1
        s1, t1 = b1 * u - a1 * y + s2, b1 * v - a1 * z + t2
        s2, t2 = b2 * u - a2 * y, b2 * v - a2 * z
        left[n], right[n] = y, z
    memory[0, 0], memory[0, 1], memory[1, 0], memory[1, 1] = s1, s2, t1, t2


@kernel
def _single(h, memory, row):
    b0, b1, b2, a1, a2 = h[0], h[1], h[2], h[3], h[4]
    s1, s2 = memory[0, 0], memory[0, 1]
    for n in range(row.shape[0]):
        v = np.float64(row[n])
        y = b0 * v + s1
        s1 = b1 * v - a1 * y + s2
        s2 = b2 * v - a2 * y
        row[n] = y
    memory[0, 0], memory[0, 1] = s1, s2
