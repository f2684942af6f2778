"""Whether the network writes what it has read: the longest run of notes that free writing shares with its training.

A run is told by intervals and steps of one part, so that a transposed copy counts as well.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rtengine.models.score import words
from rtengine.models.score.model import Masks, Model
from rtengine.models.score.training.pieces import Stretch
from rtengine.models.score.words import BAR, Bars, Words

SHORTEST = 6  # notes of a run that is looked up
WRITTEN = 1500  # words of free writing
Line = list[tuple[int, int]]  # (interval to the note before, sixteenths since then)


def lines(table: Words, at: np.ndarray[tuple[int], np.dtype[np.int64]], part: int) -> Line:
    """The intervals and distances of a part's top notes, one a step."""
    mine = table[:, 1] == part
    pitch, step = table[mine, 2].astype(int), at[mine]
    _, first = np.unique(step, return_index=True)  # words go downwards in pitch, so the first is the top
    pitch, step = pitch[first], step[first]
    return list(zip(np.diff(pitch).tolist(), np.diff(step).tolist(), strict=True))


def longest(written: Line, known: Sequence[Line]) -> int:
    """Notes of the longest run of `written` that stands in one of `known`; less than SHORTEST is 0."""
    places: dict[tuple[tuple[int, int], ...], list[tuple[int, int]]] = {}
    n = SHORTEST - 1
    for k, line in enumerate(known):
        for i in range(len(line) - n + 1):
            places.setdefault(tuple(line[i : i + n]), []).append((k, i))
    best = 0
    for i in range(len(written) - n + 1):
        for k, j in places.get(tuple(written[i : i + n]), ()):
            run = n
            while i + run < len(written) and j + run < len(known[k]) and written[i + run] == known[k][j + run]:
                run += 1
            best = max(best, run + 1)
    return best


def written(model: Model, seed: int, count: int = WRITTEN) -> tuple[Words, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Words without any mask but the order of time, and where they stand: what the network does by itself."""
    model.reset(seed)
    halves = count // 2
    chords = np.tile([[0, 0], [9, 1], [5, 0], [7, 0]], (halves // 4 + 1, 1))[:halves].repeat(2, axis=0)
    none = np.zeros(0, np.int64)
    bars = Bars(0, 3, 96.0, chords, np.full(len(chords), 4), none, none)
    word, bar = np.array([BAR, 0, 0, 0, 0], np.int16), 0
    made: list[Words] = []
    places: list[int] = []
    masks = Masks()
    masks.parts[:BAR, 0] = masks.parts[:, words.DRUMS] = -1e9
    masks.pitches[:, 1:4, 0] = masks.pitches[:, 1:4, words.PITCHES + 1 :] = -1e9
    while len(made) < count:
        now = int(word[0])
        masks.steps[:] = np.where((np.arange(BAR + 1) < now) & (now < BAR), -1e9, 0)
        at = bar * words.STEPS + (now if now < BAR else 0)
        word = model.next(word, words.conditions(bars, np.array([at]))[0], masks)
        if word[0] == BAR:
            bar += 1
            word = np.array([BAR, 0, 0, 0, 0], np.int16)
        made.append(word)
        places.append(bar * words.STEPS + (int(word[0]) if word[0] < BAR else 0))
    return np.stack(made), np.array(places)


def longest_shared(path: Path, seen: Sequence[Stretch], seeds: Sequence[int] = (0, 1)) -> int:
    """Notes of the longest run of a part, of several pieces that are written freely."""
    model = Model(path)
    best = 0
    texts = [written(model, seed) for seed in seeds]
    for part in (1, 2, 3):
        known = [lines(s.words, s.at, part) for s in seen if s.bars.style < 2]
        best = max(best, *(longest(lines(*text, part), known) for text in texts))
    return best
