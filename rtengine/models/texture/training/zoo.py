"""Textures without a name, for training: so that the network learns to read a fingerprint, not a list of sounds.

Each is a known exemplar transformed (played faster, backwards, equalised), two of them at once, or random events.
Recordings are transformed likewise, so that a few stand for many.
"""

import zlib

import numpy as np
import soxr
from numpy.typing import NDArray

from rtengine.models.exemplars import EXEMPLARS, exemplar
from rtengine.models.texture.bands import SAMPLE_RATE

Samples = NDArray[np.float32]
KINDS = 3


def unnamed(number: int, seconds: float, seed: int) -> Samples:
    """The texture of this number, (samples,) float32 at 44.1 kHz, RMS -20 dBFS; seeds are realisations of it."""
    texture = np.random.default_rng([number, zlib.crc32(b"zoo")])  # what kind of sound it is
    chance = np.random.default_rng([number, seed, zlib.crc32(b"take")])  # and this take of it
    kind = number % KINDS
    if kind == 0:
        x = _transformed(texture, seconds, seed)
    elif kind == 1:
        x = _transformed(texture, seconds, seed) + 10 ** texture.uniform(-0.4, 0.4) * _transformed(
            texture, seconds, seed + 50
        )
    else:
        x = _random_events(texture, chance, seconds)
    return (x * (0.1 / np.sqrt(np.mean(x * x)))).astype(np.float32)


def _transformed(texture: np.random.Generator, seconds: float, seed: int) -> Samples:
    names = sorted(EXEMPLARS)
    name = names[texture.integers(len(names))]
    speed = 2 ** texture.uniform(-0.8, 0.8)
    x = exemplar(name, seconds * speed + 0.2, SAMPLE_RATE, seed)
    x = np.asarray(soxr.resample(x, SAMPLE_RATE * speed, SAMPLE_RATE), np.float32)[: round(seconds * SAMPLE_RATE)]
    x = np.pad(x, (0, round(seconds * SAMPLE_RATE) - len(x)))
    return _equalised(texture, x[::-1] if texture.random() < 0.4 else x)


def varied(x: Samples, number: int) -> Samples:
    """A recording, (samples,) at 44.1 kHz, as another: faster or slower, backwards or not, equalised."""
    chance = np.random.default_rng([number, zlib.crc32(b"varied")])
    speed = 2 ** chance.uniform(-0.6, 0.6)
    x = np.asarray(soxr.resample(x, SAMPLE_RATE * speed, SAMPLE_RATE), np.float32)
    return _equalised(chance, x[::-1] if chance.random() < 0.4 else x)


def _equalised(texture: np.random.Generator, x: Samples) -> Samples:
    """With a smooth random curve of some decibels over the spectrum."""
    octaves = np.log2(np.fft.rfftfreq(len(x), 1 / SAMPLE_RATE) / 1000 + 1e-3)
    tilt = texture.normal(0, 2.0) * octaves
    waves = sum(texture.normal(0, 4.0) * np.cos(octaves * r + texture.uniform(0, 6.3)) for r in (0.5, 1.0, 1.7))
    gain = 10 ** (np.clip(tilt + waves, -20, 20) / 20)
    return np.fft.irfft(np.fft.rfft(x) * gain, len(x)).astype(np.float32)


def _random_events(texture: np.random.Generator, chance: np.random.Generator, seconds: float) -> Samples:
    """Events of one random family over a bed of noise: bursts, rings or chirps."""
    samples = round(seconds * SAMPLE_RATE)
    x = 10 ** texture.uniform(-2.5, -0.7) * chance.standard_normal(samples).astype(np.float32)
    rate = 10 ** texture.uniform(0.3, 1.9)  # a second
    length, spread = 10 ** texture.uniform(-1.8, -0.2), texture.uniform(0, 0.5)
    pitch, width = 10 ** texture.uniform(2.3, 3.9), texture.uniform(0.1, 1.2)
    glide = texture.normal(0, 1.2) * (texture.random() < 0.6)
    noisy, attack = texture.choice([0.0, 0.3, 1.0]), texture.uniform(0.001, 0.4)
    partials = texture.uniform(1, 4, texture.integers(1, 5))
    for _ in range(chance.poisson(rate * seconds)):
        t = np.arange(int(SAMPLE_RATE * min(length * 2 ** chance.normal(0, spread), seconds))) / SAMPLE_RATE
        if len(t) < 64:
            continue
        life = t / t[-1]
        f = pitch * 2 ** (chance.normal(0, width) + glide * life)
        phase = 2 * np.pi * np.cumsum(f) / SAMPLE_RATE
        y = sum(np.sin(p * phase) / (1 + i) for i, p in enumerate(partials) if p * f.max() < 20000)
        y = y + noisy * chance.standard_normal(len(t)) * 2
        y = y * np.minimum(life / attack, 1) * np.exp(-4 * life) * 2 ** chance.normal(0, 0.7)
        start = int(chance.integers(-len(t), samples))
        skip = max(0, -start)
        x[start + skip : start + len(t)] += y[skip : samples - start].astype(np.float32)
    return _equalised(texture, x)
