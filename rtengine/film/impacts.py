"""Visual beats: moments at which something sets off, lands or stops, with their strength.

As an onset of sound is a rise of energy in some bands, a visual one is a sudden rise or fall of motion in some cells of
the picture. Both are summed, what is usual around the moment is taken off, and what stands out is picked.
After the idea of: A. Davis, M. Agrawala, "Visual rhythm and beat", ACM TOG 37 (2018); M. Mueller, "Fundamentals of
music processing", 6.1 (peak picking of novelty).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.film.cuts import Cut
from rtengine.film.look import Look

STOPPING = 0.7  # weight of a stop beside a start
AROUND = 1.5  # seconds on each side that tell what is usual
APART = 0.2  # seconds between two beats: the stronger counts
LEAST = 0.12  # strength of the faintest that is kept
TOP = 99.0  # percentile of strengths that counts as 1
AUDIBLE = 0.05  # of novelty: below it nothing happens, however much it stands out
MOVED = 0.3  # steps of 8 bits of motion around a beat at least: less is an encoder that settles
PULSE = 90  # percentile of the jumps at key frames that is the encoder's
GRID_RATE = 50  # Hz of the even clock for the tempo
SLOWEST, QUICKEST, USUAL = 55.0, 190.0, 110.0  # beats a minute


class Impact(NamedTuple):
    """A visual beat at `time` (seconds), strength 0 to 1."""

    time: float
    strength: float


def novelty(look: Look, cuts: Sequence[Cut]) -> NDArray[np.float32]:
    """How much sets off or stops at each frame; 0 around cuts, where all of it changes."""
    time, value = look.times, look.curve("start") + STOPPING * look.curve("stop")
    for cut in cuts:
        first = int(np.searchsorted(time, cut.time - 1e-6))
        value[max(first - 1, 0) : first + 4] = 0  # 4: `stop` looks two frames back
    value[:3] = 0
    motion = np.pad(look.curve("motion"), 2, mode="edge")
    value[np.max(np.lib.stride_tricks.sliding_window_view(motion, 5), axis=1) < MOVED] = 0
    _without_pulse(value, np.flatnonzero(look.curve("key")))
    return value


def _without_pulse(value: NDArray[np.float32], keys: NDArray[np.intp]) -> None:
    """Take off what usually comes with a picture that was encoded afresh: the encoder's beat is not the film's."""
    for late in range(3) if len(keys) > 3 else ():
        at = keys[keys + late < len(value)] + late
        value[at] = np.maximum(value[at] - np.percentile(value[at], PULSE), 0)


def find_impacts(look: Look, cuts: Sequence[Cut]) -> list[Impact]:
    """Visual beats in order, cuts not among them."""
    time, value = look.times, novelty(look, cuts)
    if len(time) < 8:
        return []
    usual = _usual(time, value)
    rest = np.maximum(value - 1.5 * usual - AUDIBLE, 0)
    scale = np.percentile(rest[rest > 0], TOP) if np.any(rest > 0) else 1.0
    strength = np.minimum(rest / max(float(scale), 2 * AUDIBLE), 1)
    found: list[Impact] = []
    for i in np.argsort(-strength, kind="stable"):
        if strength[i] < LEAST:
            break
        found.append(Impact(float(time[i]), float(strength[i])))
    return _apart(found)


def _usual(time: NDArray[np.float64], value: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean within AROUND of each frame, by running sums."""
    sums = np.concatenate([[0.0], np.cumsum(value, dtype=np.float64)])
    first, last = np.searchsorted(time, time - AROUND), np.searchsorted(time, time + AROUND, side="right")
    return ((sums[last] - sums[first]) / (last - first)).astype(np.float32)


def _apart(found: list[Impact]) -> list[Impact]:
    """The strongest, no two nearer than APART; `found` has the strongest first."""
    taken: dict[int, list[float]] = {}
    kept = []
    for impact in found:
        cell = int(impact.time / APART)
        near = [t for c in (cell - 1, cell, cell + 1) for t in taken.get(c, ())]
        if all(abs(t - impact.time) >= APART for t in near):
            taken.setdefault(cell, []).append(impact.time)
            kept.append(impact)
    return sorted(kept)


def visual_tempo(look: Look, cuts: Sequence[Cut]) -> tuple[float, float]:
    """The tempo that the motion itself has, in beats a minute, and how clear it is, 0 to 1 (autocorrelation)."""
    time, value = look.times, novelty(look, cuts)
    if time[-1] - time[0] < 4 * 60 / SLOWEST:
        return USUAL, 0.0
    even = np.interp(np.arange(time[0], time[-1], 1 / GRID_RATE), time, value)
    even -= even.mean()
    lags = np.arange(int(60 / QUICKEST * GRID_RATE), int(60 / SLOWEST * GRID_RATE) + 1)
    same = np.array([even[:-lag] @ even[lag:] for lag in lags])  # by an FFT, hours of film would take half a gigabyte
    usual = np.exp(-0.5 * (np.log2(60 * GRID_RATE / lags / USUAL) / 0.6) ** 2)  # the preference for middle tempos
    best = int(np.argmax(same * usual))
    return float(60 * GRID_RATE / lags[best]), float(np.clip(same[best] / max(even @ even, 1e-9), 0, 1))
