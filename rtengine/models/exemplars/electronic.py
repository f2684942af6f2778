"""Exemplars of machines: zaps, a pad, an arpeggio, a radio between its stations, an engine."""

import numpy as np

from rtengine.models.exemplars.parts import Samples, add, poisson, shaped, slow, time

CHORDS = (  # Hz
    (110.0, 164.8, 220.0, 261.6, 329.6),
    (98.0, 146.8, 196.0, 246.9, 293.7),
    (87.3, 130.8, 174.6, 220.0, 329.6),
)


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
            add(x, start, generator.uniform(0.5, 1.0) * shot)
            start += int((gap + 0.35 * length) * sample_rate)
        start += int(generator.uniform(0.02, 0.18) * sample_rate)
    echo = int(0.137 * sample_rate)
    for _ in range(3):
        x[echo:] += 0.35 * x[:-echo]
    return x


def _zap(length: float, top: float, bottom: float, wobble: float, index: float, sample_rate: float) -> Samples:
    """One falling tone of four harmonics, its modulator, and the tail that rings at the bottom. Frequencies in Hz."""
    t = time(length + 0.45, sample_rate)
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


def arpeggio(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """Broken chords run up and down: short saw-toothed notes under a filter that falls with each, and an echo."""
    x = np.zeros(samples)
    step = 0.115  # s
    first, offset = int(generator.integers(len(CHORDS))), generator.uniform(0, 2 * 16 * step)
    for n in range(int(samples / sample_rate / step) + 40):
        chord = CHORDS[(first + n // 16) % len(CHORDS)]
        turn = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3][n % 16]
        note = chord[turn % 5] * 2 ** (turn // 5 + 1)
        accent = 1.0 if n % 4 == 0 else generator.uniform(0.6, 0.85)
        cutoff = 1800 * 2 ** (1.2 * np.sin(2 * np.pi * 0.21 * n * step) + generator.normal(0, 0.15))
        start = int((n * step - offset) * sample_rate)
        if -0.5 * sample_rate < start < samples:
            add(x, start, accent * _pluck(note, cutoff, sample_rate))
    echo = int(3 * step * sample_rate)
    for _ in range(2):
        x[echo:] += 0.3 * x[:-echo]
    return x


def _pluck(note: float, cutoff: float, sample_rate: float) -> Samples:
    """Two detuned saws, note and cutoff in Hz, through a resonant low-pass that falls as the note does."""
    t = time(0.32, sample_rate)
    y = np.zeros_like(t)
    opening = cutoff * (1 + 3 * np.exp(-t / 0.05))
    for h in range(1, int(min(15000, 0.43 * sample_rate) / note) + 1):
        r = note * h / opening
        gain = 1 / np.sqrt((1 - r * r) ** 2 + (0.5 * r) ** 2)
        turns = 2 * np.pi * note * h * t
        y += gain / h * (np.sin(1.0017 * turns) + np.sin(0.9983 * turns + 1.0))
    return y * np.minimum(1, t / 0.002) * np.exp(-t / 0.11) * np.minimum(1, (t[-1] - t) / 0.02)


def static(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """A radio between its stations: rushing noise that breaks off, crackling discharges, and a wandering whistle.

    Discharges come in crowds with heavy-tailed strengths over a noise of steady level: Field and Lewinstein,
    "Amplitude-probability distribution model for VLF/ELF atmospheric noise", IEEE Trans. Comm. 26, 1978.
    """
    held = slow(generator, samples, sample_rate, 11.0) > 0.9
    edge = np.convolve(held, np.ones(n := int(0.004 * sample_rate) + 1) / n, "same")
    x = shaped(
        generator, samples, sample_rate, lambda f: (f > 60) / (1 + (f / 12000) ** 6) / (1 + (300 / (f + 1)) ** 2)
    )
    x *= 0.4 * (1 - 0.75 * edge) * np.exp(0.15 * slow(generator, samples, sample_rate, 30.0))
    for first in poisson(generator, samples, sample_rate, rate=9):
        start = first
        for _ in range(generator.geometric(0.15)):
            t = time(generator.uniform(0.002, 0.012), sample_rate)
            strength = min(0.5 * (1 + generator.pareto(1.6)), 4.0)
            add(x, start, strength * generator.standard_normal(len(t)) * np.exp(-5 * t / (t[-1] + 1e-9)))
            start += int(generator.exponential(0.012) * sample_rate)
    for centre in (1300, 3100):  # carriers that beat with the receiver's own
        f = centre * 2 ** (0.35 * slow(generator, samples, sample_rate, 1.0))
        whistle = np.sin(2 * np.pi * np.cumsum(f) / sample_rate)
        x += 0.09 * whistle * np.maximum(0, slow(generator, samples, sample_rate, 1.5))
    return x


def engine(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """A big engine that hunts up and down: firing pulses through an exhaust pipe, valves that tick, hissing intake.

    Every cylinder fires a little otherwise, so that there is power at half the orders too; the pipe resonates at odd
    multiples of a quarter wave. Source: Farnell, "Designing Sound", MIT Press 2010, ch. 45.
    """
    speed = 21 * 2 ** (0.25 * slow(generator, samples, sample_rate, 0.35))  # cycles of all four cylinders, Hz
    turns = np.cumsum(speed) / sample_rate
    strengths, late = generator.uniform(0.7, 1.0, 4), generator.normal(0, 0.012, 4)
    x = np.zeros(samples)
    breath = shaped(generator, samples, sample_rate, lambda f: (f > 200) / (1 + (f / 9000) ** 4))
    for strength, shift, k in zip(strengths, late, range(4), strict=True):
        place = (turns + k / 4 + shift) % 1
        x += (
            strength
            * (90 * place * np.exp(-place * 40) - 0.25 * np.exp(-place * 9) * np.minimum(1, place * 20))
            * (1 + 0.02 * breath)
        )
        x += 0.03 * strength * breath * np.exp(-(((place - 0.11) / 0.012) ** 2))  # valve
    spectrum = np.fft.rfft(x)
    f = np.fft.rfftfreq(samples, 1 / sample_rate)
    pipe = 1 + 2.5 * np.exp(-f / 1500) * np.cos(2 * np.pi * f / 340) ** 8  # quarter wave of half a metre
    x = np.fft.irfft(spectrum * pipe * (f > 25) * (1 + (f / 200) ** 2) ** 0.6 / (1 + (f / 5000) ** 2) ** 0.5, samples)
    return x + 0.004 * np.sqrt(np.mean(x * x)) * breath
