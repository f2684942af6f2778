"""The three ways in which the instruments here are made: struck or plucked partials, and a periodic sum of many.

A held sound is made in the frequency domain: each partial is spread over neighbouring bins with random phases, and one
inverse transform gives a loop without a seam that sounds like several players (the idea is N. O. Paul's, "PADsynth",
2005, in the public domain). A struck one is a sum of decaying sines.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rtengine.native.kernel import kernel

RATE = 32_000  # Hz: of all that is made here but the kit
LOOP = 65_536  # samples of a loop: 2 s
Sound = NDArray[np.float32]
Numbers = Sequence[float] | NDArray[np.float64]


def frequency(note: float) -> float:
    """Hz of a MIDI note."""
    return float(440 * 2 ** ((note - 69) / 12))


def spread(note: float, weight: Callable[[NDArray[np.float64]], NDArray[np.float64]], width: float,
           random: np.random.Generator, noise: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None
           ) -> Sound:  # fmt: skip
    """LOOP samples that repeat without a seam.

    weight: the partials' amplitudes by their frequency in Hz. width: of a partial in semitones (standard deviation).
    noise: amplitude by frequency of what is blown or bowed beside them.
    """
    f0, bins = frequency(note), np.arange(LOOP // 2 + 1)
    f = bins * RATE / LOOP
    power = np.zeros(len(bins))
    partials = np.arange(1.0, int(0.45 * RATE / f0) + 1)
    amplitude = weight(partials * f0)
    for k, a in zip(partials, amplitude, strict=True):
        sigma = max(k * f0 * (2 ** (width / 12) - 1), 0.3 * RATE / LOOP)
        low, high = np.searchsorted(f, (k * f0 - 4 * sigma, k * f0 + 4 * sigma))
        near = f[low : max(high, low + 1)]
        shape = np.exp(-0.5 * ((near - k * f0) / sigma) ** 2)
        power[low : max(high, low + 1)] += a * a * shape / shape.sum() if shape.sum() > 0 else 0
    if noise is not None:
        power += noise(f) ** 2 / len(bins)
    spectrum = np.sqrt(power) * np.exp(2j * np.pi * random.random(len(bins)))
    spectrum[0] = spectrum[-1] = 0
    return levelled(np.fft.irfft(spectrum))


def struck(frequencies: Numbers, amplitudes: Numbers, decays: Numbers, seconds: float,
           rate: int = RATE, attack: float = 0.002) -> NDArray[np.float64]:  # fmt: skip
    """Decaying sines; decays: seconds until -60 dB each."""
    x = np.zeros(int(seconds * rate))
    for i, (f, a, t) in enumerate(zip(frequencies, amplitudes, decays, strict=True)):
        if f < 0.46 * rate:
            ring(x, 2 * np.pi * f / rate, a, 10 ** (-3 / (t * rate)), 1.7 * i)
    x[: int(attack * rate)] *= np.linspace(0, 1, int(attack * rate))
    return x


@kernel
def ring(x, turn, amplitude, fall, phase):
    """Add amplitude fall^n sin(turn n + phase) to x, by turning a point on a plane, down to -100 dB."""
    c, s = fall * np.cos(turn), fall * np.sin(turn)
    a, b, least = amplitude * np.cos(phase), amplitude * np.sin(phase), 1e-5 * abs(amplitude)
    for n in range(x.shape[0]):
        x[n] += b
        a, b = c * a - s * b, s * a + c * b
        if n % 256 == 0 and abs(a) + abs(b) < least:
            return


def levelled(x: NDArray[np.float64], peak: float | None = None) -> Sound:
    """At an RMS of 0.12, or at a peak; a struck sound ends in silence."""
    x = x - x.mean()
    gain = peak / max(np.abs(x).max(), 1e-9) if peak else 0.12 / max(np.sqrt((x * x).mean()), 1e-9)
    return (gain * x).astype(np.float32)


def faded(x: NDArray[np.float64], seconds: float = 0.1, rate: int = RATE) -> NDArray[np.float64]:
    """The end brought to zero."""
    count = min(int(seconds * rate), len(x))
    x[len(x) - count :] *= np.linspace(1, 0, count)
    return x


def formants(
    peaks: Sequence[tuple[float, float, float]], slope: float
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """A body: resonances (Hz, width in octaves, height) on a fall of `slope` dB an octave above 200 Hz."""

    def weight(f: NDArray[np.float64]) -> NDArray[np.float64]:
        octaves = np.log2(np.maximum(f, 20) / 200)
        level = 10 ** (-slope * np.maximum(octaves, -0.5) / 20)
        body = sum(
            (h * np.exp(-0.5 * (np.log2(np.maximum(f, 20) / c) / w) ** 2) for c, w, h in peaks), np.zeros_like(f)
        )
        return level * (0.4 + body)

    return weight
