"""What carries the melody: broken chords, pad, bass, drums, each as busy as its half bar."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from rtengine.score.grid import BEATS
from rtengine.score.melody import Tone
from rtengine.score.notes import Chord
from rtengine.score.plan import Plan
from rtengine.score.rhythm import BASS, CRASH, DRUMS, FILL, HARMONY, orders, places

CHORDS, PADS, BASSES = (55, 76), (48, 69), (31, 50)  # ranges, MIDI numbers
VOICES = (0, 2, 1, 0, 2, 0, 1, 2)  # of a broken chord, by place: up and down on the eighths, the others between


def voiced(classes: Sequence[int], before: Sequence[int], low: int, high: int) -> list[int]:
    """The chord in the position in which its voices move least from the one before."""
    middle = (low + high) / 2
    best: tuple[float, list[int]] = (np.inf, [])
    for inversion in range(len(classes)):
        order = [*classes[inversion:], *classes[:inversion]]
        for base in range(low, high):
            if base % 12 != order[0]:
                continue
            voices = [base]
            for c in order[1:]:
                voices.append(voices[-1] + (c - voices[-1]) % 12)
            if voices[-1] > high:
                continue
            moved = sum(min(abs(v - b) for b in before) for v in voices) if before else 0.0
            best = min(best, (moved + 0.3 * abs(sum(voices) / len(voices) - middle), voices))
    return best[1] or [low + (c - low) % 12 for c in classes]


def positions(chords: Sequence[Chord], low: int, high: int) -> list[list[int]]:
    """All chords voiced, one after another."""
    out: list[list[int]] = []
    for chord in chords:
        out.append(voiced(upper(chord.classes), out[-1] if out else (), low, high))
    return out


def upper(classes: Sequence[int]) -> Sequence[int]:
    """What stands above the bass: of a chord with a seventh not the root, which would rub against it."""
    return classes[1:] if len(classes) > 3 else classes


def pad(plan: Plan, end: float) -> Iterator[Tone]:
    """Held chords, louder where more happens; end: beat at which the last ends."""
    spans = pairwise([*(c.beat for c in plan.chords), end])
    for (start, stop), voices in zip(spans, positions(plan.chords, *PADS), strict=True):
        level = plan.levels[min(int(start // 2), len(plan.levels) - 1)]
        for pitch in voices:
            yield Tone(start, stop - start, pitch, 0.4 + 0.06 * level)


def broken(plan: Plan, bars: int, seed: int) -> Iterator[Tone]:
    """Chords and broken chords in the middle."""
    voices = positions(plan.chords, *CHORDS)
    starts = np.array([c.beat for c in plan.chords])
    for at, level, until, place in _half_bars(plan, bars, HARMONY, seed):
        now = voices[max(int(np.searchsorted(starts, at, side="right")) - 1, 0)]
        whole = place == 0 and (at % BEATS == 0 if level <= 1 else level == 3)
        chosen = now if whole else now[-2:] if level <= 1 else [now[VOICES[place] % len(now)]]
        for pitch in chosen:
            length = until * (1.0 if level <= 1 else 1.6)
            yield Tone(at, length, pitch, (0.38 if whole else 0.45) + 0.04 * level + 0.06 * (place == 0))


def bass(plan: Plan, bars: int, seed: int) -> Iterator[Tone]:
    """Roots where harmony changes, fifths and octaves between."""
    starts = np.array([c.beat for c in plan.chords])
    played = {round(c.beat, 6) for c in plan.chords}
    for at, level, until, place in _half_bars(plan, bars, BASS, seed):
        chord = plan.chords[max(int(np.searchsorted(starts, at, side="right")) - 1, 0)]
        root = BASSES[0] + (chord.classes[0] - BASSES[0]) % 12
        fifth = (chord.classes[2] - chord.classes[0]) % 12
        above = 0 if level < 3 else {3: fifth, 4: 12, 6: fifth}.get(place, 0)
        if level == 0 and at % BEATS and round(at, 6) not in played:
            continue
        pitch = root + above if root + above <= BASSES[1] else root
        yield Tone(at, until * 0.9 if level else until * 2, pitch, 0.55 + 0.05 * level + 0.08 * (place == 0))


def drums(plan: Plan, bars: int) -> Iterator[Tone]:
    """Patterns by level; a fill where a busy phrase ends, a cymbal where one begins."""
    for phrase in plan.phrases:
        for bar in range(phrase.first, phrase.last):
            for half in range(2):
                level = plan.levels[2 * bar + half]
                beat = bar * BEATS + half * BEATS / 2
                fill = half == 1 and bar == phrase.last - 1 and level >= 3 and bar + 1 < bars
                for place, drum, loudness in FILL if fill else DRUMS[level][half]:
                    yield Tone(beat + place / 4, 0.2, drum, loudness)
        if plan.levels[2 * phrase.first] >= 3:
            yield Tone(phrase.first * BEATS, 1.0, CRASH, 0.5)


def _half_bars(plan: Plan, bars: int, table: Sequence[int], seed: int) -> Iterator[tuple[float, int, float, int]]:
    """(beat, level, beats until the next, place within the half bar) of each onset; table: how many, by level."""
    feel = orders(seed)
    for phrase in plan.phrases:
        for bar in range(phrase.first, phrase.last):
            for half in range(2):
                level, beat = plan.levels[2 * bar + half], bar * BEATS + half * BEATS / 2
                for place, until in pairwise((*places(feel[half], table[level]), 8)):
                    yield beat + place / 4, level, (until - place) / 4, place
