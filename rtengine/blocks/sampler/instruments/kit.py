"""A drum kit on the keys of General MIDI: swept sines, noise through bands, and clusters of partials for metal."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rtengine.blocks.sampler.bank import Maker, Zone
from rtengine.blocks.sampler.instruments.partials import faded, levelled

RATE = 44_100  # Hz: cymbals want the top octave
Array = NDArray[np.float64]


def kit(make: Maker, random: np.random.Generator) -> None:
    """Kick, sticks, snare, clap, hats, toms, cymbals, shaker, tambourine."""
    drums: dict[int, tuple[Callable[[], Array], float, float, int]] = {  # sound, gain, pan, group
        36: (lambda: kick(random), 1.0, 0.0, 0),
        37: (lambda: stick(random), 0.5, -0.1, 0),
        38: (lambda: snare(random), 0.75, -0.05, 0),
        39: (lambda: clap(random), 0.6, 0.1, 0),
        42: (lambda: metal(random, 0.09, 7000), 0.32, 0.3, 1),
        44: (lambda: metal(random, 0.06, 6000), 0.28, 0.3, 1),
        46: (lambda: metal(random, 0.5, 6500), 0.34, 0.3, 1),
        45: (lambda: tom(random, 82), 0.8, 0.25, 0),
        47: (lambda: tom(random, 110), 0.8, 0.0, 0),
        50: (lambda: tom(random, 150), 0.75, -0.25, 0),
        49: (lambda: metal(random, 1.9, 3500, wash=1.4), 0.5, -0.3, 0),
        51: (lambda: metal(random, 1.3, 5000, wash=0.25), 0.36, 0.4, 0),
        54: (lambda: metal(random, 0.16, 8000), 0.4, 0.2, 0),
        70: (lambda: shaker(random), 0.35, 0.35, 0),
    }
    zones = []
    for key, (sound, gain, pan, group) in drums.items():
        start, end = make.sample(levelled(faded(sound(), 0.03, RATE), peak=0.9))
        zones.append(Zone(key, key, start=start, end=end, root=key, rate=RATE, gain=gain, pan=pan, group=group,
                          tracking=0.0, release=3.0, cutoff=16_000, brightness=1.0, send=0.15))  # fmt: skip
    make.preset("kit", zones)


def _time(seconds: float) -> Array:
    return np.arange(int(seconds * RATE)) / RATE


def _band(x: Array, low: float, high: float) -> Array:
    """Noise between two frequencies, its edges an octave wide."""
    f = np.fft.rfftfreq(len(x), 1 / RATE)
    rise, fall = 1 / (1 + (low / np.maximum(f, 1)) ** 4), 1 / (1 + (f / high) ** 4)
    return np.fft.irfft(np.fft.rfft(x) * rise * fall, len(x))


def kick(random: np.random.Generator) -> Array:
    """A sine that falls from 160 to 48 Hz, with a click."""
    t = _time(0.45)
    sweep = 2 * np.pi * np.cumsum(48 + 112 * np.exp(-t / 0.028)) / RATE
    return np.tanh(1.6 * np.sin(sweep) * np.exp(-t / 0.11)) + 0.15 * _band(
        random.normal(size=len(t)), 1500, 6000
    ) * np.exp(-t / 0.004)


def stick(random: np.random.Generator) -> Array:
    """A rim: two short modes."""
    t = _time(0.12)
    modes = np.sin(2 * np.pi * 1720 * t) * np.exp(-t / 0.012) + 0.7 * np.sin(2 * np.pi * 830 * t) * np.exp(-t / 0.018)
    return modes + 0.3 * _band(random.normal(size=len(t)), 1000, 9000) * np.exp(-t / 0.006)


def snare(random: np.random.Generator) -> Array:
    """A skin's two modes and the wires' noise."""
    t = _time(0.32)
    skin = np.sin(2 * np.pi * (185 + 40 * np.exp(-t / 0.01)) * t) * np.exp(-t / 0.06) + 0.5 * np.sin(
        2 * np.pi * 331 * t
    ) * np.exp(-t / 0.04)
    wires = _band(random.normal(size=len(t)), 1200, 9500) * (np.exp(-t / 0.075) + 0.5 * np.exp(-t / 0.012))
    return 0.8 * skin + 0.75 * wires


def clap(random: np.random.Generator) -> Array:
    """Four hands not quite together, then the room."""
    t = _time(0.3)
    hands = sum(
        (np.where(t >= s, np.exp(-(t - s) / 0.007), 0) for s in (0, 0.011, 0.021)),
        np.where(t >= 0.03, np.exp(-(t - 0.03) / 0.06), 0),
    )
    return _band(random.normal(size=len(t)), 900, 5000) * hands


def tom(random: np.random.Generator, pitch: float) -> Array:
    """A skin that is struck: its pitch falls a little."""
    t = _time(0.55)
    sweep = 2 * np.pi * np.cumsum(pitch * (1 + 0.5 * np.exp(-t / 0.03))) / RATE
    skin = np.sin(sweep) * np.exp(-t / 0.16) + 0.35 * np.sin(1.59 * sweep) * np.exp(-t / 0.08)
    return skin + 0.12 * _band(random.normal(size=len(t)), 500, 5000) * np.exp(-t / 0.01)


def metal(random: np.random.Generator, seconds: float, low: float, wash: float = 0.5) -> Array:
    """A cymbal: many partials without order, and noise that swells behind them."""
    t = _time(min(3.0 * seconds, 2.8))
    partials = np.sort(random.uniform(low * 0.35, 15_000, 60))
    x = sum(
        (
            random.uniform(0.3, 1)
            * np.sin(2 * np.pi * f * t + random.uniform(0, 6.28))
            * np.exp(-t / (seconds * random.uniform(0.25, 0.6)))
            for f in partials
        ),
        np.zeros(len(t)),
    )
    noise = _band(random.normal(size=len(t)), low, 16_000)
    return (
        0.12 * _band(x, low, 16_000) + wash * noise * np.exp(-t / (0.35 * seconds)) + 0.4 * noise * np.exp(-t / 0.012)
    )


def shaker(random: np.random.Generator) -> Array:
    """Grains that arrive softly."""
    t = _time(0.12)
    return _band(random.normal(size=len(t)), 5000, 12_000) * np.minimum(t / 0.02, 1) * np.exp(-t / 0.028)
