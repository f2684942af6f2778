"""An expander that becomes a gate: what is below the threshold is turned down further.

    level      e = max(|left|, |right|, decay e): the peaks, falling by 60 dB in FALL seconds
    curve      g = 0 from the threshold T upwards; below, (x - T) (R - 1) dB, at the least -range
    movement   towards more gain with the attack, towards less with the release, once the hold is over

Ratio 1 is off; the range says how much is ever taken, so that a voice between words does not fall into a hole.
Source: U. Zoelzer, "DAFX", 2nd edition 2011, section 4.2.
"""

from typing import Any

import numpy as np

from rtengine.native.kernel import kernel

QUIET = 1e-6  # amplitude, -120 dB
FALL = 0.05  # seconds for 60 dB: as long as a period of 20 Hz, so that a bass does not open and close it
LEAST = 1e-4  # dB: less is nothing


def prepare() -> dict[str, Any]:
    """Return the memory of one gate; `gain` (dB, at most 0) is what it does now."""
    return {"envelope": 0.0, "gain": 0.0, "held": 0}


@kernel
def run(state, x, threshold, ratio, depth, attack, release, hold, sample_rate):
    """Turn down the first two rows of x (rows, n). threshold dB, depth dB at most, shares of a sample, hold samples."""
    if ratio <= 1:
        state.envelope, state.held = 0.0, 0
        if state.gain == 0:
            return
    envelope, gain, held = state.envelope, state.gain, state.held
    decay, rows = 10 ** (-3 / (FALL * sample_rate)), min(x.shape[0], 2)
    open_from = 10 ** (threshold / 20)
    for n in range(x.shape[1]):
        peak = abs(x[0, n])
        if rows > 1:
            peak = max(peak, abs(x[1, n]))
        envelope = max(np.float64(peak), decay * envelope)
        wanted = 0.0
        if ratio > 1 and envelope < open_from:
            wanted = max((20 * np.log10(max(envelope, QUIET)) - threshold) * (ratio - 1), -depth)
        if wanted >= gain:
            gain += attack * (wanted - gain)
            held = hold
        elif held > 0:
            held -= 1
        else:
            gain += release * (wanted - gain)
        if wanted == 0 and gain > -LEAST:
            gain = 0.0
        if gain != 0:
            factor = np.float32(10 ** (gain / 20))
            for c in range(rows):
                x[c, n] *= factor
    state.gain = gain
    if ratio > 1:
        state.envelope, state.held = envelope, held
