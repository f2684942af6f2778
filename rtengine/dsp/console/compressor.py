"""A compressor: feed-forward, soft knee, all channels by one gain.

    level  x = 20 log10 max(|left|, |right|), or of the key
    curve  y = x                                         2 (x - T) < -W
           y = x + (1/R - 1) (x - T + W/2)^2 / (2 W)     2 |x - T| <= W
           y = T + (x - T) / R                           2 (x - T) > W
    gain   c = x - y;  u = max(c, a_R u + (1 - a_R) c);  v = a_A v + (1 - a_A) u;  all samples times 10^((M - v) / 20)

The curve acts in decibels before the smoothing ("smooth, decoupled"), so attack and release do not depend on the level
and nothing is looked at ahead: latency 0. With a key it is a ducker.
Source: D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 60 (2012), equations 4
and 17.
"""

from typing import Any

import numpy as np

from rtengine.native.kernel import kernel

QUIET = 1e-5  # amplitude, -100 dB: nothing below is told apart
LEAST = 1e-4  # dB of reduction: less is none, so that sound that is left alone passes bit for bit


def prepare() -> dict[str, Any]:
    """Return the memory of one compressor; `reduction` (dB, at least 0) is what it does now."""
    return {"held": 0.0, "reduction": 0.0}


@kernel
def share(seconds, sample_rate):
    """Of the way to where it is going, what a one-pole filter of this time constant goes in a sample."""
    return -np.expm1(-1 / (max(seconds, 1e-6) * sample_rate))


@kernel
def curve(level, threshold, ratio, knee):
    """Decibels by which a steady level is to be turned down."""
    over = level - threshold
    if 2 * over <= -knee:
        return 0.0
    if 2 * over < knee:
        return (1 - 1 / ratio) * (over + knee / 2) ** 2 / (2 * knee)
    return (1 - 1 / ratio) * over


@kernel
def run(state, x, key, threshold, ratio, knee, attack, release, makeup):
    """Turn down the first two rows of x by the level of the rows of key (which may be x's).

    threshold, knee, makeup in dB; attack, release: shares, see `share`. Both x and key are (rows, n), float32.
    """
    held, reduction = state.held, state.reduction
    gain, rows, lowest = np.float32(1), min(x.shape[0], 2), 10 ** ((threshold - knee / 2) / 20)
    for n in range(x.shape[1]):
        peak = abs(key[0, n])
        if key.shape[0] > 1:
            peak = max(peak, abs(key[1, n]))
        wanted = 0.0
        if peak > lowest:
            wanted = curve(20 * np.log10(max(np.float64(peak), QUIET)), threshold, ratio, knee)
        held = max(wanted, held + release * (wanted - held))
        reduction += attack * (held - reduction)
        if reduction < LEAST and held < LEAST:
            held = reduction = 0.0
        if reduction != 0 or makeup != 0:
            gain = np.float32(10 ** ((makeup - reduction) / 20))
            for c in range(rows):
                x[c, n] *= gain
    state.held, state.reduction = held, reduction
