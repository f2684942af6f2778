"""Exemplars of what is struck: glass, metal, bells."""

import numpy as np

from rtengine.models.exemplars.parts import Samples, add, poisson, room, struck

GLASS = np.array([1.0, 2.32, 4.25, 6.63, 9.38])  # modes of a wine glass: French, Am. J. Physics 51, 1983
BAR = np.array([1.0, 2.756, 5.404, 8.933, 13.34, 18.64])  # free bar: Fletcher and Rossing, 1998, eq. 2.64
BELL = np.array([0.5, 1.0, 1.2, 1.5, 2.0, 2.51, 2.66, 3.01, 4.17, 5.43, 6.8, 8.21])  # Rossing and Perrin, 1987
BELL_LENGTHS = np.array([5.5, 3.6, 3.2, 1.9, 2.4, 1.3, 1.2, 1.1, 0.8, 0.6, 0.45, 0.35])  # s, of a bell at 440 Hz
BELL_LEVELS = np.array([0.45, 0.7, 0.75, 0.3, 1.0, 0.35, 0.35, 0.5, 0.4, 0.28, 0.18, 0.12])
PEAL = (392.0, 440.0, 493.9, 587.3, 659.3, 784.0, 880.0, 1174.7)  # Hz, strike notes


def glass(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """Breaking and stirred glass: splinters that ring high and clear, in cascades.

    Many small collisions of a few objects: Cook, "Physically informed sonic modeling (PhISM)", CMJ 21(3), 1997.
    """
    x = np.zeros(samples)
    pieces = [_piece(generator, 1800 * 2 ** (2.2 * n / 36)) for n in range(36)]
    for first in poisson(generator, samples, sample_rate, rate=9.0, before=0.8):
        start, size = first, generator.uniform(0.4, 1.0)
        for n in range(1 + generator.geometric(0.22)):
            frequencies, lengths, levels = pieces[generator.integers(len(pieces))]
            blow = generator.uniform(0.3, 1.0, len(levels)) * levels  # where it is hit
            add(x, start, size * 0.88**n * struck(frequencies, lengths, blow, sample_rate, 0.0002))
            add(x, start, size * 0.15 * np.diff(generator.standard_normal(int(0.001 * sample_rate) + 2), n=2))
            start += int(generator.exponential(0.045) * sample_rate)
    return room(generator, x, sample_rate, 0.5, 0.15)


def _piece(generator: np.random.Generator, fundamental: float) -> tuple[Samples, Samples, Samples]:
    """One splinter: modes in Hz, lengths in s, levels. Every mode is split in two, for no splinter is round."""
    ratio = GLASS ** generator.uniform(0.85, 1.05) * np.exp(0.05 * generator.standard_normal(len(GLASS)))
    f = fundamental * np.concatenate([ratio, ratio * generator.uniform(1.002, 1.02, len(ratio))])
    lengths = generator.uniform(0.12, 0.55) * (2500 / f) ** 0.5
    return f, lengths, np.concatenate([1 / ratio**0.4, 0.6 / ratio**0.4])


def metal(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """Sheets, pipes and chains that clash: crowded inharmonic modes, blows that bounce, and a rattle.

    The modes of a plate lie as densely at all frequencies, those of a bar ever wider (Fletcher and Rossing, "The
    physics of musical instruments", Springer 1998, ch. 2 and 3); high modes are damped the more.
    """
    x = np.zeros(samples)
    things = [_plate(generator) for _ in range(4)] + [_pipe(generator) for _ in range(4)]
    for first in poisson(generator, samples, sample_rate, rate=3.6, before=1.5):
        frequencies, lengths, levels = things[generator.integers(len(things))]
        start, size, gap = first, generator.uniform(0.5, 1.0), generator.uniform(0.05, 0.16)
        for _ in range(generator.integers(1, 7)):  # it bounces
            blow = levels * generator.normal(0, 1, len(levels))
            add(x, start, size * struck(frequencies, lengths, blow, sample_rate))
            add(x, start, 0.4 * size * generator.standard_normal(int(0.002 * sample_rate)))
            start, size, gap = start + int(gap * sample_rate), 0.65 * size, 0.8 * gap
    chain = [_pipe(generator, 2200 * 2 ** generator.uniform(0, 1.5)) for _ in range(6)]
    for start in poisson(generator, samples, sample_rate, rate=22):
        frequencies, lengths, levels = chain[generator.integers(len(chain))]
        add(x, start, 0.35 * generator.gamma(0.6) * struck(frequencies, 0.06 * lengths, levels, sample_rate))
    return room(generator, x, sample_rate, 0.9, 0.12)


def _plate(generator: np.random.Generator) -> tuple[Samples, Samples, Samples]:
    f = np.sort(generator.uniform(250, 13000, 28))
    return f, generator.uniform(1.5, 2.6) / (1 + f / 4000), 0.5 / (1 + f / 5000)


def _pipe(generator: np.random.Generator, fundamental: float = 0.0) -> tuple[Samples, Samples, Samples]:
    f = (fundamental or generator.uniform(280, 1100)) * BAR
    return f, generator.uniform(1.5, 3.0) / (1 + f / 3000), 1.2 / np.sqrt(1.0 + np.arange(len(f)))


def bells(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """A peal of bells: hum, prime, minor third, fifth, octave and more, in strikes that ring into one another.

    Partials: Rossing and Perrin, "Vibrations of bells", Applied Acoustics 20, 1987; each is a beating pair, for no
    bell is quite round.
    """
    x = np.zeros(samples)
    start = -int(3.0 * sample_rate)
    order = generator.permutation(len(PEAL))
    n = 0
    while start < samples:
        note = PEAL[order[n % len(PEAL)]]
        f = note * np.concatenate([BELL, BELL * generator.uniform(1.0008, 1.003, len(BELL))])
        lengths = np.tile(BELL_LENGTHS * (440 / note) ** 0.5, 2) * generator.uniform(0.8, 1.1)
        levels = np.tile(BELL_LEVELS, 2) * generator.uniform(0.4, 1.0, len(f))
        size = generator.uniform(0.5, 1.0)
        add(x, start, size * struck(f, lengths, levels, sample_rate, 0.001))
        clapper = struck(note * np.array([9.9, 12.1, 14.6, 17.3]), np.full(4, 0.12), np.full(4, 0.4), sample_rate)
        add(x, start, size * clapper)
        start += int(generator.normal(0.27, 0.02) * sample_rate)
        n += 1
        if n % len(PEAL) == 0:  # neighbours change places at each round
            place = int(generator.integers(len(PEAL) - 1))
            order[[place, place + 1]] = order[[place + 1, place]]
    return room(generator, x, sample_rate, 1.6, 0.2)
