"""Width out of the middle: a side signal that has nothing in common with the middle it is made of.

    side = bands of (all-pass of (all-pass of (... mid)));   L += side, R -= side

In mono all of it cancels, so the sum of both channels is what it was, bit for bit but for rounding. The all-passes
have a flat spectrum and turn the phases so that side and middle are uncorrelated.
Source: M. R. Schroeder, "Colorless artificial reverberation", IRE Trans. Audio 1961; H. Lauridsen, 1954 (the use).
"""

from typing import Any

import numpy as np

from rtengine.dsp.console import biquad
from rtengine.dsp.console.place import bounded
from rtengine.native.kernel import kernel
from rtengine.native.ring import power_of_two

TIMES = (0.0047, 0.0076, 0.0113, 0.0171)  # seconds of the all-passes: no simple ratios; short, for drums to stay drums
TURN = np.float32(0.6)  # their coefficient
LOW, HIGH = 250.0, 2500.0  # Hz, between the three bands
GENTLE = 0.5  # q of the shelves: they begin to act an octave before the corner


def prepare(sample_rate: float, block_size: int) -> dict[str, Any]:
    """Return the memory of one widener."""
    lengths = [round(t * sample_rate) for t in TIMES]
    return {
        "lines": np.zeros((len(TIMES), power_of_two(max(lengths) + 1)), np.float32),
        "lengths": np.array(lengths),
        "side": np.zeros((1, block_size), np.float32),
        "bands": biquad.prepare(2, 1),
        "time": 0,
        "gain": 0.0,  # of the middle band, on its way
    }


@kernel
def run(state, x, low, middle, high, glide, sample_rate):
    """Add a side to x (2, n). low, middle, high: dB over the mid; -60 and less in the middle band is none at all."""
    side = state.side[:, : x.shape[1]]
    biquad.tune(state.bands, 0, biquad.LOW_SHELF, LOW, low - middle, GENTLE, sample_rate)
    biquad.tune(state.bands, 1, biquad.HIGH_SHELF, HIGH, high - middle, GENTLE, sample_rate)
    for n in range(x.shape[1]):
        side[0, n] = np.float32(0.5) * (bounded(x[0, n]) + bounded(x[1, n]))
    mask = state.lines.shape[1] - 1
    for i in range(state.lines.shape[0]):
        line, late = state.lines[i], state.lengths[i]
        for n in range(x.shape[1]):
            past = line[(state.time + n - late) & mask]
            v = side[0, n] - TURN * past
            line[(state.time + n) & mask] = v
            side[0, n] = TURN * v + past
    state.time += x.shape[1]
    biquad.run(state.bands, side)
    target = 0.0 if middle <= -60 else 10 ** (middle / 20)
    gain = state.gain
    for n in range(x.shape[1]):
        gain += glide * (target - gain)
        if abs(target - gain) < 1e-7:
            gain = target
        v = np.float32(gain) * side[0, n]
        x[0, n] += v
        x[1, n] -= v
    state.gain = gain
