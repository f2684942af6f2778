"""Change the sample rate by any ratio of whole numbers, as a stream, with exact time-keeping.

Output m is the input at time t = position + m rate_in / rate_out (in input samples), read off with a windowed sinc:

    y[m] = sum over k of x[k] h(t - k),   |t - k| <= half,   h(u) = 2 f_c sinc(2 f_c u) kaiser(u / half)

t is kept as a whole number and a fraction of integers, so it never drifts. A table holds h for each fraction that
occurs, if they are few as between all usual rates, or for PHASES fractions to be interpolated. Its size is the same.
Source: J. O. Smith, "Digital Audio Resampling", CCRMA 1984; J. F. Kaiser, "Nonrecursive digital filter design", 1974.
Error: 0.1 dB up to 20 kHz at 44.1 kHz, a tone's images and aliases below -110 dB, live those below 20 kHz; -115 dB from
the ideal in all, where soxr VHQ has -83 to -94, see test_resample.

Real time. Output m is due when the last input sample that it touches is there. At the default position, -delay, n input
samples give ceil(n rate_out / rate_in) outputs, from the first sample on. A block at `rate` which holds a process
running at `inner_rate`, late by `inner_latency` inner samples, resamples there from position 0 and back from position
`inner_latency`: then no sound is moved, and n samples in give all samples out that are older than

    delay(rate, inner_rate) + (inner_latency + delay(inner_rate, rate)) rate / inner_rate + 1
"""

from fractions import Fraction
from math import ceil, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.vector.dot import LANES, dot
from rtengine.native.kernel import kernel
from rtengine.native.record import record
from rtengine.native.ring import power_of_two

PHASES = 512  # of the table at most; linear interpolation then errs by pi^2 / 24 / PHASES^2, -116 dB
BETWEEN = PHASES + 1  # the row for a filter between two phases
STOPBAND = 110  # dB, of the Kaiser window: BETA = 0.1102 (A - 8.7)
BETA = 0.1102 * (STOPBAND - 8.7)
PASSBAND = 20 / 44.1  # of the lower rate: flat to 0.1 dB up to here
LIVE, OFFLINE = 32, 64  # half widths in samples of the lower rate; LIVE leaves aliases above 20 kHz, OFFLINE none
MAX_RATIO = 32  # input to output: the filter grows with it


def half_width(rate_in: int, rate_out: int, width: int = LIVE) -> int:
    """Input samples on each side of an output that the filter reads: whole vectors, more when the rate goes down."""
    step = LANES // 2
    return step * ceil(width * max(rate_in, rate_out) / rate_out / step)


def delay(rate_in: int, rate_out: int, width: int = LIVE) -> Fraction:
    """The least delay of the stream, in input samples."""
    return Fraction(half_width(rate_in, rate_out, width))


def prepare(
    rate_in: int, rate_out: int, channels: int, position: Fraction | None = None, width: int = LIVE
) -> dict[str, Any]:
    """Return the memory of one stream.

    rate_in, rate_out: whole numbers of Hz.  position: input time of the first output, in input samples, any fraction;
    -delay(rate_in, rate_out, width) by default.  width: half width of the filter in samples of the lower rate.
    Raises ValueError if a rate is not positive or rate_in is more than MAX_RATIO times rate_out.
    """
    if min(rate_in, rate_out) < 1:
        raise ValueError(f"sample rate {min(rate_in, rate_out)} Hz is not at least 1 Hz")
    if rate_in > MAX_RATIO * rate_out:
        raise ValueError(f"{rate_in} Hz to {rate_out} Hz is a ratio of more than {MAX_RATIO} to 1")
    half = half_width(rate_in, rate_out, width)
    first = -delay(rate_in, rate_out, width) if position is None else position
    units = lcm(Fraction(rate_in, rate_out).denominator, first.denominator)
    phases = min(units, PHASES)
    size = power_of_two(2 * half)
    to = 0.5 if rate_in == rate_out else cutoff(rate_in, rate_out, half)  # 0.5: zero but at the middle, an exact delay
    return {
        "table": table(to, half, phases, size),
        "history": np.zeros((channels, 4 * size), np.float32),  # a ring written twice: every window is contiguous
        "phases": phases,
        "taps": 2 * half,
        "units": units,  # of time in an input sample
        "step": rate_in * units // rate_out,  # units from one output to the next
        "phase": int(first % 1 * units),  # the fraction of t, in units
        "last": first // 1 + half,  # the newest input sample that the next output touches
        "count": 0,  # input samples so far
    }


def cutoff(rate_in: int, rate_out: int, half: int) -> float:
    """In cycles an input sample, of a filter with `half` of them a side: -0.1 dB at PASSBAND, 1.18 from trials."""
    lower = min(1.0, rate_out / rate_in)
    return lower * min(PASSBAND + 1.18 / (half * lower), 0.5)


def table(f_c: float, half: int, phases: int, size: int) -> NDArray[np.float32]:
    """Row r, column j: h(r / phases + half - 1 - j), the weight of tap j for an output at fraction r / phases."""
    u = np.arange(phases + 1)[:, None] / phases + half - 1 - np.arange(2 * half)
    window = np.i0(BETA * np.sqrt(np.maximum(1 - (u / half) ** 2, 0)))
    h = np.sinc(2 * f_c * u) * window
    h /= h.sum(axis=1, keepdims=True)  # every phase passes a constant unchanged
    rows = np.zeros((BETWEEN + 1, size), np.float32)
    rows[: phases + 1, : 2 * half] = h.round(12)  # numpy's sinc(1) is 4e-17
    return rows


@kernel
def stream(state, x, n_in, y, n_out):
    """Read up to n_in samples of x, write all outputs due, at most n_out, to y. Returns (samples read, written).

    x, y: float32 (channels, at least n_in or n_out). When y is full, x is read on as far as there is room; outputs that
    are due but found no place come first in the next call.
    """
    channels, mask = state.history.shape[0], state.history.shape[1] // 2 - 1
    read = written = 0
    while True:
        oldest = state.last + 1 - state.taps
        new = min(n_in - read, mask + 1 - (state.count - oldest))
        for c in range(channels):
            for n in range(new):
                place = (state.count + n) & mask
                state.history[c, place] = state.history[c, place + mask + 1] = x[c, read + n]
        read += new
        state.count += new
        due = written
        while written < n_out and state.last < state.count:
            row = _filter(state)
            start = (state.last + 1 - state.taps) & mask
            for c in range(channels):
                y[c, written] = dot(state.table[row], state.history[c], start, state.taps)
            written += 1
            state.phase += state.step
            state.last += state.phase // state.units
            state.phase %= state.units
        if new == 0 and written == due:
            return read, written


@kernel
def missing(state, n_out):
    """How many more samples must be read until n_out more are due, at least 1."""
    return state.last + (state.phase + (n_out - 1) * state.step) // state.units + 1 - state.count


@kernel
def _filter(state):
    """The row of the table with the filter for the present phase, interpolated where there is none."""
    place = np.float64(state.phase) * state.phases / state.units
    row = int(place)
    fraction = np.float32(place - row)
    if fraction == 0:
        return row
    for j in range(state.taps):
        h = state.table[row, j]
        state.table[BETWEEN, j] = h + fraction * (state.table[row + 1, j] - h)
    return BETWEEN


def resample(x: NDArray[np.float32], rate_in: int, rate_out: int) -> NDArray[np.float32]:
    """Change the rate of a whole signal, without delay; what was before and after it counts as silence.

    x: (channels, n) float32.  Returns (channels, ceil(n rate_out / rate_in)) float32.
    Raises ValueError as prepare does.
    """
    if rate_in == rate_out:
        return x.copy()
    channels, n = x.shape
    state = record(prepare(rate_in, rate_out, channels, Fraction(0), OFFLINE))[0]
    silence = np.zeros((channels, half_width(rate_in, rate_out, OFFLINE)), np.float32)
    y = np.empty((channels, -(-n * rate_out // rate_in)), np.float32)
    stream(state, np.concatenate([x, silence], axis=1), n + silence.shape[1], y, y.shape[1])
    return y
