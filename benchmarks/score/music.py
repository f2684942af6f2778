"""Figures of notes alone: key, pitch classes, groove, structure. Each between 0 and 1 but the entropy.

Pitch-class entropy and grooving similarity: S.-L. Wu, Y.-H. Yang, "The Jazz Transformer on the front line", ISMIR 2020,
section 5 (bits of the histogram; 1 minus the mean difference of onset vectors, over all pairs of bars).
"""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
STEPS, BEATS = 16, 4  # of a bar
USUAL = (2.2, 3.3)  # bits: the pitch-class entropy of tonal pieces; a chromatic one has 3.58
SHORTEST = 5  # bars from which something can come again
BARS = 96  # at most, of which all pairs are compared


class Event(NamedTuple):
    """A note: beat, length in beats, pitch, loudness 0 to 1."""

    beat: float
    length: float
    pitch: int
    loudness: float


def entropy(notes: Sequence[Event]) -> float:
    """Of the pitch classes, bits."""
    p = np.bincount([n.pitch % 12 for n in notes], minlength=12) / max(len(notes), 1)
    return float(-sum(v * np.log2(v) for v in p if v > 0))


def in_key(notes: Sequence[Event]) -> float:
    """The share of notes in the scale, of all major and minor ones, that holds most; 7/12 is chance, and gives 0."""
    p = np.bincount([n.pitch % 12 for n in notes], minlength=12) / max(len(notes), 1)
    best = max(sum(p[(k + s) % 12] for s in scale) for k in range(12) for scale in (MAJOR, MINOR))
    return float(np.clip((best - 7 / 12) / (5 / 12), 0, 1))


def onsets(notes: Sequence[Event]) -> NDArray[np.bool_]:
    """(bars, STEPS): where something sets in."""
    count = int(max((n.beat for n in notes), default=0) // BEATS) + 1
    grid = np.zeros((min(count, BARS), STEPS), bool)
    for n in notes:
        step = round(n.beat * STEPS / BEATS)
        if 0 <= step < grid.size:
            grid.flat[step] = True
    return grid


def grooving(notes: Sequence[Event]) -> float:
    """How alike the bars' onsets are."""
    bars = onsets(notes)
    if len(bars) < 2:
        return 1.0
    return float(1 - np.mean([np.mean(a ^ b) for a, b in combinations(bars, 2)]))


def structure(notes: Sequence[Event]) -> float:
    """How much more a bar resembles its best earlier bar than an average one, in pitch classes and onsets together."""
    count = min(int(max((n.beat for n in notes), default=0) // BEATS) + 1, BARS)
    if count < SHORTEST:
        return 0.0
    vectors = np.zeros((count, 12 + STEPS))
    for n in notes:
        bar = int(n.beat // BEATS)
        if 0 <= bar < count:
            vectors[bar, n.pitch % 12] += min(n.length, BEATS)
            vectors[bar, 12 + int((n.beat % BEATS) * STEPS / BEATS)] = 1
    vectors -= vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    alike = vectors @ vectors.T
    best = [max(alike[i, :i]) for i in range(4, count)]
    return float(np.clip(np.mean(best), 0, 1))


def consonance(notes: Sequence[Event]) -> float:
    """The share of intervals that sound together which are thirds, fourths, fifths, sixths or octaves, above chance."""
    pairs = good = 0
    held = sorted(notes)
    for i, a in enumerate(held):
        for b in held[i + 1 : i + 24]:
            if b.beat >= a.beat + a.length:
                break
            pairs += 1
            good += (a.pitch - b.pitch) % 12 in (0, 3, 4, 5, 7, 8, 9)
    return float(np.clip((good / pairs - 7 / 12) / (5 / 12), 0, 1)) if pairs else 1.0


def figures(tonal: Sequence[Event], everything: Sequence[Event]) -> dict[str, float]:
    """All of them and `music`, their mean; `tonal` without drums."""
    e = entropy(tonal)
    band = float(np.clip(1 - max(USUAL[0] - e, e - USUAL[1], 0) / 0.5, 0, 1))
    parts = {"in key": in_key(tonal), "grooving": grooving(everything), "structure": structure(tonal),
             "consonance": consonance(tonal), "entropy in its band": band}  # fmt: skip
    if max((n.beat for n in tonal), default=0) < SHORTEST * BEATS:
        del parts["structure"]  # where nothing can come again, nothing is missing
    return {"music": float(np.mean(list(parts.values()))), "entropy": e, **parts}
