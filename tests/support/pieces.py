"""Pieces of music for libraries: noises, of which no part is like another."""

import numpy as np

RATE = 48_000
SECONDS = 4.0
PIECES = 6


def noise(n: int) -> np.ndarray:
    """A sound that is like no other, and no part of it like another; int16 (samples, 2)."""
    rng = np.random.default_rng(n)
    x = np.cumsum(rng.normal(0, 1, (round(RATE * SECONDS), 2)), axis=0)
    x -= np.concatenate([np.zeros((50, 2)), x[:-50]])
    return np.round(x / np.abs(x).max() * 9000).astype(np.int16)
