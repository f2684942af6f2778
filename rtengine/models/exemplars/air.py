"""Exemplars of air: fire, wind."""

import numpy as np

from rtengine.models.exemplars.parts import Samples, add, poisson, rush, shaped, slow, time


def fire(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """A log fire: crackles in avalanches, the hiss of steam and the low flapping of the flames.

    Crackles are crowded, and their sizes follow a power law (Sethna, Dahmen and Myers, "Crackling noise", Nature 410,
    2001); flames, hiss and crackles as three layers: Farnell, "Designing Sound", MIT Press 2010, ch. 34.
    """
    x = 0.3 * rush(generator, samples, sample_rate, low=60, high=220, flutter=7.0, depth=0.5)
    x += 0.06 * rush(generator, samples, sample_rate, low=500, high=3000, flutter=9.0, depth=0.5)
    x += 0.07 * rush(generator, samples, sample_rate, low=4500, high=15000, flutter=4.0, depth=0.5)
    for first in poisson(generator, samples, sample_rate, rate=8):
        start = first
        for _ in range(1 + generator.geometric(0.16)):  # one crack sets off others
            size = min(0.4 * (1 + generator.pareto(1.4)), 7.0)
            add(x, start, size * _crack(generator, sample_rate))
            start += int(generator.exponential(0.018) * sample_rate)
    return x


def _crack(generator: np.random.Generator, sample_rate: float) -> Samples:
    """Wood that splits: a click of noise, and the splinter's own resonance, a few milliseconds long."""
    length = generator.uniform(0.004, 0.02)
    t = time(length, sample_rate)
    frequency = min(700 * 2 ** generator.uniform(0, 4), 0.4 * sample_rate)
    noise = generator.standard_normal(len(t)) * np.exp(-t / generator.uniform(0.0004, 0.002))
    ring = np.sin(2 * np.pi * frequency * t + generator.uniform(0, 6.28)) * np.exp(-6 * t / length)
    return noise + generator.uniform(0.3, 1.2) * ring


def wind(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """A gale: gusts that roar, howl in gaps and wires, and hiss in leaves.

    What stands in the wind sheds vortices at f = 0.2 v / d (Strouhal), so that its narrow whistle glides with the
    wind's speed v, and loudens with v^3. Source: Farnell, "Designing Sound", MIT Press 2010, ch. 41.
    """
    gusts = slow(generator, samples, sample_rate, 0.7) + 0.35 * slow(generator, samples, sample_rate, 3.0)
    x = 0.7 * shaped(generator, samples, sample_rate, lambda f: (f > 30) / (1 + (f / 160) ** 1.5))
    x *= np.exp(0.35 * gusts)
    leaves = shaped(
        generator, samples, sample_rate, lambda f: (f / 3000) ** 2 / (1 + (f / 3000) ** 2 + (f / 9000) ** 4)
    )
    x += 0.07 * leaves * np.exp(0.8 * gusts + 0.3 * slow(generator, samples, sample_rate, 9.0))
    for gap in (0.0009, 0.0021, 0.0036, 0.0055):  # m; at 12 m/s 2.7 kHz to 440 Hz
        own = 0.8 * gusts + 0.6 * slow(generator, samples, sample_rate, 0.9)
        speed = 12 * np.exp(0.24 * own)  # m/s
        turns = np.cumsum(0.2 * speed / gap) / sample_rate
        width = 20 + 0.03 / gap  # Hz
        breath = slow(generator, samples, sample_rate, width) * np.cos(2 * np.pi * turns)
        breath += slow(generator, samples, sample_rate, width) * np.sin(2 * np.pi * turns)
        x += 0.35 * (gap / 0.003) ** 0.6 * (speed / 12) ** 3 * breath
    return x
