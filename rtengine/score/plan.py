"""The plan of a piece before its notes: phrases, harmony and how busy each half bar is."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from rtengine.film.analysis import Analysis
from rtengine.film.mood import RATE
from rtengine.score.character import TONICS, Character
from rtengine.score.grid import BEATS, Grid, Hit
from rtengine.score.notes import Chord

PHRASE = 4  # bars
SHORT = 14  # bars up to which a piece has one theme: another would not come again
LEVELS = 5  # of business
DOMINANT = 4  # the degree that leads to the tonic
BRIGHT = {0: ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 0, 4), (0, 2, 3, 4)), 1: ((3, 4, 5, 0), (3, 0, 4, 5), (1, 4, 0, 5)),
          -1: ((5, 3, 0, 4), (5, 2, 3, 4), (5, 1, 3, 4))}  # fmt: skip
DARK = {0: ((0, 5, 2, 6), (0, 3, 5, 6), (0, 6, 5, 6), (0, 2, 5, 3)), 1: ((2, 6, 3, 5), (2, 6, 0, 5), (5, 6, 2, 2)),
        -1: ((3, 0, 5, 6), (0, 3, 1, 4), (5, 3, 0, 4))}  # fmt: skip
TURN = 0.22  # of valence away from the piece's own: from there a phrase turns to the other side
STRONG = 0.35  # strength of a cut that brings its own harmony
HOLD = 1.5  # beats that a harmony lasts at least
SNAP = 0.03  # seconds: a hit nearer than this to a sixteenth stands on it


class Phrase(NamedTuple):
    """Bars `first` to `last` - 1; letter: phrases of one letter share their harmony and motifs."""

    first: int
    last: int
    letter: str
    degrees: tuple[int, ...]


class Plan(NamedTuple):
    """levels: of each half bar, 0 to LEVELS - 1. accents: (beat, hit) in order, on the grid where that is near."""

    phrases: list[Phrase]
    chords: list[Chord]
    levels: list[int]
    accents: list[tuple[float, Hit]]
    key: int
    scale: tuple[int, ...]


def make_plan(film: Analysis, grid: Grid, hits: Sequence[Hit], who: Character, random: np.random.Generator) -> Plan:
    """Plan a piece for a film over its grid."""
    key = int(random.choice(TONICS))
    scale = tuple((key + s) % 12 for s in who.scale)
    accents = [(snapped(grid, h.time), h) for h in hits]
    phrases = _phrases(film, grid, who, random)
    return Plan(phrases, _chords(grid, phrases, accents, scale, who), _levels(film, grid), accents, key, scale)


def snapped(grid: Grid, time: float) -> float:
    """The sixteenth next to a time, or just the time as a beat where none is near."""
    beat = float(grid.beat(time))
    near = round(beat * 4) / 4
    return near if abs(float(grid.time(near)) - time) <= SNAP else beat


def mean(curve: np.ndarray[tuple[int], np.dtype[np.float32]], start: float, end: float) -> float:
    """A mood curve's mean between two times."""
    first = int(np.clip(start * RATE, 0, len(curve) - 1))
    return float(curve[first : max(int(np.ceil(end * RATE)), first + 1)].mean())


def _levels(film: Analysis, grid: Grid) -> list[int]:
    """How busy each half bar is: by its motion, in itself and among the film's."""
    edges = [float(grid.time(h * BEATS / 2)) for h in range(2 * (grid.last // BEATS) + 3)]
    motion = np.array([mean(film.mood.motion, max(a, 0), max(b, 0.01)) for a, b in pairwise(edges)])
    below = np.searchsorted(np.sort(motion), motion) + np.searchsorted(np.sort(motion), motion, side="right") - 1
    rank = below / max(2 * (len(motion) - 1), 1)  # equal ones share theirs
    spread = min(float(np.ptp(motion)) / 0.3, 1.0)  # a still film has no lively half bar
    arousal = np.array([mean(film.mood.arousal, max(a, 0), max(b, 0.01)) for a, b in pairwise(edges)])
    busy = 0.55 * (spread * rank + (1 - spread) * motion) + 0.35 * motion + 0.15 * np.clip(arousal, 0, 1)
    return [int(np.clip(b * LEVELS, 0, LEVELS - 1)) for b in busy]


def _phrases(film: Analysis, grid: Grid, who: Character, random: np.random.Generator) -> list[Phrase]:
    tables = BRIGHT if who.scale[2] == 4 else DARK
    chosen: dict[tuple[str, int], tuple[int, ...]] = {}
    bars = grid.last // BEATS
    phrases: list[Phrase] = []
    own = float(film.mood.valence.mean())
    quiet = float(np.median(film.mood.motion))
    upbeat = int(float(grid.beat(0.0)) > BEATS / 2 and bars > 1)  # what is left of its bar leads into the theme
    if upbeat:
        phrases.append(Phrase(0, 1, "A", (DOMINANT,)))
    for first in range(upbeat, bars, PHRASE):
        last = min(first + PHRASE, bars)
        start, end = max(float(grid.time(first * BEATS)), 0), float(grid.time(last * BEATS))
        turn = mean(film.mood.valence, start, end) - own
        side = int(turn > TURN) - int(turn < -TURN)
        number = first // PHRASE
        returns = number % 4 == 0 or last == bars or bars <= SHORT  # a piece ends as it began
        letter = "B" if mean(film.mood.motion, start, end) > quiet and not returns else "A"
        letter = letter if side == 0 else f"{letter}{'+' if side > 0 else '-'}"
        degrees = chosen.setdefault((letter, side), tables[side][int(random.integers(len(tables[side])))])
        phrases.append(Phrase(first, last, letter, degrees[: last - first]))
    return phrases


def _chords(grid: Grid, phrases: Sequence[Phrase], accents: Sequence[tuple[float, Hit]], scale: tuple[int, ...],
            who: Character) -> list[Chord]:  # fmt: skip
    """One harmony a bar, one with each strong cut between, a cadence at the end."""
    degrees = [d for phrase in phrases for d in phrase.degrees]
    bars = len(degrees)
    changes = {float(bar * BEATS): degree for bar, degree in enumerate(degrees)}
    between = -HOLD  # the last that began within a bar
    for beat, hit in accents:
        bar = int(beat // BEATS)
        if not hit.cut or hit.strength < STRONG or not 0 <= beat < bars * BEATS or beat in changes:
            continue
        following = degrees[bar + 1] if bar + 1 < bars else 4
        if beat - between < HOLD:  # accents come in order
            continue
        late = beat - bar * BEATS >= BEATS - HOLD
        between = beat if beat % BEATS else between
        changes[beat] = following if late or following != degrees[bar] else (degrees[bar] + 3) % 7
        if late and bar + 1 < bars:
            del changes[float((bar + 1) * BEATS)]  # it has begun early, and holds
    if bars:
        changes[float(bars * BEATS - BEATS)] = 3
        changes[float(bars * BEATS - BEATS / 2)] = 4
    changes[float(bars * BEATS)] = 0
    rich = who.mood in ("calm", "sad")
    chords = [Chord(b, triad(scale, d, seventh=rich and d in (1, 3))) for b, d in sorted(changes.items())]
    if bars and who.scale[2] == 3:  # the dominant of minor has its leading note, in the cadence
        at = next(i for i, c in enumerate(chords) if c.beat == bars * BEATS - BEATS / 2)
        root = chords[at].classes[0]
        chords[at] = Chord(chords[at].beat, (root, (root + 4) % 12, (root + 7) % 12))
    return chords


def triad(scale: tuple[int, ...], degree: int, seventh: bool = False) -> tuple[int, ...]:
    """The pitch classes of a scale's chord on a degree (0 is the tonic's)."""
    return tuple(scale[(degree + 2 * i) % 7] for i in range(4 if seventh else 3))
