"""Level and loudness, measured in passing.

The kernel writes numbers into its record, Python reads them there: aligned, one at a time, with no lock. A reader sees
each number whole, though two of them may be one block of samples apart.
"""

from typing import Any

import numpy as np

from rtengine.block import Block
from rtengine.dsp import loudness, true_peak
from rtengine.native.kernel import kernel

FALL = 20 / 1.7  # dB a second, of the peak: IEC 60268-18
INTEGRATION = 0.3  # seconds, time constant of the rms value
SILENCE = 1e-15  # amplitude, -300 dB: nothing falls below it, for arithmetic is slow with denormal numbers


class Meter(Block):
    """Measure peak, rms, true peak and loudness; the sound passes bit for bit.

    Readable fields of the state, linear:
    peak: (channels,) float32, the highest sample, then falling.  power: (channels,) float64, mean square of late.
    true_peak: (channels,) float32, the highest since the start.
    loudness: the record of rtengine.dsp.loudness, with momentary, short_term and the histogram of all since the start.
    `read` puts them all in decibels.
    """

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return {
            "peak": np.zeros(channels, np.float32),
            "power": np.zeros(channels),
            "true_peak": np.zeros(channels, np.float32),
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
        fall, share, floor = state.fall, state.share, np.float32(SILENCE)
        for c in range(x.shape[0]):
            peak, power, highest = state.peak[c], state.power[c], state.true_peak[c]
            for n in range(x.shape[1]):
                v = max(abs(x[c, n]), floor)
                peak = max(v, fall * peak)
                power = (1 - share) * power + share * v * v
                highest = max(highest, state.detector.peaks[c, n])
            state.peak[c], state.power[c], state.true_peak[c] = peak, power, highest

    @staticmethod
    def read(state: np.void) -> dict[str, tuple[float, ...]]:
        """What the meter shows, from the block's state in a graph's memory; -inf is silence.

        peak (dBFS), rms (dBFS, a full-scale sine reads -3.01), true_peak (dBTP): one number a channel.
        momentary, short_term, integrated (LUFS): one number.
        """
        heard = state["loudness"]
        return {
            "peak": tuple(decibels(v) for v in state["peak"]),
            "rms": tuple(decibels(v**0.5) for v in state["power"]),
            "true_peak": tuple(decibels(v) for v in state["true_peak"]),
            "momentary": (loudness.lufs(heard["momentary"]),),
            "short_term": (loudness.lufs(heard["short_term"]),),
            "integrated": (loudness.integrated(heard),),
        }


def decibels(amplitude: float) -> float:
    """20 log10 of an amplitude; -inf of silence."""
    return 20 * float(np.log10(amplitude)) if amplitude > 1.001 * SILENCE else -np.inf
