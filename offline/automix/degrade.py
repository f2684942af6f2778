"""What stages do to stems: what an automatic desk has to make good, and what one is judged by.

Each stem becomes mono, is equalised within 9 dB in six bands, compressed now and then, hears the others with -12 to
-25 dB after 2 to 9 ms, and gets any gain within 9 dB. The same seed does the same.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.console import biquad, compressor
from rtengine.dsp.console.equaliser import EQUALISER
from rtengine.native.record import record

Samples = NDArray[np.float32]

GAIN = 9.0  # dB, of level and of each band
BLEED = (-25.0, -12.0)  # dB
DELAY = (0.002, 0.009)  # seconds
COMPRESSED = 0.5  # of all stems


def degraded(stems: Sequence[Samples], sample_rate: float, seed: int, bleed: bool = True) -> list[Samples]:
    """The stems (2, samples) as a stage would give them, left and right alike."""
    random = np.random.default_rng(seed)
    own = [_spoilt(x, sample_rate, random) for x in stems]
    found = []
    for i, x in enumerate(own):
        y = x.copy()
        for j, other in enumerate(own):
            late = round(random.uniform(*DELAY) * sample_rate)
            gain = np.float32(10 ** (random.uniform(*BLEED) / 20))
            if bleed and i != j:
                y[late:] += gain * other[: len(other) - late]
        y *= np.float32(10 ** (random.uniform(-GAIN, GAIN) / 20))
        found.append(np.stack([y, y]))
    return found


def _spoilt(x: Samples, sample_rate: float, random: np.random.Generator) -> Samples:
    """One stem, mono, equalised and perhaps compressed, (samples,)."""
    y = np.ascontiguousarray(x.mean(axis=0, keepdims=True))
    filters = record(biquad.prepare(len(EQUALISER), 1))[0]
    for band, (kind, frequency, q) in enumerate(EQUALISER):
        biquad.tune(filters, band, kind, frequency, random.uniform(-GAIN, GAIN), q, sample_rate)
    biquad.run(filters, y)
    threshold, ratio = random.uniform(-24, -12), random.uniform(2, 6)
    if random.random() < COMPRESSED and y.any():
        top = 20 * np.log10(np.abs(y).max())
        attack, release = compressor.share(0.005, sample_rate), compressor.share(0.15, sample_rate)
        compressor.run(record(compressor.prepare())[0], y, y, float(top) + threshold, ratio, 6.0, attack, release, 0.0)
    return y[0]
