"""One channel strip of a mixing desk.

    polarity > delay > high-pass > gate > six-band equaliser > compressor > fader > width and pan
                                                                  ^ key

Everything happens on the spot: the latency is 0, but for the delay that the player dials in. The gate listens before
the equaliser, so that a turn of it does not move the threshold.
"""

from typing import Any

import numpy as np

from rtengine.block import Block, Parameter, Reading
from rtengine.dsp.console import biquad, compressor, gate, place
from rtengine.dsp.console.biquad import BUTTERWORTH
from rtengine.native.kernel import kernel
from rtengine.native.ring import power_of_two

LONGEST = 0.1  # seconds of delay: 34 m of air
BANDS = 6
GRID, SWITCH = 64, 0.0625  # samples between two steps from on to off, and a step: 21 ms for all of it
FALL = 20 / 1.7  # dB a second, of the peaks: IEC 60268-18
QUIET = 10 ** (-90 / 20)


class Strip(Block):
    """A channel of the console, stereo or mono; at its defaults the sound passes bit for bit.

    The first two rows are the channel. More rows, if there are, are the key of the compressor (`key` turns it to them):
    with speech as key it ducks music. Rows of the key pass as they are.
    """

    polarity = Parameter(0, 0, 1, "", "step", "turn the wave upside down", ("normal", "inverted"))
    delay = Parameter(0.0, 0.0, 1000 * LONGEST, "ms", "linear", "later by so much, to align microphones")
    high_pass = Parameter(10.0, 10.0, 1000.0, "Hz", "log", "cut what is lower, 12 dB an octave; 10 Hz is off")
    gate_threshold = Parameter(-60.0, -90.0, 0.0, "dB", "linear", "what is quieter is turned down")
    gate_ratio = Parameter(1.0, 1.0, 20.0, "", "log", "1 is off, 2 an expander, 20 a gate")
    gate_range = Parameter(40.0, 0.0, 90.0, "dB", "linear", "the most that the gate takes")
    gate_attack = Parameter(1.0, 0.1, 100.0, "ms", "log", "time constant of opening")
    gate_hold = Parameter(20.0, 0.0, 1000.0, "ms", "linear", "stays open for so long")
    gate_release = Parameter(100.0, 5.0, 2000.0, "ms", "log", "time constant of closing")
    eq1_gain = Parameter(0.0, -15.0, 15.0, "dB", "linear", "low shelf")
    eq1_frequency = Parameter(90.0, 20.0, 20_000.0, "Hz", "log", "low shelf")
    eq1_q = Parameter(BUTTERWORTH, 0.3, 10.0, "", "log", "low shelf")
    eq2_gain = Parameter(0.0, -15.0, 15.0, "dB", "linear", "first peak")
    eq2_frequency = Parameter(220.0, 20.0, 20_000.0, "Hz", "log", "first peak")
    eq2_q = Parameter(1.0, 0.3, 10.0, "", "log", "first peak")
    eq3_gain = Parameter(0.0, -15.0, 15.0, "dB", "linear", "second peak")
    eq3_frequency = Parameter(600.0, 20.0, 20_000.0, "Hz", "log", "second peak")
    eq3_q = Parameter(1.0, 0.3, 10.0, "", "log", "second peak")
    eq4_gain = Parameter(0.0, -15.0, 15.0, "dB", "linear", "third peak")
    eq4_frequency = Parameter(1600.0, 20.0, 20_000.0, "Hz", "log", "third peak")
    eq4_q = Parameter(1.0, 0.3, 10.0, "", "log", "third peak")
    eq5_gain = Parameter(0.0, -15.0, 15.0, "dB", "linear", "fourth peak")
    eq5_frequency = Parameter(4200.0, 20.0, 20_000.0, "Hz", "log", "fourth peak")
    eq5_q = Parameter(1.0, 0.3, 10.0, "", "log", "fourth peak")
    eq6_gain = Parameter(0.0, -15.0, 15.0, "dB", "linear", "high shelf")
    eq6_frequency = Parameter(9000.0, 20.0, 20_000.0, "Hz", "log", "high shelf")
    eq6_q = Parameter(BUTTERWORTH, 0.3, 10.0, "", "log", "high shelf")
    threshold = Parameter(0.0, -60.0, 0.0, "dB", "linear", "of the compressor")
    ratio = Parameter(1.0, 1.0, 20.0, "", "log", "of the compressor; 1 is off")
    knee = Parameter(6.0, 0.0, 24.0, "dB", "linear", "width of the bend in the compressor's curve")
    attack = Parameter(10.0, 0.1, 200.0, "ms", "log", "time constant of the compressor's grip")
    release = Parameter(200.0, 5.0, 2000.0, "ms", "log", "time constant of its letting go")
    makeup = Parameter(0.0, 0.0, 24.0, "dB", "linear", "gain behind the compressor")
    key = Parameter(0, 0, 1, "", "step", "what the compressor listens to", ("itself", "key"))
    fader = Parameter(0.0, place.SILENCE, 10.0, "dB", "linear", "-90 is silence")
    width = Parameter(1.0, 0.0, 2.0, "", "linear", "0 is mono, 1 as it is, 2 wide")
    pan = Parameter(0.0, -1.0, 1.0, "", "linear", "-1 is left, 1 right")
    pan_law = Parameter(0, 0, 2, "", "step", "how far the middle lies below the side", ("-3 dB", "-4.5 dB", "-6 dB"))
    gate_on = Parameter(1, 0, 1, "", "step", "the gate at work, or not", ("off", "on"))
    equaliser_on = Parameter(1, 0, 1, "", "step", "the six bands at work, or flat", ("off", "on"))
    compressor_on = Parameter(1, 0, 1, "", "step", "the compressor at work, or not", ("off", "on"))
    level = Reading(-90.0, 10.0, "dBFS", "the highest sample of late, left and right, behind the fader", 2)
    reduction = Reading(0.0, 20.0, "dB", "what the compressor takes")
    gated = Reading(0.0, 90.0, "dB", "what the gate takes")

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        rows = min(channels, 2)
        return {
            "sample_rate": float(sample_rate),
            "line": np.zeros((rows, power_of_two(round(LONGEST * sample_rate) + block_size)), np.float32),
            "time": 0,  # samples so far
            "work": np.full(2, np.nan),  # shares in which equaliser and compressor work, on their way to on or off
            "filters": biquad.prepare(1, rows),
            "equaliser": biquad.prepare(BANDS, rows),
            "gate": gate.prepare(),
            "compressor": compressor.prepare(),
            "peaks": np.zeros(2),
            "fall": 10 ** (-FALL / 20 / sample_rate),
            "gains": np.full(4, np.nan),  # none yet: the first sample has those it should
            "target": np.zeros(4),
            "glide": -np.expm1(-1 / (place.GLIDE * sample_rate)),
        }

    @staticmethod
    @kernel
    def process(state, params, x):
        rate, rows = state.sample_rate, min(x.shape[0], 2)
        y = x[:rows]
        if state.time % GRID == 0:
            switch(state.work, 0, params.equaliser_on)
            switch(state.work, 1, params.compressor_on)
        enter(state, y, params.polarity, params.delay)
        kind = biquad.HIGH_PASS if params.high_pass > 10 else biquad.OFF
        biquad.tune(state.filters, 0, kind, params.high_pass, 0.0, BUTTERWORTH, rate)
        biquad.run(state.filters, y)
        opening = compressor.share(params.gate_attack / 1000, rate)
        closing = compressor.share(params.gate_release / 1000, rate)
        hold = int(params.gate_hold * rate / 1000)
        depth, below = params.gate_range, params.gate_threshold
        against = 1 + (params.gate_ratio - 1) * params.gate_on
        gate.run(state.gate, y, below, against, depth, opening, closing, hold, rate)
        equalise(state, params, state.work[0])
        biquad.run(state.equaliser, y)
        attack = compressor.share(params.attack / 1000, rate)
        release = compressor.share(params.release / 1000, rate)
        key = x[rows:] if params.key > 0 and x.shape[0] > rows else y
        share, threshold, knee = state.work[1], np.float64(params.threshold), np.float64(params.knee)
        ratio, makeup = 1 + (np.float64(params.ratio) - 1) * share, params.makeup * share
        compressor.run(state.compressor, y, key, threshold, ratio, knee, attack, release, makeup)
        state.readings.reduction, state.readings.gated = state.compressor.reduction, -state.gate.gain
        place.matrix(state.target, place.amplitude(params.fader), params.pan, params.pan_law, params.width)
        if np.isnan(state.gains[0]):
            state.gains[:] = state.target
        place.run(state.gains, state.target, state.glide, y)
        watch(state, y)


@kernel
def watch(state, x):
    """Show the peaks, falling."""
    for c in range(2):
        row, peak, fall = x[min(c, x.shape[0] - 1)], state.peaks[c], state.fall
        for n in range(x.shape[1]):
            peak = max(np.float64(abs(row[n])), fall * peak)
        state.peaks[c] = peak
        state.readings.level[c] = 20 * np.log10(max(peak, QUIET))


@kernel
def enter(state, x, inverted, delay):
    """Bound the samples, turn them over if asked for, and delay them; a change of the delay is a jump."""
    late = int(delay * state.sample_rate / 1000 + 0.5)
    sign = np.float32(1 - 2 * inverted)
    mask, time = state.line.shape[1] - 1, state.time
    for c in range(x.shape[0]):
        for n in range(x.shape[1]):
            state.line[c, (time + n) & mask] = sign * place.bounded(x[c, n])
        for n in range(x.shape[1]):
            x[c, n] = state.line[c, (time + n - late) & mask]
    state.time = time + x.shape[1]


@kernel
def switch(work, part, on):
    """Bring a part of the strip nearer to on or off; at the start it is there."""
    work[part] = on if np.isnan(work[part]) else min(max(on, work[part] - SWITCH), work[part] + SWITCH)


@kernel
def equalise(state, params, share):
    """Give the six bands their tasks, of which so much is done."""
    h, rate = state.equaliser, state.sample_rate
    biquad.tune(h, 0, biquad.LOW_SHELF, params.eq1_frequency, share * params.eq1_gain, params.eq1_q, rate)
    biquad.tune(h, 1, biquad.PEAK, params.eq2_frequency, share * params.eq2_gain, params.eq2_q, rate)
    biquad.tune(h, 2, biquad.PEAK, params.eq3_frequency, share * params.eq3_gain, params.eq3_q, rate)
    biquad.tune(h, 3, biquad.PEAK, params.eq4_frequency, share * params.eq4_gain, params.eq4_q, rate)
    biquad.tune(h, 4, biquad.PEAK, params.eq5_frequency, share * params.eq5_gain, params.eq5_q, rate)
    biquad.tune(h, 5, biquad.HIGH_SHELF, params.eq6_frequency, share * params.eq6_gain, params.eq6_q, rate)
