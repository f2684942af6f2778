"""How well notes fit a film, with chance taken off: hits on cuts and visual beats, density against motion.

A hit: an accented onset within 40 ms of a cut, any onset within 40 ms of a visual beat. Chance: the same onsets, moved
round the film's length by 200 random amounts. lift = (rate - chance) / (1 - chance). An accent is louder than the
onsets around it that lie on no cut: where cuts follow one another closely, nearly all that is heard are accents.
Density is asked for where motion comes and goes; where it stands, there is nothing to follow.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rtengine.film.analysis import Analysis
from rtengine.film.mood import RATE
from rtengine.score.grid import Hit
from rtengine.score.notes import Note

NEAR = 0.04  # seconds
SHIFTS = 200
MERGED = 0.03  # seconds within which onsets are one
ACCENT, AROUND = 1.4, 2.0  # times the median loudness of the other onsets within so many seconds on each side
WINDOW = 2.0  # seconds over which density and motion are compared
VARIED = 0.12  # of motion, from its least to its most: what stands stiller cannot be followed
Times = NDArray[np.float64]


def loud_onsets(notes: Sequence[Note], cuts: Sequence[float] = ()) -> tuple[Times, Times]:
    """Onsets, and which of them are accents."""
    times: list[float] = []
    loud: list[float] = []
    for n in sorted(notes):
        if times and n.start - times[-1] < MERGED:
            loud[-1] += n.velocity
        else:
            times.append(n.start)
            loud.append(n.velocity)
    t, v = np.array(times), np.array(loud)
    off = np.array([all(abs(at - c) > NEAR for c in cuts) for at in t], bool)
    if not off.any():
        return t, t
    others = [v[off & (np.abs(t - at) <= AROUND)] for at in t]
    usual = np.array([np.median(o if len(o) else v[off]) for o in others])
    return t, t[v >= ACCENT * usual]


def rate(moments: Times, onsets: Times) -> float:
    """The share of moments that an onset meets."""
    if not len(onsets):
        return 0.0
    at = (
        np.clip(np.searchsorted(onsets, moments), 1, len(onsets) - 1)
        if len(onsets) > 1
        else np.zeros(len(moments), int)
    )
    near = np.minimum(np.abs(onsets[at] - moments), np.abs(onsets[at - 1] - moments))
    return float(np.mean(near <= NEAR))


def lift(
    moments: Sequence[float], onsets: Times, end: float, random: np.random.Generator
) -> tuple[float, float, float]:
    """(rate, chance, lift) of moments; all 0 if there are none."""
    m = np.array(moments, float)
    if not len(m):
        return 0.0, 0.0, 0.0
    found = rate(m, onsets)
    chance = float(np.mean([rate(m, np.sort((onsets + random.uniform(0, end)) % end)) for _ in range(SHIFTS)]))
    return found, chance, (found - chance) / max(1 - chance, 1e-9)


def follows(film: Analysis, onsets: Times) -> tuple[float, float]:
    """Spearman's correlation of onset density with motion, and the share of circular shifts that reach it (p).

    nan both where the motion is not VARIED.
    """
    centres = np.arange(0.25, film.end, 0.5)
    density = np.array([np.sum(np.abs(onsets - c) <= WINDOW / 2) for c in centres], float)
    density /= np.minimum(np.minimum(centres, film.end - centres) + WINDOW / 2, WINDOW)  # at the film's ends
    m = film.mood.motion
    motion = np.array(
        [m[max(int((c - WINDOW / 2) * RATE), 0) : int((c + WINDOW / 2) * RATE) + 1].mean() for c in centres]
    )
    if not len(motion) or np.ptp(motion) < VARIED:
        return np.nan, np.nan
    a, b = (_ranks(v) for v in (density, motion))
    found = _correlation(a, b)
    others = [_correlation(np.roll(a, s), b) for s in range(2, len(a) - 1)]
    return found, float((1 + sum(o >= found - 1e-12 for o in others)) / (1 + len(others)))


def _ranks(x: Times) -> Times:
    order = np.argsort(x, kind="stable")
    ranks = np.empty(len(x))
    ranks[order] = np.arange(len(x))
    for value in np.unique(x):
        ranks[x == value] = ranks[x == value].mean()
    return ranks


def _correlation(a: Times, b: Times) -> float:
    if a.std() < 1e-9 or b.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def figures(film: Analysis, hits: Sequence[Hit], notes: Sequence[Note], seed: int = 0) -> dict[str, float]:
    """All of it, and `sync`: the mean of what the film has, of cut lift, beat lift and correlation."""
    random = np.random.default_rng(seed)
    cuts, beats = [h.time for h in hits if h.cut], [h.time for h in hits if not h.cut]
    onsets, accents = loud_onsets(notes, cuts)
    cut, beat = lift(cuts, accents, film.end, random), lift(beats, onsets, film.end, random)
    rho, p = follows(film, np.array([n.start for n in notes]))
    parts = ([cut[2]] if cuts else []) + ([beat[2]] if beats else [])
    parts += [] if np.isnan(rho) else [max(rho, 0.0)]
    sync = float(np.mean(parts)) if parts else 0.0
    return {"sync": sync, "cut rate": cut[0], "cut chance": cut[1], "beat rate": beat[0], "beat chance": beat[1],
            "rho": rho, "p": p}  # fmt: skip
