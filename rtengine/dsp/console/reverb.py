"""A feedback delay network of 16 lines: a room that may be turned while it sounds.

Each line hands what leaves it, darkened and a little quieter, to all lines through a Hadamard matrix H, which keeps
the energy; so the gains alone say how long the room sounds:

    s_i = the output of line i, L_i samples long;  d_i = low-pass of s_i
    line_i <- (H g d)_i + b_i u,   g_i = 10^(-3 L_i / (RT rate)) / 4,   left = sum of p_i s_i,  right = sum of q_i s_i

b, p and q are rows of H: left and right have nothing in common. The lengths are prime, so that echoes do not meet.
Source: J.-M. Jot, A. Chaigne, "Digital delay networks for designing artificial reverberators", AES convention 90, 1991.
Error: the decay measured by Schroeder's integral is within 5 % of the time asked for, see test_reverb.
"""

from math import isqrt
from typing import Any

import numpy as np

from rtengine.native.kernel import kernel
from rtengine.native.ring import power_of_two

LINES = 16
SHORTEST, FARTHEST = 0.021, 0.083  # seconds: lines, spread in equal ratios
LEVEL = np.float32(0.25)  # of the outputs: about as loud as the send for two seconds of decay


def prepare(sample_rate: float, block_size: int) -> dict[str, Any]:
    """Return the memory of one room; ValueError if the shortest line is not longer than block_size."""
    if SHORTEST * sample_rate <= block_size:
        raise ValueError(f"{sample_rate:g} Hz is too low for pieces of {block_size} samples")
    times = SHORTEST * (FARTHEST / SHORTEST) ** (np.arange(LINES) / (LINES - 1))
    lengths = [prime_from(round(t * sample_rate)) for t in times]
    return {
        "lines": np.zeros((LINES, power_of_two(max(lengths) + 1)), np.float32),
        "lengths": np.array(lengths),
        "gains": np.zeros(LINES, np.float32),
        "low": np.zeros(LINES, np.float32),  # memory of the low-passes
        "arrived": np.zeros((block_size, LINES), np.float32),  # side by side in time for the low-passes,
        "values": np.zeros((LINES, block_size), np.float32),  # line by line for the matrix
        "time": 0,
        "decay": 0.0,  # seconds that the gains are for
    }


def prime_from(number: int) -> int:
    """The smallest prime that is at least `number`."""
    while any(number % d == 0 for d in range(2, isqrt(number) + 1)):
        number += 1
    return number


@kernel
def run(state, u, left, right, decay, damping, sample_rate):
    """Add the room's answer to u, (n,) float32, to left and right; n at most the block_size of prepare.

    decay: seconds for 60 dB.  damping: share of the low-passes, 0 (none) to below 1.
    """
    if decay != state.decay:
        state.decay = decay
        for i in range(LINES):
            state.gains[i] = 0.25 * 10 ** (-3 * state.lengths[i] / (decay * sample_rate))
    samples = u.shape[0]
    arrive(state, samples, np.float32(damping))
    values = state.values
    for i in range(0, LINES, 4):
        p, q, r, s = values[i], values[i + 1], values[i + 2], values[i + 3]
        for n in range(samples):
            left[n] += LEVEL * ((p[n] + q[n]) - (r[n] + s[n]))
            right[n] += LEVEL * ((p[n] - q[n]) + (r[n] - s[n]))
    for i in range(LINES):
        gain, row = state.gains[i], values[i]
        for n in range(samples):
            row[n] = gain * state.arrived[n, i]
    _hadamard(values, samples)
    mask = state.lines.shape[1] - 1
    for i in range(LINES):
        line, row = state.lines[i], values[i]
        for n in range(samples):
            line[(state.time + n) & mask] = row[n] + u[n]
    state.time += samples


@kernel
def arrive(state, samples, dark):
    """Read the lines to `values`, and darkened to `arrived`; all that is read was written in earlier pieces."""
    mask, low, arrived = state.lines.shape[1] - 1, state.low, state.arrived
    for i in range(LINES):
        line, row, start = state.lines[i], state.values[i], state.time - state.lengths[i]
        for n in range(samples):
            v = line[(start + n) & mask]
            row[n] = v
            arrived[n, i] = v
    for n in range(samples):
        for i in range(LINES):
            low[i] = arrived[n, i] + dark * (low[i] - arrived[n, i])
            arrived[n, i] = low[i]


@kernel
def _hadamard(v, samples):
    """Multiply 16 values a sample by the Hadamard matrix, four rounds of sums and differences."""
    step = 1
    while step < LINES:
        for i in range(0, LINES, 2 * step):
            for j in range(i, i + step):
                p, q = v[j], v[j + step]
                for n in range(samples):
                    a, b = p[n], q[n]
                    p[n], q[n] = a + b, a - b
        step *= 2
