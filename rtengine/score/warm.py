"""Everything native that a score needs, compiled or loaded before the first sound: none of it while somebody plays."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from rtengine.blocks.limiter import Limiter
from rtengine.blocks.sampler.instruments.own import own_bank
from rtengine.blocks.sampler.sampler import CHANNELS, Sampler
from rtengine.film.analysis import Analysis
from rtengine.film.look import Look
from rtengine.film.mood import Mood, lively
from rtengine.film.reader import LONG, SHORT, Film, Picture
from rtengine.graph import Graph
from rtengine.score.compose import compose
from rtengine.score.play import SAMPLE_RATE


def warm() -> None:
    """Look at a picture that moves, write a piece, and build what an export is rendered with."""
    random, look = np.random.default_rng(0), Look()
    place = random.integers(16, 235, (SHORT, LONG + 8), np.uint8)
    colour = np.full((SHORT // 2, LONG // 2), 128, np.uint8)
    for n in range(8):
        look.add(Picture(n / 25, np.ascontiguousarray(place[:, n : n + LONG]), colour, colour))
    lively(look.close(), [])
    curve = np.zeros(20, np.float32)
    film = Film(Path(), LONG, SHORT, Fraction(25), 5.0, 0.0, False, 5.0)
    compose(Analysis(film, 5.0, 125, [], [], [], Mood(*[curve] * 6), (110.0, 0.0), []))
    with Graph(SAMPLE_RATE, 2, sampler=Sampler(own_bank(), ["piano"] * CHANNELS), limiter=Limiter()) as graph:
        graph.process(np.zeros((2, 64), np.float32))
    with Graph(SAMPLE_RATE, 2, limiter=Limiter()) as graph:
        graph.process(np.zeros((2, 64), np.float32))
