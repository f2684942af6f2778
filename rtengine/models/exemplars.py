"""The sounds that textures are learnt from, synthesised here, so that all that is shipped is the project's own.

Each is a sum of many small events with distributed parameters, for a texture is told by the statistics of its events,
not by any one of them. The sounds are stationary and begin in the middle of things.
"""

import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]
LEVEL = 0.1  # RMS, -20 dBFS
PEAK = 0.89  # -1 dBFS; above KNEE the peaks are bent towards it
KNEE = 0.6
CHORDS = (  # Hz
    (110.0, 164.8, 220.0, 261.6, 329.6),
    (98.0, 146.8, 196.0, 246.9, 293.7),
    (87.3, 130.8, 174.6, 220.0, 329.6),
)


def exemplar(name: str, seconds: float = 10.0, sample_rate: float = 44100, seed: int = 0) -> NDArray[np.float32]:
    """Synthesise one exemplar, (samples,) float32, RMS -20 dBFS, peaks below -1 dBFS; equal for equal arguments.

    Raises ValueError for a name not in EXEMPLARS, or a length outside 0.1 to 600 seconds.
    """
    if name not in EXEMPLARS:
        raise ValueError(f"texture {name!r} is not one of {', '.join(EXEMPLARS)}")
    if not 0.1 <= seconds <= 600:
        raise ValueError(f"seconds = {seconds:g} is outside 0.1 to 600")
    if not 8000 <= sample_rate <= 192000:
        raise ValueError(f"sample_rate = {sample_rate:g} is outside 8000 to 192000 Hz")
    generator = np.random.default_rng([seed, zlib.crc32(name.encode())])
    samples = round(seconds * sample_rate)
    x = EXEMPLARS[name](generator, samples, float(sample_rate))
    for _ in range(3):  # bending the peaks takes a little level, which the next round returns
        x *= LEVEL / np.sqrt(np.mean(x * x))
        over = np.maximum(np.abs(x) - KNEE, 0) / (PEAK - KNEE)
        x = np.sign(x) * (np.minimum(np.abs(x), KNEE) + (PEAK - KNEE) * np.tanh(over))
    return x.astype(np.float32)


def water(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """A stream: rushing water, and bubbles that ring, rise and are damped.

    A bubble of radius r (m) rings at 3/r Hz (Minnaert), is damped by 0.13/r + 0.0072 r^-1.5 and rises in pitch as it
    nears the surface.  Source: van den Doel, "Physically based models for liquid sounds", ACM TAP 2005, eq. 2 to 6.
    """
    x = 0.10 * _rush(generator, samples, sample_rate, low=350, high=2500, flutter=5.0, depth=0.35)
    x += 0.03 * _rush(generator, samples, sample_rate, low=2500, high=9000, flutter=12.0, depth=0.5)
    for start in _poisson(generator, samples, sample_rate, rate=90):
        radius = min(0.0006 * (1 + generator.pareto(1.1)), 0.008)  # m: 5 kHz to 375 Hz
        frequency = 3.0 / radius
        damping = 0.13 / radius + 0.0072 * radius**-1.5
        damping *= generator.uniform(0.3, 0.7)  # softer than the theory: cavities ring longer than free bubbles
        rise = generator.uniform(0.1, 0.5) * damping * (generator.random() < 0.8)
        t = _time(min(0.3, 7 / damping), sample_rate)
        phase = 2 * np.pi * frequency * (t + 0.5 * rise * t * t)
        loudness = (radius / 0.004) ** 0.35 * generator.gamma(0.6)
        _add(x, start, loudness * np.sin(phase) * np.exp(-damping * t) * np.minimum(1, t / 0.0015))
    return x


def laser(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """Zaps: bursts of falling, frequency-modulated tones that leave a resonance ringing where they land."""
    x = np.zeros(samples)
    start = -int(0.2 * sample_rate)
    while start < samples:
        top, bottom = generator.uniform(2500, 9000), generator.uniform(100, 500)
        length, gap = generator.uniform(0.12, 0.55), generator.uniform(0.09, 0.3)
        wobble, index = generator.uniform(18, 95), generator.uniform(0.0, 0.22)
        for _ in range(generator.integers(1, 5)):  # the same gun fires a few times
            shot = _zap(length * generator.uniform(0.9, 1.1), top, bottom, wobble, index, sample_rate)
            _add(x, start, generator.uniform(0.5, 1.0) * shot)
            start += int((gap + 0.35 * length) * sample_rate)
        start += int(generator.uniform(0.02, 0.18) * sample_rate)
    echo = int(0.137 * sample_rate)
    for _ in range(3):
        x[echo:] += 0.35 * x[:-echo]
    return x


def _zap(length: float, top: float, bottom: float, wobble: float, index: float, sample_rate: float) -> Samples:
    """One falling tone of four harmonics, its modulator, and the tail that rings at the bottom. Frequencies in Hz."""
    t = _time(length + 0.45, sample_rate)
    fall = bottom + (top - bottom) * np.exp(-4.5 * t / length)
    phase = 2 * np.pi * np.cumsum(fall * (1 + index * np.sin(2 * np.pi * wobble * t))) / sample_rate
    y = np.zeros_like(t)
    for h, level in enumerate((1.0, 0.5, 0.28, 0.16), 1):
        y += level * np.sin(h * phase) * (h * fall * (1 + index) < 0.45 * sample_rate)
    tail = 0.25 * (np.sin(2 * np.pi * 2.0 * bottom * t) + 0.6 * np.sin(2 * np.pi * 5.04 * bottom * t)) * np.exp(-9 * t)
    return np.minimum(1, t / 0.002) * (y * np.exp(-3.2 * t / length) + tail * np.minimum(1, t / length))


def future(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """A pad of detuned partials under a slowly opening filter, with a shimmer of high, trembling partials above it."""
    t = np.arange(samples) / sample_rate
    x = np.zeros(samples)
    length = 3.3  # s, a chord, with half a second of one in the other
    first = int(generator.integers(len(CHORDS)))
    for m in range(int(samples / sample_rate / length) + 1):
        fade = np.clip((t - m * length + 0.25) / 0.5, 0, 1) * np.clip(((m + 1) * length + 0.25 - t) / 0.5, 0, 1)
        heard = np.flatnonzero(fade)
        x[heard] += fade[heard] * _chord(generator, CHORDS[(first + m) % len(CHORDS)], t[heard], sample_rate)
    return x


def _chord(generator: np.random.Generator, notes: tuple[float, ...], t: Samples, sample_rate: float) -> Samples:
    """One chord of the pad, notes in Hz: harmonics in detuned pairs, each with its own tremolo, and the shimmer."""
    y = np.zeros_like(t)
    cutoff = 2000 * 2 ** (1.6 * np.sin(2 * np.pi * 0.31 * t + generator.uniform(0, 6.28)))
    for note in notes:
        for h in range(1, 19):
            tremolo = 1 + 0.5 * np.sin(2 * np.pi * generator.uniform(0.3, 1.5) * t + generator.uniform(0, 6.28))
            level = 0.2 * tremolo / h / np.sqrt(1 + (note * h / cutoff) ** 4)
            for detune in (-1, 1):
                f = note * h * (1 + detune * generator.uniform(0.001, 0.006))
                y += level * np.sin(2 * np.pi * f * t + generator.uniform(0, 6.28))
    vibrato = np.sin(2 * np.pi * 5.3 * t)
    for _ in range(64):
        f = notes[generator.integers(len(notes))] * generator.integers(6, 80)
        if f > min(14000.0, 0.4 * sample_rate):
            continue
        rate = generator.uniform(3.5, 9.0)
        phase = 2 * np.pi * f * t + f * generator.uniform(0.001, 0.008) / 5.3 * vibrato
        tremble = np.maximum(0, np.sin(2 * np.pi * rate * t + generator.uniform(0, 6.28))) ** 2
        swell = np.maximum(0, np.sin(2 * np.pi * generator.uniform(0.1, 0.5) * t + generator.uniform(0, 6.28)))
        y += 0.5 * (2500 / (2500 + f)) * tremble * swell * np.sin(phase)
    return y


EXEMPLARS: dict[str, Callable[[np.random.Generator, int, float], Samples]] = {
    "water": water,
    "laser": laser,
    "future": future,
}


def _time(seconds: float, sample_rate: float) -> Samples:
    return np.arange(int(seconds * sample_rate)) / sample_rate


def _add(x: Samples, start: int, event: Samples) -> None:
    """Add an event into x in place; what lies outside x is cut."""
    skip = max(0, -start)
    y = event[skip : max(skip, len(x) - start)]
    x[start + skip : start + skip + len(y)] += y


def _poisson(generator: np.random.Generator, samples: int, sample_rate: float, rate: float) -> NDArray[np.int64]:
    """Random times (samples, sorted) of events that come at `rate` a second, some from just before the start."""
    lead = int(0.3 * sample_rate)
    count = generator.poisson(rate * (samples + lead) / sample_rate)
    return np.sort(generator.integers(-lead, samples, count))


def _rush(
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
    y = _shaped(
        generator, samples, sample_rate, lambda f: (f / low) ** 2 / (1 + (f / low) ** 2) / (1 + (f / high) ** 2)
    )
    slow = _shaped(generator, samples, sample_rate, lambda f: (f > 0) / (1 + (f / flutter) ** 4))
    return y * np.exp(depth * slow)


def _shaped(
    generator: np.random.Generator, samples: int, sample_rate: float, gain: Callable[[Samples], Samples]
) -> Samples:
    """Gaussian noise of RMS 1 whose spectrum has the given gain (a function of Hz)."""
    frequency = np.asarray(np.fft.rfftfreq(samples, 1 / sample_rate), np.float64)
    y = np.fft.irfft(np.fft.rfft(generator.standard_normal(samples)) * gain(frequency), samples)
    return y / np.sqrt(np.mean(y * y))
