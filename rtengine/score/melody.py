"""A melody of motifs: chord notes on the beats, steps between, the same shape again where a phrase comes again."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from rtengine.score.grid import BEATS
from rtengine.score.plan import Plan
from rtengine.score.rhythm import MELODY, orders, places

LOW, HIGH, MIDDLE = 64, 86, 74  # range of the melody, MIDI numbers
SHAPES = (
    (0, 1, 2, 1),
    (0, 2, 1, -1),
    (0, -1, 1, 0),
    (2, 1, 0, -1),
    (0, 3, 2, 0),
    (1, 0, -2, 0),
)  # scale steps a half bar


class Tone(NamedTuple):
    """A note of the melody: beat, length in beats, MIDI pitch, loudness 0 to 1."""

    beat: float
    length: float
    pitch: int
    loudness: float


def melody(plan: Plan, bars: int, harmony: Callable[[float], tuple[int, ...]], speaks: Callable[[float], bool],
           seed: int) -> Iterator[Tone]:  # fmt: skip
    """The melody of a piece; harmony and speaks are told by beat."""
    feel = orders(seed)
    for phrase in plan.phrases:
        motif = np.random.default_rng((seed, sum(phrase.letter.encode())))  # the same for all phrases of a letter
        shape = SHAPES[int(motif.integers(len(SHAPES)))]
        register, rests = int(motif.integers(-2, 3)), bool(motif.integers(2))
        last = MIDDLE + register  # a phrase that comes again begins as it began
        for bar in range(phrase.first, phrase.last):
            for half in range(2):
                order = feel[(half + bar - phrase.first) % 2]  # the question turned round answers it
                beat = bar * BEATS + half * BEATS / 2
                aim = MIDDLE + register + 2 * shape[(bar - phrase.first + half) % 4]
                line = [*_line(places(order, MELODY[-1]), beat, aim, last, plan.scale, harmony)]
                last = line[-1][1]
                level = plan.levels[2 * bar + half]
                breath = bar == phrase.last - 1 and half == 1
                level = max(level - breath - 2 * speaks(beat), 0)
                if not (level == 0 and half and rests):
                    yield from _sung(line, places(order, MELODY[level]), beat, 0.04 * level)


def _line(cell: tuple[int, ...], beat: float, aim: int, last: int, scale: tuple[int, ...],
          harmony: Callable[[float], tuple[int, ...]]) -> Iterator[tuple[int, int]]:  # fmt: skip
    """(place, pitch) of half a bar at its busiest: chord notes on the beats, between them what does not rub."""
    for place in cell:
        chord = harmony(beat + place / 4)
        on_beat = place % 4 == 0
        classes = chord if on_beat else tuple(c for c in scale if not rubs(c, chord))
        goal = aim if on_beat else last + (1 if aim > last else -1) * 2
        last = nearest(classes, goal, last)
        yield place, last


def _sung(line: list[tuple[int, int]], kept: tuple[int, ...], beat: float, louder: float) -> Iterator[Tone]:
    """What is left of a line at a level: the same pitches at fewer places."""
    pitches = dict(line)
    for place, until in pairwise((*kept, 8)):
        loudness = 0.62 if place == 0 else 0.55 if place % 4 == 0 else 0.48
        yield Tone(beat + place / 4, (until - place) / 4 * 0.92, pitches[place], loudness + louder)


def rubs(pitch: int, chord: tuple[int, ...]) -> bool:
    """Whether a pitch class lies a semitone beside a chord that it is not in."""
    return pitch not in chord and any((pitch - c) % 12 in (1, 11) for c in chord)


def nearest(classes: tuple[int, ...], goal: int, last: int) -> int:
    """The pitch of these classes next to the goal within the range, without a leap of more than a sixth."""
    found = [p for p in range(LOW, HIGH + 1) if p % 12 in classes and abs(p - last) <= 9]
    return min(found or [p for p in range(LOW, HIGH + 1) if p % 12 in classes], key=lambda p: (abs(p - goal), p))
