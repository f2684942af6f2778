"""A melody of motifs: chord notes on the beats, steps between, the same shape again where a phrase comes again."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from rtengine.score.grid import BEATS
from rtengine.score.plan import Plan
from rtengine.score.rhythm import MELODY

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
    choices = np.random.default_rng((seed, 6)).integers(0, 12, 4)  # one rhythm holds a piece together
    for phrase in plan.phrases:
        motif = np.random.default_rng((seed, sum(phrase.letter.encode())))  # the same for all phrases of a letter
        shape = SHAPES[int(motif.integers(len(SHAPES)))]
        register = int(motif.integers(-2, 3))
        last = MIDDLE + register  # a phrase that comes again begins as it began
        for bar in range(phrase.first, phrase.last):
            for half in range(2):
                beat = bar * BEATS + half * BEATS / 2
                level = plan.levels[2 * bar + half]
                breath = bar == phrase.last - 1 and half == 1
                level = max(level - breath - 2 * speaks(beat), 0)
                cell = MELODY[level][int(choices[2 * (bar - phrase.first) % 4 + half]) % len(MELODY[level])]
                aim = MIDDLE + register + 2 * shape[bar % 4 if not half else (bar + 1) % 4]
                for tone in _cell(cell, beat, aim, last, plan, harmony):
                    last = tone.pitch
                    yield tone._replace(loudness=tone.loudness + 0.04 * level)


def _cell(cell: tuple[int, ...], beat: float, aim: int, last: int, plan: Plan,
          harmony: Callable[[float], tuple[int, ...]]) -> Iterator[Tone]:  # fmt: skip
    """Half a bar."""
    for i, place in enumerate(cell):
        at = beat + place / 4
        until = (cell[i + 1] if i + 1 < len(cell) else 8) - place
        on_beat = place % 4 == 0
        chord = harmony(at)
        between = plan.scale if place % 2 else tuple(c for c in plan.scale if not rubs(c, chord))
        classes = chord if on_beat else between
        goal = aim if on_beat else last + (1 if aim > last else -1) * 2
        last = nearest(classes, goal, last)
        yield Tone(at, until / 4 * 0.92, last, 0.62 if place == 0 else 0.55 if on_beat else 0.48)


def rubs(pitch: int, chord: tuple[int, ...]) -> bool:
    """Whether a pitch class lies a semitone beside a chord that it is not in."""
    return pitch not in chord and any((pitch - c) % 12 in (1, 11) for c in chord)


def nearest(classes: tuple[int, ...], goal: int, last: int) -> int:
    """The pitch of these classes next to the goal within the range, without a leap of more than a sixth."""
    found = [p for p in range(LOW, HIGH + 1) if p % 12 in classes and abs(p - last) <= 9]
    return min(found or [p for p in range(LOW, HIGH + 1) if p % 12 in classes], key=lambda p: (abs(p - goal), p))
