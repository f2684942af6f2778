"""Composing by rule: a plan, the parts over it, and what every hit of the film asks for."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from rtengine.film.analysis import Analysis
from rtengine.models.score.model import Model
from rtengine.score import accompany
from rtengine.score.character import Character, character
from rtengine.score.grid import BEATS, Grid, Hit, find_grid, hits
from rtengine.score.melody import Tone, melody, nearest
from rtengine.score.networked import written
from rtengine.score.notes import Note, Piece
from rtengine.score.plan import Phrase, Plan, make_plan
from rtengine.score.rhythm import CRASH, HIGH_TOM, KICK, LOW_TOM, RIDE

LOOSE = 0.006  # seconds (standard deviation) by which a player is late beside hits; early would be rushing
TOGETHER = 0.03  # seconds: an onset so near a hit moves onto it
LIFTED = 0.06  # beats before the next harmony at which what belongs to the last one has ended
CLEARED = 0.06  # seconds before a hit in which nothing else sets in, so that it is heard as one
LIVELY = 2  # level from which drums are heard, and a film's end is played and not only held
CURT = 0.8  # seconds that the last chord has at least where a film is lively to its end
ACCENT = 0.15  # strength of the faintest hit that gets more than a note


def compose(
    film: Analysis,
    *,
    emotion: tuple[float, float] | None = None,
    sensitivity: float = 0.5,
    tempo: float | None = None,
    instruments: dict[str, str] | None = None,
    seed: int = 0,
    model: Model | None = None,
    style: str | None = None,
    moments: Sequence[Hit] | None = None,
    take: int = 0,
) -> Piece:
    """Write a piece for a film. The same arguments give the same notes.

    emotion: (valence, arousal), -1 to 1 each, over the picture's own. sensitivity: 0 to 1, how faint a visual beat may
    be that the music meets. tempo: beats a minute instead of a chosen one. instruments: by part, "off" for none.
    model: the network that writes melody, harmony, bass and drums in place of the rules, in a style of STYLES.
    moments: the hits to meet, instead of those that the sensitivity leaves of the film's. take: other notes over the
    same plan, grid and harmony.
    """
    who = character(film, emotion, instruments or {})
    met = hits(film, sensitivity) if moments is None else list(moments)
    grid = find_grid(met, film.end, who.liked, tempo)
    seed = int(np.random.default_rng((seed, round(1000 * film.end), film.frames)).integers(1 << 40))  # the film's own
    random = np.random.default_rng((seed, 1))
    plan = make_plan(film, grid, met, who, random)
    seed += take << 41
    notes = sorted(_performed(film, grid, plan, who, seed, model, style))
    return Piece(
        grid,
        tuple(met),
        tuple(notes),
        tuple(plan.chords),
        plan.key,
        plan.scale,
        who.mood,
        {p: i for p, i in who.instruments.items() if i != "off"},
    )


def _performed(film: Analysis, grid: Grid, plan: Plan, who: Character, seed: int, model: Model | None,
               style: str | None) -> Iterator[Note]:  # fmt: skip
    """All parts by film time, in the film and with the hits exactly where they are."""
    bars, final = grid.last // BEATS, final_beat(grid, plan)
    if final > grid.last:
        plan = plan._replace(phrases=[*plan.phrases, Phrase(bars, bars + 1, "A", (0,))])
    end = float(grid.beat(film.end))
    starts = np.array([c.beat for c in plan.chords])

    def harmony(beat: float) -> tuple[int, ...]:
        return plan.chords[max(int(np.searchsorted(starts, beat, side="right")) - 1, 0)].classes

    spoken = np.array([s.start for s in film.speech])

    def speaks(beat: float) -> bool:
        time = float(grid.time(beat))
        last = int(np.searchsorted(spoken, time + 0.2, side="right")) - 1
        return last >= 0 and time <= film.speech[last].end

    if model:
        parts = written(model, plan, bars, who, grid.tempo, speaks, seed, style)
    else:
        parts = {
            "melody": [*melody(plan, bars, harmony, speaks, seed)],
            "harmony": [*accompany.broken(plan, bars, seed)],
            "bass": [*accompany.bass(plan, bars, seed)],
            "drums": [*accompany.drums(plan, bars)],
        }
    for part, tones in parts.items():
        parts[part] = [t._replace(length=min(t.length, final - t.beat)) for t in tones if t.beat < final]
        parts[part] += _close(final, plan, end, part)
    parts["pad"] = [*accompany.pad(plan, end)]
    moments = np.array(sorted(hit.time for _, hit in plan.accents))
    random = np.random.default_rng((seed, 2))
    for part, tones in parts.items():
        if who.instruments[part] == "off":
            continue
        for tone in tones:
            if tone.beat < starts[-1] and part != "drums":  # no chord rings into the next
                room = float(starts[np.searchsorted(starts, tone.beat + 1e-6)]) - tone.beat
                tone = tone._replace(length=min(tone.length, room - min(LIFTED, room / 2)))
            if note := _placed(grid, tone, part, film.end, moments, random):
                yield note
    yield from _accents(film, plan, who, harmony)


def _placed(grid: Grid, tone: Tone, part: str, end: float, moments: np.ndarray[tuple[int], np.dtype[np.float64]],
            random: np.random.Generator) -> Note | None:  # fmt: skip
    """A tone by film time, or None if it falls out of the film or would blur a hit."""
    start, stop = float(grid.time(tone.beat)), min(float(grid.time(tone.beat + tone.length)), end)
    at = int(np.searchsorted(moments, start))
    nearest_hit = min(moments[max(at - 1, 0) : at + 1], key=lambda m: abs(m - start), default=-1e9)
    ahead = nearest_hit - start
    if abs(ahead) <= TOGETHER:
        start = float(nearest_hit)
    elif 0 < ahead < CLEARED and part != "pad":
        return None
    elif part != "drums":
        start += min(abs(float(random.normal(0, LOOSE))), 2 * LOOSE)
    if stop <= 0 or start >= end - 0.05:
        return None
    start = max(start, 0.0)
    loudness = float(np.clip(tone.loudness + random.normal(0, 0.02), 0.05, 1))
    return Note(start, max(stop, start + 0.06), tone.pitch, loudness, part)


def final_beat(grid: Grid, plan: Plan) -> int:
    """Where the last chord is struck: its downbeat, or half a bar later where the picture is lively to the end."""
    later = grid.last + BEATS // 2
    return later if plan.levels[2 * grid.last // BEATS] >= LIVELY and grid.time(later) <= grid.end - CURT else grid.last


def _close(at: int, plan: Plan, end: float, part: str) -> Iterator[Tone]:
    """The last chord of a part, held to the end of the film."""
    classes = plan.chords[-1].classes
    if part == "bass":  # the root alone
        yield Tone(at, end - at, 31 + (classes[0] - 31) % 12, 0.6)
    elif part == "harmony":
        for pitch in accompany.voiced(accompany.upper(classes), (), *accompany.CHORDS):
            yield Tone(at, end - at, pitch, 0.5)
    elif part == "melody":
        yield Tone(at, end - at, nearest(classes[:1], 72, 72), 0.6)
    elif part == "drums" and any(level >= LIVELY for level in plan.levels):
        yield Tone(at, 1.0, KICK, 0.6)
        yield Tone(at, 1.0, RIDE, 0.5)


def _accents(film: Analysis, plan: Plan, who: Character,
             harmony: Callable[[float], tuple[int, ...]]) -> Iterator[Note]:  # fmt: skip
    """What a hit is given: a cut a chord, a drum and a low note; a visual beat a bell's note."""
    for beat, hit in plan.accents:
        classes, force = harmony(beat + 1e-6), 0.45 + 0.5 * hit.strength
        length = 0.25 + 0.6 * hit.strength
        stop = min(hit.time + length, film.end)
        if stop - hit.time < 0.06:
            continue
        if who.instruments["accents"] != "off":
            voices = (
                accompany.voiced(accompany.upper(classes), (), 55, 79) if hit.cut else [nearest(classes[:1], 84, 80)]
            )
            for pitch in voices:
                yield Note(hit.time, stop, pitch, force if hit.cut else 0.7 * force, "accents")
        if hit.cut and hit.strength >= ACCENT and who.instruments["bass"] != "off":
            yield Note(hit.time, stop, 31 + (classes[0] - 31) % 12, force, "bass")
        if who.instruments["drums"] != "off":
            yield from (Note(hit.time, stop, drum, loud * force, "drums") for drum, loud in _struck(hit, who))


def _struck(hit: Hit, who: Character) -> Sequence[tuple[int, float]]:
    """The drums of a hit, by its strength and the mood."""
    if not hit.cut:
        return ((RIDE if who.arousal < 0 else HIGH_TOM, 0.6),)
    if who.arousal < -0.2:
        return ((RIDE, 0.8), (LOW_TOM, 0.5))
    return ((CRASH, 0.85), (KICK, 1.0))
