"""The network's hand: bar by bar, it is asked for words, and may only answer what the film and the harmony allow.

What is guaranteed, by masks over its logits, is that each half bar has exactly as many onsets as it is to have, that
one of them lies on each boundary, that harmony begins with its bass, that pitches stay in scale and range, and that
nobody plays more voices than he has. Which notes, when between, how long and how loud is the network's own choice.
Where a phrase comes again and is as busy, it plays what it played.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from rtengine.models.score import words
from rtengine.models.score.model import NEVER, Masks, Model
from rtengine.models.score.words import BAR, DRUMS, KIT, LENGTHS, LOWEST, NAMES, PITCHES, STEPS, VELOCITIES, Bars, Words
from rtengine.score.melody import Tone

HALF = STEPS // 2
RANGES = {1: (62, 86), 2: (52, 77), 3: (31, 52)}  # MIDI numbers of melody, harmony, bass
VOICES = {1: 1, 2: 3, 3: 1, DRUMS: 3}  # at one step
OUTSIDE = np.float32(-3.0)  # bias of a pitch beside the chord, for harmony, and on the beats for everybody
WARMTH, LEAST = 0.7, 0.3  # temperature, and min-p, by ear


class Half(NamedTuple):
    """Half a bar to be written. onsets: how many steps have one. scale, chord: pitch classes over the tonic."""

    onsets: int
    boundaries: tuple[int, ...]  # steps of the half bar, 0 to 7
    scale: tuple[int, ...]
    chord: tuple[int, ...]
    fresh: bool  # whether its harmony begins here
    parts: tuple[int, ...]  # that may play
    again: object = None  # halves of equal `again` are played alike


class Writer:
    """One stream of words: pitched parts together, or drums alone. key: pitch class of the tonic."""

    def __init__(self, model: Model, key: int, seed: int) -> None:
        self.model, self.shift = model, (key + 6) % 12 - 6
        model.reset(seed)
        model.warmth(WARMTH, LEAST)
        self.last: Words = np.array([BAR, 0, 0, 0, 0], np.int16)
        self._known: dict[object, list[Words]] = {}
        self.words = 0

    def bar(self, number: int, halves: tuple[Half, Half], bars: Bars) -> Iterator[tuple[str, Tone]]:
        """(part, tone) of bar `number`, whose beats count from the piece's beginning."""
        self.last = np.array([BAR, 0, 0, 0, 0], np.int16)
        masks = Masks()
        for h, half in enumerate(halves):
            masks.pitches[h] = _pitches(half, self.shift)
        _lengths(masks)
        for h, half in enumerate(halves):
            written = list(self._half(number, h, halves, bars, masks))
            if half.again is not None:
                self._known.setdefault(half.again, written)
            yield from (self._tone(number, word) for word in written)
        self._told(np.array([BAR, 0, 0, 0, 0], np.int16), number + 1, bars)  # the bar line is not asked for

    def _half(self, number: int, h: int, halves: tuple[Half, Half], bars: Bars, masks: Masks) -> Iterator[Words]:
        half = halves[h]
        known = self._known.get(half.again) if half.again is not None else None
        if known is not None:
            for word in known:
                self._told(word, number, bars)
                yield word
            return
        played: dict[int, list[Words]] = {}
        while _allowed(half, h, played, masks):
            word = self.model.next(self.last, self._conditions(self.last, number, bars), masks)
            self.words += 1
            self.last = word
            played.setdefault(int(word[0]) - HALF * h, []).append(word)
            yield word

    def _told(self, word: Words, number: int, bars: Bars) -> None:
        """The network hears a word that it was not asked for."""
        self.model.next(self.last, self._conditions(self.last, number, bars), Masks())
        self.words += 1
        self.last = word

    def _conditions(self, word: Words, number: int, bars: Bars) -> Words:
        at = number * STEPS + (int(word[0]) if word[0] < BAR else 0)
        return words.conditions(bars, np.array([at]))[0]

    def _tone(self, number: int, word: Words) -> tuple[str, Tone]:
        step, part, pitch, length, velocity = map(int, word)
        sounding = KIT[pitch - PITCHES - 1] if part == DRUMS else pitch + LOWEST - 1 + self.shift
        loud = 0.25 + 0.65 * (velocity - 0.5) / VELOCITIES
        return NAMES[part - 1], Tone(number * 4 + step / 4, LENGTHS[length - 1] / 4, sounding, loud)


def _allowed(half: Half, h: int, played: dict[int, list[Words]], masks: Masks) -> bool:
    """Set which steps and parts the next word may have; whether there is to be one at all."""
    masks.steps[:] = NEVER
    masks.parts[:] = NEVER
    now = max(played, default=-1)
    here = played.get(now, [])
    count = {part: sum(int(w[1]) == part for w in here) for part in half.parts}
    following = [b for b in half.boundaries if b > now]
    left = half.onsets - len(played)
    for step in range(now + 1, HALF):
        after = left - 1 - sum(b != step for b in following)
        if left > 0 and after >= 0 and left - 1 <= HALF - 1 - step and (not following or step <= following[0]):
            masks.steps[HALF * h + step] = 0
            masks.parts[HALF * h + step, list(half.parts)] = 0
    owed = now == 0 and half.fresh and count.get(3) == 0
    if owed:
        masks.steps[:] = NEVER
    if now >= 0:
        last = int(here[-1][1])
        open_ = [p for p in half.parts if p >= last and count[p] < VOICES[p] and _room(p, here, masks.pitches[h, p])]
        if open_:
            masks.steps[HALF * h + now] = 0
            masks.parts[HALF * h + now] = NEVER
            masks.parts[HALF * h + now, open_] = 0
    return bool((masks.steps > NEVER).any())


def _room(part: int, here: list[Words], biases: np.ndarray[tuple[int], np.dtype[np.float32]]) -> bool:
    """Whether something that a part may play lies below what it plays."""
    pitches = [int(w[2]) for w in here if int(w[1]) == part]
    return int(np.argmax(biases > NEVER)) < min(pitches, default=len(biases))


def _pitches(half: Half, shift: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """(parts, pitches) biases of half a bar."""
    out = np.full((len(NAMES) + 1, PITCHES + len(KIT) + 1), NEVER, np.float32)
    for part, (low, high) in RANGES.items():
        for pitch in range(1, PITCHES + 1):
            sounding = pitch + LOWEST - 1 + shift
            if low <= sounding <= high and (pitch - 1) % 12 in {*half.scale, *half.chord}:
                out[part, pitch] = 0 if (pitch - 1) % 12 in half.chord else OUTSIDE / (2 if part == 1 else 1)
    out[DRUMS, PITCHES + 1 :] = 0
    return out


def _lengths(masks: Masks) -> None:
    """Notes have a length, and none beyond a bar after its own."""
    masks.lengths[:, 0] = NEVER
    masks.lengths[:, [i + 1 for i, n in enumerate(LENGTHS) if n > STEPS]] = NEVER
