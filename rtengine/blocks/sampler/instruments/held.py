"""Instruments that hold a tone: strings, pad, flute, brass."""

from collections.abc import Sequence

import numpy as np

from rtengine.blocks.sampler.bank import GUARD, HELD, Maker, Zone
from rtengine.blocks.sampler.instruments.partials import LOOP, RATE, Sound, formants, frequency, levelled, spread

STRINGS = formants([(300, 0.4, 0.6), (700, 0.5, 0.8), (1300, 0.4, 0.7), (2600, 0.5, 0.9)], 7.0)
PAD = formants([(400, 0.8, 1.0), (1100, 0.6, 0.4)], 11.0)
BRASS = formants([(600, 0.6, 1.2), (1200, 0.5, 0.9), (2400, 0.5, 0.4)], 7.5)


def strings(make: Maker, random: np.random.Generator) -> None:
    """A section: partials as wide as several players are apart, a bow's hiss."""
    hiss = lambda f: 0.05 * np.exp(-0.5 * (np.log2(np.maximum(f, 20) / 4000) / 0.8) ** 2)  # noqa: E731
    notes = range(36, 97, 5)
    zone = Zone(attack=0.11, release=0.35, sustain=0.9, decay=0.6, cutoff=7000, brightness=1.6, send=0.5, gain=1.9)
    make.preset(
        "strings", _spread(make, notes, zone, [spread(n, STRINGS, 0.13, random, hiss) for n in notes], wide=True)
    )


def pad(make: Maker, random: np.random.Generator) -> None:
    """A soft, wide sum of fifths and octaves that opens slowly."""
    notes = range(36, 97, 6)
    sounds = []
    for n in notes:
        x = spread(n, PAD, 0.2, random).astype(np.float64)
        sounds.append(levelled(x + 0.5 * spread(n + 12, PAD, 0.25, random) + 0.22 * spread(n + 19, PAD, 0.25, random)))
    zone = Zone(attack=0.45, release=0.9, cutoff=1400, sweep=1.2, sweep_attack=1.2, sweep_sustain=0.6, sweep_decay=2,
                brightness=1.5, send=0.6, gain=1.9)  # fmt: skip
    make.preset("pad", _spread(make, notes, zone, sounds, wide=True))


def flute(make: Maker, random: np.random.Generator) -> None:
    """Few partials, a vibrato that sets in with the loop, breath."""
    notes = range(60, 97, 4)
    zone = Zone(attack=0.045, release=0.14, sustain=0.92, decay=0.4, cutoff=5000, brightness=1.2, send=0.45, gain=1.6)
    make.preset("flute", _spread(make, notes, zone, [_blown(n, random) for n in notes]))


def brass(make: Maker, random: np.random.Generator) -> None:
    """Bright as it is loud, and brighter when it sets in."""
    notes = range(36, 85, 4)
    zone = Zone(attack=0.035, release=0.18, sustain=0.8, decay=0.5, cutoff=1500, resonance=1.0, sweep=1.4,
                sweep_attack=0.05, sweep_decay=0.35, sweep_sustain=0.45, brightness=1.8, gain=2.8)  # fmt: skip
    make.preset("brass", _spread(make, notes, zone, [spread(n, BRASS, 0.035, random) for n in notes]))


def _blown(note: int, random: np.random.Generator) -> Sound:
    """A flute's tone with whole periods of 5 Hz vibrato in the loop, its breath around the partials."""
    n, f = np.arange(LOOP), round(frequency(note) * LOOP / RATE) * RATE / LOOP
    wobble = 10 * RATE / LOOP  # 10 periods: 4.9 Hz
    phase = 2 * np.pi * f * n / RATE + 0.0035 * f / wobble * np.sin(2 * np.pi * wobble * n / RATE)
    tremolo = 1 + 0.12 * np.sin(2 * np.pi * wobble * n / RATE + 0.8)
    amplitudes = (1.0, 0.45, 0.28, 0.1, 0.05, 0.025)
    x = sum(
        a * tremolo ** (k + 0.5) * np.sin((k + 1) * phase + k) for k, a in enumerate(amplitudes) if (k + 1) * f < 14_000
    )
    breath = spread(note, formants([(2 * f, 0.7, 1.0)], 4), 2.5, random)
    return levelled(x / np.std(x) + 0.05 * breath / breath.std())


def _spread(make: Maker, notes: Sequence[int], zone: Zone, sounds: Sequence[Sound],
            wide: bool = False) -> list[Zone]:  # fmt: skip
    """A zone a sample, from key to key; wide: the same loop read from two places, left and right."""
    zones, gap = [], notes[1] - notes[0]
    for i, (note, x) in enumerate(zip(notes, sounds, strict=True)):
        start, end = make.sample(np.concatenate([x[-GUARD:], x, x[:GUARD]]))  # around the seam is what belongs there
        start += GUARD
        low = 0 if i == 0 else note - gap // 2
        high = 127 if i == len(notes) - 1 else notes[i + 1] - gap // 2 - 1
        here = replace_zone(zone, low, high, start, end, len(x), note)
        if wide:
            other = here._replace(start=start + LOOP // 2, pan=0.7)
            zones += [here._replace(pan=-0.7, gain=here.gain * 0.75), other._replace(gain=here.gain * 0.75)]
        else:
            zones.append(here)
    return zones


def replace_zone(zone: Zone, low: int, high: int, start: int, end: int, length: int, note: int) -> Zone:
    """The zone with its keys and its loop."""
    return zone._replace(key_low=low, key_high=high, start=start, end=end, loop=HELD, loop_start=start,
                         loop_end=start + length, root=note, rate=RATE)  # fmt: skip
