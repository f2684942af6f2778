"""Instruments that are struck or plucked and die away: piano, guitar, bass, bells."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rtengine.blocks.sampler.bank import Maker, Zone
from rtengine.blocks.sampler.instruments.partials import RATE, faded, frequency, levelled, struck

MOST_PARTIALS = 48  # partials


def piano(make: Maker, random: np.random.Generator) -> None:
    """Stretched partials in pairs that beat, a hammer at an eighth of the string, a knock."""
    zone = Zone(release=0.22, cutoff=9000, brightness=2.6, send=0.35, gain=2.2)
    _keys(make, "piano", range(28, 104, 5), zone, lambda n: _piano(n, random), pan=0.35)


def _piano(note: int, random: np.random.Generator) -> NDArray[np.float64]:
    f0 = frequency(note)
    k = np.arange(1, min(MOST_PARTIALS, int(0.45 * RATE / f0)) + 1)
    stiff = 2.8e-4 * 2 ** ((note - 52) / 14)  # H. Fletcher, 1964: f_k = k f0 sqrt(1 + B k^2)
    f = k * f0 * np.sqrt(1 + stiff * k * k)
    strike = np.abs(np.sin(np.pi * k / 8.3)) + 0.05
    a = strike * k**-0.9 * np.exp(-k * f0 / 3800)
    decay = 9.0 * 2 ** (-(note - 40) / 17) / (1 + 0.12 * k + (f / 6000) ** 2)
    seconds = float(np.clip(decay[0] * 0.75, 0.7, 4.0))
    beat = 2 ** (random.uniform(0.3, 0.9, len(k)) / 1200)
    x = struck([*f, *(f * beat)], [*(0.6 * a), *(0.4 * a)], [*(0.45 * decay), *(1.3 * decay)], seconds)
    knock = random.normal(size=int(0.03 * RATE)) * np.exp(-np.arange(int(0.03 * RATE)) / (0.006 * RATE))
    knock = np.convolve(knock, np.hanning(24) / 12, "same")
    x[: len(knock)] += 0.1 * np.abs(x).max() * knock
    return faded(x)


def guitar(make: Maker, random: np.random.Generator) -> None:
    """Nylon: plucked at a fifth of the string, a body at 100 and 200 Hz."""
    zone = Zone(release=0.12, cutoff=6500, brightness=2.0, send=0.3, gain=2.2)
    _keys(make, "guitar", range(40, 89, 4), zone, lambda n: _plucked(n, 0.21, 4.5, 1.25, 2600, random), pan=0.15)


def bass(make: Maker, random: np.random.Generator) -> None:
    """An electric bass played with fingers: few partials, a long fundamental."""
    zone = Zone(release=0.09, cutoff=2600, brightness=2.0, send=0.08, gain=0.9)
    _keys(make, "bass", range(24, 61, 4), zone, lambda n: _plucked(n, 0.31, 5.0, 1.5, 900, random), pan=0.0)


def _plucked(note: int, place: float, long: float, steep: float, bright: float, random: np.random.Generator
             ) -> NDArray[np.float64]:  # fmt: skip
    """A string plucked at `place` of its length: partial k has sin(pi k place) / k^steep."""
    f0 = frequency(note)
    k = np.arange(1, min(MOST_PARTIALS, int(0.45 * RATE / f0)) + 1)
    a = np.abs(np.sin(np.pi * k * place)) * k**-steep * np.exp(-k * f0 / (3 * bright)) + 1e-3 * k**-2.0
    decay = long * 2 ** (-(note - 40) / 20) / (1 + 0.25 * (k - 1) + k * f0 / bright)
    seconds = float(np.clip(decay[0] * 0.9, 0.8, 3.5))
    x = struck(k * f0 * np.sqrt(1 + 4e-5 * k * k), a, decay, seconds, attack=0.0015)
    click = random.normal(size=int(0.008 * RATE)) * np.hanning(int(0.008 * RATE))
    x[: len(click)] += 0.03 * np.abs(x).max() * click
    return faded(x)


def bells(make: Maker, random: np.random.Generator) -> None:
    """A glockenspiel: the modes of a free bar, 1 : 2.756 : 5.404 : 8.933."""
    zone = Zone(release=0.9, cutoff=12_000, brightness=1.2, send=0.6, gain=0.32)
    ratios, a = np.array([1.0, 2.0, 2.756, 5.404, 8.933]), [1.0, 0.12, 0.5, 0.28, 0.15]
    decay = np.array([3.2, 2.0, 1.4, 0.6, 0.3])

    def bar(note: int) -> NDArray[np.float64]:
        length = 2 ** (-(note - 72) / 30)
        return faded(struck(ratios * frequency(note) * (1 + 1e-3 * random.random(5)), a, decay * length, 2.6 * length,
                            attack=0.0006))  # fmt: skip

    _keys(make, "bells", range(60, 105, 5), zone, bar, pan=0.3)


def _keys(make: Maker, name: str, notes: Sequence[int], zone: Zone, sound: Callable[[int], NDArray[np.float64]],
          pan: float) -> None:  # fmt: skip
    """A zone for each note, reaching half way to the next; low left, high right."""
    zones, gap = [], notes[1] - notes[0]
    for i, note in enumerate(notes):
        start, end = make.sample(levelled(sound(note), peak=0.7))
        side = pan * (2 * i / (len(notes) - 1) - 1)
        zones.append(zone._replace(
            key_low=0 if i == 0 else note - gap // 2,
            key_high=127 if i == len(notes) - 1 else notes[i + 1] - gap // 2 - 1,
            start=start, end=end, root=note, rate=RATE, pan=side,
        ))  # fmt: skip
    make.preset(name, zones)
