"""A plan written out by the network: melody, harmony and bass in one stream of words, drums in another."""

from collections.abc import Callable

import numpy as np

from rtengine.models.score.model import Model
from rtengine.models.score.words import DRUMS, EMOTIONS, NAMES, QUALITIES, STEPS, STYLES, Bars
from rtengine.score.character import Character
from rtengine.score.grid import BEATS
from rtengine.score.melody import Tone
from rtengine.score.notes import Chord
from rtengine.score.plan import Plan
from rtengine.score.writer import HALF, Half, Writer

ONSETS = (1, 2, 4, 5, 7)  # steps of a half bar that are played, by level
STROKES = (0, 2, 4, 6, 8)  # the same of drums
PITCHED = ("song", "quartet")  # styles of the pitched parts; the others are the drums'
GROOVE = {"happy": "funk", "tense": "rock", "sad": "jazz", "calm": "latin"}  # by mood, unless told


def written(model: Model, plan: Plan, bars: int, who: Character, tempo: float, speaks: Callable[[float], bool],
            seed: int, style: str | None) -> dict[str, list[Tone]]:  # fmt: skip
    """Tones by part; style: of STYLES, for the parts that it belongs to."""
    found: dict[str, list[Tone]] = {name: [] for name in NAMES}
    playing = tuple(i + 1 for i, name in enumerate(NAMES) if who.instruments[name] != "off")
    for drums in (False, True):
        parts = tuple(p for p in playing if (p == DRUMS) == drums)
        if parts:
            kind = style if style and (style in PITCHED) != drums else GROOVE[who.mood] if drums else "song"
            known = told(plan, bars, who, tempo, kind, drums)
            writer = Writer(model, plan.key, seed + drums)
            for phrase in plan.phrases:
                for bar in range(phrase.first, phrase.last):
                    halves = tuple(half_of(plan, known, bar, h, parts, speaks, (phrase.letter, bar - phrase.first))
                                   for h in range(2))  # fmt: skip
                    for name, tone in writer.bar(bar, (halves[0], halves[1]), known):
                        found[name].append(tone if drums else moved(tone, plan))
    return found


def told(plan: Plan, bars: int, who: Character, tempo: float, style: str, drums: bool) -> Bars:
    """What the network is told of a piece."""
    table, halves = STROKES if drums else ONSETS, 2 * bars + 2
    levels = [*plan.levels[:halves], *[0] * (halves - len(plan.levels))]
    accents = [(round(beat * 4), hit) for beat, hit in plan.accents if abs(beat * 4 - round(beat * 4)) < 0.25]
    at = {step: int(np.clip(4 * hit.strength, 0, 3)) for step, hit in accents if 0 <= step < bars * STEPS}
    chords = [(12, len(QUALITIES)) if drums else named(chord_at(plan, h * BEATS / 2), plan.key) for h in range(halves)]
    return Bars(
        STYLES.index(style), EMOTIONS.index(who.mood), tempo, np.array(chords),
        np.array([min(table[level], 8) for level in levels]), np.array(sorted(at), np.int64),
        np.array([at[step] for step in sorted(at)], np.int64),
    )  # fmt: skip


def chord_at(plan: Plan, beat: float) -> Chord:
    """The harmony at a beat."""
    starts = [c.beat for c in plan.chords]
    return plan.chords[max(int(np.searchsorted(starts, beat + 1e-6, side="right")) - 1, 0)]


def named(chord: Chord, key: int) -> tuple[int, int]:
    """Root over the tonic, and quality."""
    root = chord.classes[0]
    shape = tuple((c - root) % 12 for c in chord.classes)
    best = max(range(len(QUALITIES)), key=lambda q: (len({*QUALITIES[q]} & {*shape}), -len(QUALITIES[q])))
    return (root - key) % 12, QUALITIES.index(shape) if shape in QUALITIES else best


def half_of(plan: Plan, known: Bars, bar: int, h: int, parts: tuple[int, ...], speaks: Callable[[float], bool],
            place: tuple[str, int]) -> Half:  # fmt: skip
    """Half `h` of a bar, as it is to be written; place: letter of its phrase, and number within it."""
    index, beat = 2 * bar + h, bar * BEATS + h * BEATS / 2
    chord = chord_at(plan, beat)
    fresh = DRUMS not in parts and abs(chord.beat - beat) < 1e-6
    there = (
        known.boundaries[(known.boundaries >= index * HALF) & (known.boundaries < (index + 1) * HALF)] - index * HALF
    )
    onsets = int(known.density[index])
    steps = tuple(sorted({*map(int, there), *([0] if fresh else [])})) if onsets or DRUMS not in parts else ()
    silent = speaks(beat) and len(parts) > 1
    scale, classes = (tuple((c - plan.key) % 12 for c in group) for group in (plan.scale, chord.classes))
    return Half(max(onsets, len(steps)), steps, scale, classes, fresh, tuple(p for p in parts if p != 1 or not silent),
                (place, h, onsets, steps, classes, silent))  # fmt: skip


def moved(tone: Tone, plan: Plan) -> Tone:
    """The tone in the harmony of its own moment, where that changed within the half bar."""
    now, then = chord_at(plan, tone.beat), chord_at(plan, tone.beat // 2 * 2)
    if now == then or tone.pitch % 12 in now.classes:
        return tone
    return tone._replace(pitch=min((tone.pitch + d for d in range(-6, 7) if (tone.pitch + d) % 12 in now.classes),
                                   key=lambda p: abs(p - tone.pitch)))  # fmt: skip
