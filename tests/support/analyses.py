"""What a film would have told, made up: so that composing is tested without reading films."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from rtengine.film.analysis import Analysis
from rtengine.film.cuts import Cut
from rtengine.film.impacts import Impact
from rtengine.film.mood import RATE, Mood
from rtengine.film.reader import Film
from rtengine.film.speech import Speech


def told(
    end: float = 30.0,
    cuts: tuple[float, ...] = (),
    impacts: tuple[float, ...] = (),
    valence: float = 0.3,
    arousal: float = 0.2,
    speech: tuple[tuple[float, float], ...] = (),
    seed: int = 0,
) -> Analysis:
    """An analysis with these moments; its motion wanders, and is higher in the second half."""
    random, count = np.random.default_rng(seed), int(np.ceil(end * RATE))
    wander = np.convolve(random.normal(0, 0.5, count + 8), np.ones(9) / 9, "valid")
    motion = np.clip(0.4 + wander + 0.3 * (np.arange(count) > count / 2), 0, 1).astype(np.float32)
    flat = np.full(count, 1, np.float32)
    mood = Mood(motion, flat * 0.5, flat * 0.3, flat * 0, flat * valence, flat * arousal)
    film = Film(Path("made.mp4"), 320, 180, Fraction(25), end, 0.0, True, end)
    return Analysis(film, end, int(end * 25), [Cut(t, 0.8) for t in cuts], [], [Impact(t, 0.9) for t in impacts], mood,
                    (110.0, 0.1), [Speech(*s) for s in speech])  # fmt: skip
