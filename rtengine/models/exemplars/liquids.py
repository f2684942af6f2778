"""Exemplars of water: a stream, rain, the sea."""

import numpy as np

from rtengine.models.exemplars.parts import Samples, add, poisson, rush, time


def water(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """A stream: rushing water, and bubbles that ring, rise and are damped.

    A bubble of radius r (m) rings at 3/r Hz (Minnaert), is damped by 0.13/r + 0.0072 r^-1.5 and rises in pitch as it
    nears the surface.  Source: van den Doel, "Physically based models for liquid sounds", ACM TAP 2005, eq. 2 to 6.
    """
    x = 0.10 * rush(generator, samples, sample_rate, low=350, high=2500, flutter=5.0, depth=0.35)
    x += 0.03 * rush(generator, samples, sample_rate, low=2500, high=9000, flutter=12.0, depth=0.5)
    for start in poisson(generator, samples, sample_rate, rate=90):
        radius = min(0.0006 * (1 + generator.pareto(1.1)), 0.008)  # m: 5 kHz to 375 Hz
        frequency = 3.0 / radius
        damping = 0.13 / radius + 0.0072 * radius**-1.5
        damping *= generator.uniform(0.3, 0.7)  # softer than the theory: cavities ring longer than free bubbles
        rise = generator.uniform(0.1, 0.5) * damping * (generator.random() < 0.8)
        t = time(min(0.3, 7 / damping), sample_rate)
        phase = 2 * np.pi * frequency * (t + 0.5 * rise * t * t)
        loudness = (radius / 0.004) ** 0.35 * generator.gamma(0.6)
        add(x, start, loudness * np.sin(phase) * np.exp(-damping * t) * np.minimum(1, t / 0.0015))
    return x


def rain(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """Heavy rain: near drops that tick and ring as they fall on leaves and puddles, and the hiss of the far ones.

    Drop diameters are exponentially distributed (Marshall and Palmer, J. Meteorology 5, 1948); a drop's sound is a
    short impact, and of some the ring of the bubble it traps, which lasts a few milliseconds at 2 to 14 kHz
    (Pumphrey and Crum, JASA 85, 1989). Amplitudes fall with a distance drawn evenly over a plane.
    """
    x = 0.22 * rush(generator, samples, sample_rate, low=1100, high=14000, flutter=3.0, depth=0.08)
    x += 0.10 * rush(generator, samples, sample_rate, low=150, high=900, flutter=2.0, depth=0.15)
    clicks = [generator.standard_normal(int(s * sample_rate) + 2) for s in (0.0004, 0.0008, 0.0015, 0.003)]
    clicks = [y * np.exp(-4 * np.arange(len(y)) / len(y)) for y in clicks]
    for start in poisson(generator, samples, sample_rate, rate=420):
        diameter = min(0.5 + generator.exponential(0.8), 4.0)  # mm; larger ones break up
        loudness = 0.5 * diameter**1.5 / np.sqrt(generator.uniform(0.3, 16))
        add(x, start, loudness * clicks[generator.integers(4)])
        if generator.random() < 0.4:
            frequency = 14000 / diameter ** generator.uniform(0.8, 1.6)
            length = generator.uniform(14, 50) / frequency ** generator.uniform(0.97, 1.03)
            t = time(length, sample_rate)
            add(x, start, 1.6 * loudness * np.sin(2 * np.pi * frequency * t) * np.exp(-5 * t / length))
    return x


def waves(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """Surf: each wave swells, breaks with a roar that brightens, and runs back over the beach in a fizz of bubbles.

    Breaking is loudest at low frequencies and broad (bubble plumes: Means and Heitmeyer, JASA 111, 2002); the fizz is
    of small bubbles that burst, above 3 kHz.
    """
    roar = rush(generator, samples, sample_rate, low=90, high=500, flutter=6.0, depth=0.25)
    crash = rush(generator, samples, sample_rate, low=450, high=3500, flutter=14.0, depth=0.3)
    spray = rush(generator, samples, sample_rate, low=4000, high=16000, flutter=25.0, depth=0.35)
    x = 0.12 * roar + 0.10 * crash + 0.05 * spray  # the sea farther out
    t = np.arange(samples) / sample_rate
    begin = -generator.uniform(2.5, 5.0)
    fizz = np.full(samples, 0.02)
    while begin < t[-1]:
        size, swell = generator.uniform(0.6, 1.2), generator.uniform(0.5, 1.0)
        u = t - begin
        for sound, level, late, fall in ((roar, 1.0, 0.0, 0.9), (crash, 0.9, 0.15, 0.7), (spray, 0.45, 0.3, 0.8)):
            peak = swell + late
            shape = np.where(u < peak, np.exp(-(((u - peak) / (0.45 * swell)) ** 2)), np.exp(-(u - peak) / fall))
            x += size * level * shape * sound
        fizz += (
            size * np.exp(-np.maximum(0, u - swell - 0.3) / 1.2) / (1 + np.exp(np.minimum(50, -8 * (u - swell - 0.3))))
        )
        begin += generator.uniform(1.3, 2.3)
    for start in poisson(generator, samples, sample_rate, rate=700):
        if generator.random() < fizz[max(0, start)]:
            frequency = generator.uniform(2500, 13000)
            t = time(20 / frequency, sample_rate)
            add(
                x, start, 0.3 * generator.gamma(0.8) * np.sin(2 * np.pi * frequency * t) * np.exp(-0.25 * frequency * t)
            )
    return x
