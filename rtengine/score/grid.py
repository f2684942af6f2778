"""The grid of bars and beats that is laid over a film, so that what happens in it happens on the beat."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.film.analysis import Analysis
from rtengine.score import fit

BEATS = 4  # of a bar
SLOWEST, QUICKEST = 60, 168  # beats a minute that are tried
LIKING, WIDTH = 0.35, 0.3  # what the liked tempo is worth beside all anchors, and how far the liking reaches, octaves
OPENING = 0.55  # weight of the film's beginning as an anchor
PHASES = 400  # that are tried in a bar of a given tempo
ON = 0.04  # seconds: so near a beat counts as on it
TAIL = 1.3  # seconds that the last chord has at least


class Hit(NamedTuple):
    """A moment that music should meet: film time in seconds, strength 0 to 1, and whether it is a cut."""

    time: float
    strength: float
    cut: bool


@dataclass(frozen=True)
class Grid:
    """Beats by time: knots (beat, second), ascending; between and beyond them the tempo is even.

    Beat 0 is a downbeat, the last one not after the film's beginning. last: the downbeat of the final chord.
    """

    beats: tuple[float, ...]
    times: tuple[float, ...]
    tempo: float  # beats a minute, of what has no knots
    end: float  # seconds

    def time(self, beat: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """When a beat is, in seconds."""
        return _through(beat, *self._knots, 60 / self.tempo)

    def beat(self, time: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """Which beat a time is."""
        return _through(time, *self._knots[::-1], self.tempo / 60)

    @cached_property
    def _knots(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Beats and times as arrays, made once: a film of hours has a knot for each of thousands of hits."""
        return np.array(self.beats), np.array(self.times)

    @property
    def last(self) -> int:
        """The downbeat of the final chord, which leaves it TAIL seconds at least."""
        return max(int(np.floor(self.beat(self.end - TAIL) / BEATS + 1e-6)) * BEATS, 0)

    def tempi(self) -> list[tuple[float, float]]:
        """(beat, beats a minute) wherever the tempo changes, from beat 0."""
        pairs = zip(
            zip(self.beats, self.beats[1:], strict=False), zip(self.times, self.times[1:], strict=False), strict=True
        )
        found = [(a, 60 * (b - a) / (d - c)) for (a, b), (c, d) in pairs]
        first = [(0.0, self.tempo)] if self.beats[0] > 0 or not found else []
        return [*first, *found, (self.beats[-1], self.tempo)] if found else first


def _through(x: float | NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64], slope: float
             ) -> NDArray[np.float64]:  # fmt: skip
    x = np.asarray(x, np.float64)
    inside = np.interp(x, a, b)
    return np.where(x < a[0], b[0] + (x - a[0]) * slope, np.where(x > a[-1], b[-1] + (x - a[-1]) * slope, inside))


def hits(film: Analysis, sensitivity: float) -> list[Hit]:
    """Cuts, and visual beats down to a strength that falls as the sensitivity (0 to 1) rises; in order."""
    least = 1.05 - sensitivity
    cuts = [Hit(c.time, c.strength, True) for c in film.cuts]
    beats = [Hit(i.time, i.strength, False) for i in film.impacts if i.strength >= least]
    return sorted(h for h in [*cuts, *beats] if h.time < film.end - 0.1)


def find_grid(moments: Sequence[Hit], end: float, liked: float, fixed: float | None = None) -> Grid:
    """Choose tempo, phase and a tempo map within fit.BEND, so that moments are beats and the strong ones downbeats.

    liked: the tempo to prefer among equals, beats a minute. fixed: take exactly this one and choose the phase alone.
    """
    times = np.array([0.0, *(m.time for m in moments)])
    weights = np.array([OPENING, *(0.5 + 0.5 * m.strength if m.cut else 0.3 * m.strength for m in moments)])
    if fixed is not None:
        return _even(times, weights, end, fixed)
    shape = (len(times), fit.PLACES)
    tables = np.zeros(shape), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    best = -1.0, liked
    for tempo in range(SLOWEST, QUICKEST + 1):
        liking = np.exp(-0.5 * (np.log2(tempo / liked) / WIDTH) ** 2)
        score = fit.lead(times, weights, 30 / tempo, fit.WORTH, fit.WORTH_STRONG, *tables) / weights.sum()
        best = max(best, (score + LIKING * liking, float(tempo)))
    fit.lead(times, weights, 30 / best[1], fit.WORTH, fit.WORTH_STRONG, *tables)
    return _traced(times, best[1], end, *tables)


def _traced(times: NDArray[np.float64], tempo: float, end: float, score: NDArray[np.float64],
            origin: NDArray[np.int64], steps: NDArray[np.int64]) -> Grid:  # fmt: skip
    """Follow the best path back."""
    at = int(np.argmax(score))
    halves, moments = [0], [times[at // fit.PLACES]]
    while origin.flat[at] >= 0:
        halves.append(halves[-1] - int(steps.flat[at]))
        at = int(origin.flat[at])
        moments.append(times[at // fit.PLACES])
    beats = (np.array(halves[::-1]) - halves[-1] + at % fit.PLACES) / 2
    return _from_downbeat(beats, np.array(moments[::-1]), tempo, end)


def _even(times: NDArray[np.float64], weights: NDArray[np.float64], end: float, tempo: float) -> Grid:
    """The phase of a given tempo at which most weight lies on beats."""
    bar = 60 / tempo * BEATS
    phases = np.arange(PHASES) / PHASES * bar
    halves = (times[:, None] - phases) / (bar / fit.PLACES)
    off = np.abs(halves - np.rint(halves)) * bar / fit.PLACES
    worth = fit.WORTH[np.rint(halves).astype(int) % fit.PLACES] * np.exp(-0.5 * (off / (ON / 2)) ** 2)
    phase = phases[int(np.argmax(weights @ worth))]
    return _from_downbeat(np.array([0.0]), np.array([phase]), tempo, end)


def _from_downbeat(beats: NDArray[np.float64], times: NDArray[np.float64], tempo: float, end: float) -> Grid:
    """Number the beats so that beat 0 is the last downbeat at or before time 0."""
    grid = Grid(tuple(beats), tuple(times), tempo, end)
    shift = np.floor(grid.beat(1e-3) / BEATS) * BEATS
    return Grid(tuple(float(b - shift) for b in beats), tuple(float(t) for t in times), tempo, end)
