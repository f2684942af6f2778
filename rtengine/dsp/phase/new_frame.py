"""How a frame comes in: its magnitudes and phases go into the lanes of the newest frame, whatever their level.

Spectra are scaled by a power of two that follows the level of the last frames, so that squares fit float32 for
magnitudes from 1e-30 to 1e30. Only phases pass through the scaled numbers; magnitudes stay as they are.
"""

import math

import numpy as np

from rtengine.native.kernel import kernel

HIGHEST_MAGNITUDE = np.float32(1e30)  # magnitudes above are clipped


@kernel
def enter(state, f, magnitude):
    """Put the magnitudes of the new frame in their lanes, and scale all frames so that squares stay within float32."""
    half, age = f.plan.half, state.level.shape[0]
    for c in range(magnitude.shape[0]):
        peak, lane = np.float32(0), f.newest * f.channels + c
        for i in range(half // 2 + 1):
            k = f.plan.bin[i]
            a, b = limited(magnitude[c, k]), limited(magnitude[c, half - k])
            f.magnitude[2 * i * f.lanes + lane] = a
            f.magnitude[(2 * i + 1) * f.lanes + lane] = b
            peak = max(peak, a, b)
        state.level[state.hops % age, c] = peak
        for m in range(age):
            peak = max(peak, state.level[m, c])
        for m in range(f.newest + 1):
            f.scale[m * f.channels + c] = unit(peak)
    state.hops += 1


@kernel
def limited(a):
    """0 for what is negative or not a number."""
    return min(a, HIGHEST_MAGNITUDE) if a > 0 else np.float32(0)


@kernel
def unit(peak):
    """The power of two that brings a peak to 0.5 to 1; at most 2^100."""
    return np.float32(math.ldexp(1.0, -max(math.frexp(peak)[1], -100)))


@kernel
def enter_start(f, start):
    """Put the spectrum whose phases count in the lanes of the newest frame, scaled as `enter` scales."""
    half, size = f.plan.half, 2 * f.lanes
    for c in range(start.shape[0]):
        peak, lane = np.float32(0), f.newest * f.channels + c
        for k in range(half + 1):
            peak = max(peak, limited(abs(start[c, 0, k])), limited(abs(start[c, 1, k])))
        scale = unit(peak)
        for i in range(half // 2 + 1):
            k, row = f.plan.bin[i], 2 * i * size + lane
            f.start[row] = finite(start[c, 0, k] * scale)
            f.start[row + f.lanes] = finite(start[c, 1, k] * scale)
            f.start[row + size] = finite(start[c, 0, half - k] * scale)
            f.start[row + size + f.lanes] = -finite(start[c, 1, half - k] * scale)


@kernel
def finite(a):
    """0 for what is not a number; nothing else is beyond -2 to 2 here but what was clipped."""
    return np.float32(0) if np.isnan(a) else min(max(a, np.float32(-2)), np.float32(2))
