"""A look-ahead limiter for true peaks.

    x -> true peak -> gain wanted -> lowest of the window -> release -> mean -> mean -> (x) -> y
    '-------------------------- delay of `latency` samples ------------------------------^

The gain that a peak asks for is held as a sliding minimum, and two running means, together as long as the look-ahead,
make a smooth ramp of each step. The ramp has arrived GUARD samples before the peak leaves the delay, and the mean of
gains that are low enough is low enough: nothing overshoots. The window spans half a period of the lowest tone, so a
steady tone is turned down by a steady gain and stays what it is.
Source: D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 60 (2012), section 3;
D. Lemire, "Streaming maximum-minimum filter using no more than three comparisons per element", 2006 (the minimum).
"""

from typing import Any

import numpy as np

from rtengine.block import Block, Parameter
from rtengine.dsp import true_peak
from rtengine.native.kernel import kernel
from rtengine.native.ring import power_of_two

LATENCY = 0.0015  # seconds
WINDOW = 0.02  # seconds: half a period of 25 Hz
GUARD = 4  # samples around a peak for which the gain rests, as they all have a share in it
SHORTEST = 8  # samples of ramp at low sample rates
MARGIN = 0.5  # dB below the ceiling that is aimed at: so much do meters differ on bright hiss
UNIT = 1 << 30  # gains are whole multiples of 1 / UNIT, so running sums are exact and 1 is 1


class Limiter(Block):
    """Keep the true peak under the ceiling; what is MARGIN below it passes bit for bit, late by the look-ahead.

    All channels get the same gain, so nothing moves in the stereo image. Any finite input gives a finite output.
    Error: music, tones, impulses, clipped music and clipped noise stay under the ceiling; white noise up to half the
    sample rate exceeds it by 0.3 dB, by a sixteenfold interpolation; other meters differ by more on that.
    Distortion of a steady tone above 25 Hz: below -115 dB.
    """

    ceiling = Parameter(-1.0, -20.0, 0.0, "dBTP", "linear", "the highest true peak that leaves")
    release = Parameter(100.0, 10.0, 1000.0, "ms", "log", "time constant of the way back to full level")

    def latency(self, sample_rate: float) -> int:
        return max(round(LATENCY * sample_rate), true_peak.DELAY + GUARD + SHORTEST)

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        latency = self.latency(sample_rate)
        ramp = latency - true_peak.DELAY - GUARD + 2  # samples of both means
        means = ramp // 2, ramp - ramp // 2
        window = max(round(WINDOW * sample_rate), latency - true_peak.DELAY + GUARD + 2)
        return {
            "sample_rate": float(sample_rate),
            "latency": latency,
            "time": 0,  # samples so far
            "line": np.zeros((channels, power_of_two(latency + block_size)), np.float32),
            "detector": true_peak.prepare(channels, block_size),
            "window": window,
            "lows": np.zeros(power_of_two(window), np.float32),  # gains that are still lower than all after them,
            "times": np.zeros(power_of_two(window), np.int64),  # from `first` to `last`, and when they came
            "first": 0,
            "last": 0,
            "gain": 1.0,  # float64: close to 1, the steps of a slow release are too small for float32
            "means": np.array(means),
            "history": np.full((2, power_of_two(max(means))), [[UNIT], [UNIT * means[0]]], np.int64),
            "sums": np.array([UNIT * means[0], UNIT * means[0] * means[1]]),
        }

    @staticmethod
    @kernel
    def process(state, params, x):
        true_peak.detect(state.detector, x)
        ceiling = np.float32(10 ** ((params.ceiling - MARGIN) / 20))
        release = -np.expm1(-1000 / (params.release * state.sample_rate))  # share of the way in one sample
        mask = state.line.shape[1] - 1
        for n in range(x.shape[1]):
            peak = ceiling
            for c in range(x.shape[0]):
                peak = max(peak, state.detector.peaks[c, n])
            state.gain = min(np.float64(lowest(state, ceiling / peak)), state.gain + release * (1 - state.gain))
            gain = smooth(state)
            for c in range(x.shape[0]):
                state.line[c, state.time & mask] = x[c, n]
                x[c, n] = gain * state.line[c, (state.time - state.latency) & mask]
            state.time += 1


@kernel
def lowest(state, gain):
    """The lowest of the gains in the window that ends with this one."""
    mask = state.lows.shape[0] - 1
    if state.first < state.last and state.times[state.first & mask] <= state.time - state.window:
        state.first += 1
    while state.first < state.last and state.lows[(state.last - 1) & mask] >= gain:
        state.last -= 1
    state.lows[state.last & mask] = gain
    state.times[state.last & mask] = state.time
    state.last += 1
    return state.lows[state.first & mask]


@kernel
def smooth(state):
    """The mean of the means of state.gain."""
    value = np.int64(state.gain * UNIT + 0.5)
    mask = state.history.shape[1] - 1
    for i in range(2):
        state.sums[i] += value - state.history[i, (state.time - state.means[i]) & mask]
        state.history[i, state.time & mask] = value
        value = state.sums[i]
    return np.float32(value / (UNIT * state.means[0] * state.means[1]))
