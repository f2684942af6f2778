"""Pieces of music for libraries: noises, of which no part is like another."""

import numpy as np

RATE = 48_000
SECONDS = 4.0
PIECES = 6


def noise(n: int) -> np.ndarray:
    """A sound that is like no other, and no part of it like another; int16 (samples, 2)."""
    rng = np.random.default_rng(n)
    count, width = round(RATE * SECONDS), (2, 9, 40, 160, 400, 900)[n]  # from bright to dark, in beats of their own
    x = np.cumsum(rng.normal(0, 1, (count, 2)), axis=0)
    x -= np.concatenate([np.zeros((width, 2)), x[:-width]])
    x *= np.exp(-((np.arange(count) * (n + 1) / RATE) % 1) * n)[:, None]
    return np.round(x / np.abs(x).max() * 9000).astype(np.int16)
