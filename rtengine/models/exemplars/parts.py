"""What the exemplars are put together from: events at random times, and noise of a given spectrum."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]


def time(seconds: float, sample_rate: float) -> Samples:
    return np.arange(int(seconds * sample_rate)) / sample_rate


def add(x: Samples, start: int, event: Samples) -> None:
    """Add an event into x in place; what lies outside x is cut."""
    skip = max(0, -start)
    y = event[skip : max(skip, len(x) - start)]
    x[start + skip : start + skip + len(y)] += y


def poisson(
    generator: np.random.Generator, samples: int, sample_rate: float, rate: float, before: float = 0.3
) -> NDArray[np.int64]:
    """Random times (samples, sorted) of events that come at `rate` a second, some from `before` seconds ahead of 0."""
    lead = int(before * sample_rate)
    count = generator.poisson(rate * (samples + lead) / sample_rate)
    return np.sort(generator.integers(-lead, samples, count))


def rush(
    generator: np.random.Generator,
    samples: int,
    sample_rate: float,
    *,
    low: float,
    high: float,
    flutter: float,
    depth: float,
) -> Samples:
    """Noise between two frequencies (Hz, 12 dB an octave), its level modulated (nepers) by noise below `flutter` Hz."""
    y = shaped(generator, samples, sample_rate, lambda f: (f / low) ** 2 / (1 + (f / low) ** 2) / (1 + (f / high) ** 2))
    slow = shaped(generator, samples, sample_rate, lambda f: (f > 0) / (1 + (f / flutter) ** 4))
    return y * np.exp(depth * slow)


def shaped(
    generator: np.random.Generator, samples: int, sample_rate: float, gain: Callable[[Samples], Samples]
) -> Samples:
    """Gaussian noise of RMS 1 whose spectrum has the given gain (a function of Hz)."""
    frequency = np.asarray(np.fft.rfftfreq(samples, 1 / sample_rate), np.float64)
    y = np.fft.irfft(np.fft.rfft(generator.standard_normal(samples)) * gain(frequency), samples)
    return y / np.sqrt(np.mean(y * y))


def slow(generator: np.random.Generator, samples: int, sample_rate: float, rate: float) -> Samples:
    """Noise of mean 0 and RMS 1 (nearly, if short) below `rate` Hz: how a level or a pitch wanders."""
    points = max(8, int(8 * rate * samples / sample_rate) + 4)
    y = shaped(generator, points, 8 * rate, lambda f: 1 / (1 + (f / rate) ** 4))
    return np.interp(np.linspace(0, points - 1, samples), np.arange(points), y)


def struck(
    frequencies: Samples, lengths: Samples, levels: Samples, sample_rate: float, contact: float = 0.0005
) -> Samples:
    """A blow on something that rings: modes at Hz, each falling by 60 dB in its length (s); contact: s of attack."""
    y = np.zeros(int(lengths.max() * sample_rate) + 1)
    for f, length, level in zip(frequencies, lengths, levels, strict=True):
        if f < 0.45 * sample_rate:
            t = time(length, sample_rate)
            y[: len(t)] += level * np.sin(2 * np.pi * f * t) * np.exp(-6.9 / length * t) * np.minimum(1, t / contact)
    return y


def periodic(levels: NDArray[np.complex128], phase: Samples) -> Samples:
    """A wave whose harmonics have these levels and phases (complex), read at a phase in turns."""
    table = np.fft.irfft(np.concatenate([[0], -0.5j * levels]), 4096) * 4096
    place = (phase % 1) * 4096
    left = place.astype(np.int64) & 4095
    return table[left] + (place - np.floor(place)) * (table[(left + 1) & 4095] - table[left])


def room(generator: np.random.Generator, x: Samples, sample_rate: float, length: float, wet: float) -> Samples:
    """Add a diffuse reverberation that falls by 60 dB in `length` s, at `wet` of the RMS of x.

    It wraps around the end, so that the beginning too lies in the middle of things.
    Source: Moorer, "About this reverberation business", CMJ 3(2), 1979: noise that decays exponentially.
    """
    t = time(min(length, len(x) / sample_rate), sample_rate)
    tail = generator.standard_normal(len(t)) * np.exp(-6.9 / length * t)
    y = np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(tail, len(x)), len(x))
    return x + wet * np.sqrt(np.mean(x * x) / (np.mean(y * y) + 1e-20)) * y
