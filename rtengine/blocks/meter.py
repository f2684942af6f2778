"""Level and loudness, measured in passing.

The kernel writes numbers into its record, Python reads them there: aligned, one at a time, with no lock. A reader sees
each number whole, though two of them may be one block of samples apart.
"""

from typing import Any

import numpy as np

from rtengine.block import Block, Reading
from rtengine.dsp import loudness, true_peak
from rtengine.native.kernel import kernel

FALL = 20 / 1.7  # dB a second, of the peak: IEC 60268-18
INTEGRATION = 0.3  # seconds, time constant of the rms value
SILENCE = 1e-15  # amplitude, -300 dB: nothing falls below it, for arithmetic is slow with denormal numbers
FULL = 10 ** (loudness.OFFSET / 10)  # of a K-weighted mean square, in LUFS
LOWEST = -120.0  # dB: what is shown of silence


class Meter(Block):
    """Measure peak, rms, true peak and loudness; the sound passes bit for bit.

    The readings are decibels, at least LOWEST; `read` has what is known of the whole sound.
    """

    peak = Reading(LOWEST, 24, "dBFS", "the highest sample, then falling", count=0)
    rms = Reading(LOWEST, 24, "dBFS", "of late; a sine at full scale reads -3", count=0)
    true_peak = Reading(LOWEST, 24, "dBTP", "the highest between samples as well, then falling", count=0)
    momentary = Reading(LOWEST, 24, "LUFS", "loudness of the last 400 ms")
    short_term = Reading(LOWEST, 24, "LUFS", "loudness of the last 3 s")

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return {
            "peak": np.zeros(channels, np.float32),
            "power": np.zeros(channels),
            "true_peak": np.zeros(channels, np.float32),
            "highest": np.zeros(channels, np.float32),  # true peak since the start
            "fall": np.float32(10 ** (-FALL / 20 / sample_rate)),
            "share": -np.expm1(-1 / (INTEGRATION * sample_rate)),
            "detector": true_peak.prepare(channels, block_size),
            "loudness": loudness.prepare(sample_rate, channels),
        }

    @staticmethod
    @kernel
    def process(state, params, x):
        loudness.update(state.loudness, x)
        true_peak.detect(state.detector, x)
        shown, fall, share, floor = state.readings, state.fall, state.share, np.float32(SILENCE)
        for c in range(x.shape[0]):
            peak, power, highest = state.peak[c], state.power[c], state.true_peak[c]
            for n in range(x.shape[1]):
                v = max(abs(x[c, n]), floor)
                peak = max(v, fall * peak)
                power = (1 - share) * power + share * v * v
                highest = max(state.detector.peaks[c, n], fall * highest)
                state.highest[c] = max(state.highest[c], state.detector.peaks[c, n])
            state.peak[c], state.power[c], state.true_peak[c] = peak, power, max(highest, floor)
            shown.peak[c] = level(20, peak)
            shown.rms[c] = level(10, power)
            shown.true_peak[c] = level(20, highest)
        shown.momentary = level(10, state.loudness.momentary * FULL)
        shown.short_term = level(10, state.loudness.short_term * FULL)

    @staticmethod
    def read(state: np.void) -> dict[str, tuple[float, ...]]:
        """What the meter shows, from the block's state in a graph's memory; -inf is silence.

        peak (dBFS), rms (dBFS, a full-scale sine reads -3.01), true_peak (dBTP, the highest since the start): a number
        for each channel. momentary, short_term, integrated (LUFS): one number.
        """
        heard = state["loudness"]
        return {
            "peak": tuple(decibels(v) for v in state["peak"]),
            "rms": tuple(decibels(v**0.5) for v in state["power"]),
            "true_peak": tuple(decibels(v) for v in state["highest"]),
            "momentary": (loudness.lufs(heard["momentary"]),),
            "short_term": (loudness.lufs(heard["short_term"]),),
            "integrated": (loudness.integrated(heard),),
        }


def decibels(amplitude: float) -> float:
    """20 log10 of an amplitude; -inf of silence."""
    return 20 * float(np.log10(amplitude)) if amplitude > 1.001 * SILENCE else -np.inf


@kernel
def level(factor, value):
    """An amplitude (factor 20) or a power (10) in decibels, at least LOWEST."""
    quietest = 10.0 ** (LOWEST / factor)
    return np.float32(factor * np.log10(value)) if value > quietest else np.float32(LOWEST)
