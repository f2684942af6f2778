"""Music bar by bar for a picture that is running: nobody knows what comes, so a bar is written two bars ahead.

Phrases of four bars, A A B A, whose harmony and motifs come again; how busy a bar is follows the motion of now, and the
tempo, slowly, its arousal.
"""

import numpy as np

from rtengine.models.score.model import Model
from rtengine.models.score.words import DRUMS, EMOTIONS, NAMES, STYLES, Bars
from rtengine.score import accompany
from rtengine.score.character import INSTRUMENTS, SCALES, TONICS, Character, pace, quadrant
from rtengine.score.grid import BEATS
from rtengine.score.melody import Tone, melody
from rtengine.score.networked import GROOVE, ONSETS, STROKES, half_of, named
from rtengine.score.notes import Chord
from rtengine.score.plan import BRIGHT, DARK, LEVELS, PHRASE, Phrase, Plan, triad
from rtengine.score.running import Now
from rtengine.score.writer import Writer

ORDER = "AABA"
YIELD = 0.02  # share by which the tempo changes from bar to bar at most: faster is heard as a lurch
RESTS = 0.05  # share by which the picture's pace may differ before the tempo moves at all


class Improviser:
    """Writes one bar after another. Equal seeds and equal pictures give equal notes."""

    def __init__(self, seed: int, tempo: float, models: tuple[Model, Model] | None = None) -> None:
        """models: the network twice, for pitched parts and for drums, whose rings are their own; None: by rule."""
        self.seed, self.tempo, self.models = seed, tempo, models
        self.random = np.random.default_rng(seed)
        self.key = int(self.random.choice(TONICS))
        self.bars = 0
        self.mood = ""
        self._phrase = Phrase(0, PHRASE, "A", ())
        self._tables: dict[tuple[str, str], tuple[int, ...]] = {}
        self._levels: list[int] = []
        self._told: dict[bool, list[tuple[tuple[int, int], int]]] = {False: [], True: []}
        self._writers: dict[bool, Writer] = {}
        if models:
            self._writers = {d: Writer(m, self.key, seed + d) for d, m in zip((False, True), models, strict=True)}

    def bar(self, now: Now, playing: frozenset[str]) -> list[tuple[str, Tone]]:
        """(part, tone) of the next bar, beats from the first bar's beginning."""
        if self.bars % PHRASE == 0:
            self._begin(now)
        level = int(np.clip(round((LEVELS - 1) * now.motion), 0, LEVELS - 1))
        self._levels[2 * self.bars :] = [level, level] * (self._phrase.last - self.bars)
        plan = self._plan()
        who = Character(self.mood, now.valence, now.arousal, self.tempo, SCALES[self.mood], INSTRUMENTS[self.mood])
        parts = self._networked(plan, who, playing) if self._writers else self._ruled(plan)
        first, last = self.bars * BEATS, (self.bars + 1) * BEATS
        self.bars += 1
        found = [(part, tone) for part, tones in parts.items() for tone in tones
                 if part in playing and first <= tone.beat < last]  # fmt: skip
        return sorted(found, key=lambda f: f[1].beat)

    def follow(self, now: Now) -> None:
        """Let the tempo of the next bar give way, slowly, to the pace of the picture."""
        wish = pace(now.arousal) / self.tempo
        if abs(wish - 1) > RESTS:
            self.tempo *= float(np.clip(wish, 1 - YIELD, 1 + YIELD))

    def _begin(self, now: Now) -> None:
        """Another phrase: the mood of now, and the harmony of its letter."""
        self.mood = quadrant(now.valence, now.arousal)
        letter = ORDER[self.bars // PHRASE % len(ORDER)]
        table = (BRIGHT if SCALES[self.mood][2] == 4 else DARK)[0 if letter == "A" else 1]
        degrees = self._tables.setdefault((letter, self.mood), table[int(self.random.integers(len(table)))])
        self._phrase = Phrase(self.bars, self.bars + PHRASE, letter, degrees)

    def _plan(self) -> Plan:
        scale = tuple((self.key + s) % 12 for s in SCALES[self.mood])
        chords = [Chord(float((self._phrase.first + i) * BEATS), triad(scale, d))
                  for i, d in enumerate(self._phrase.degrees)]  # fmt: skip
        return Plan([self._phrase], chords, self._levels, [], self.key, scale)

    def _ruled(self, plan: Plan) -> dict[str, list[Tone]]:
        bars = self._phrase.last + 1  # never the last one

        def harmony(beat: float) -> tuple[int, ...]:
            return plan.chords[int(np.clip(beat // BEATS - self._phrase.first, 0, len(plan.chords) - 1))].classes

        return {
            "melody": [*melody(plan, bars, harmony, lambda beat: False, self.seed)],
            "harmony": [*accompany.broken(plan, bars, self.seed)],
            "bass": [*accompany.bass(plan, bars, self.seed)],
            "drums": [t for t in accompany.drums(plan, bars) if t.beat < self._phrase.last * BEATS],
            "pad": [*accompany.pad(plan, float(self._phrase.last * BEATS))],
        }

    def _networked(self, plan: Plan, who: Character, playing: frozenset[str]) -> dict[str, list[Tone]]:
        parts: dict[str, list[Tone]] = {name: [] for name in NAMES}
        parts["pad"] = [*accompany.pad(plan, float(self._phrase.last * BEATS))]
        for drums, writer in self._writers.items():
            known = self._bars(plan, who, drums)
            voices = tuple(i + 1 for i, name in enumerate(NAMES) if (i + 1 == DRUMS) == drums and name in playing)
            place = (self._phrase.letter + self.mood, self.bars - self._phrase.first)
            halves = [half_of(plan, known, self.bars, h, voices, lambda beat: False, place) for h in range(2)]
            for name, tone in writer.bar(self.bars, (halves[0], halves[1]), known) if voices else ():
                parts[name].append(tone)
        return parts

    def _bars(self, plan: Plan, who: Character, drums: bool) -> Bars:
        """All half bars so far, and those of this phrase."""
        table, told = STROKES if drums else ONSETS, self._told[drums]
        chord = named(plan.chords[self.bars - self._phrase.first], self.key) if not drums else named_none()
        following = self._phrase.degrees[(self.bars - self._phrase.first + 1) % PHRASE]
        after = named(Chord(0, triad(plan.scale, following)), self.key) if not drums else named_none()
        count = table[self._levels[2 * self.bars]]
        told[2 * self.bars :] = [(chord, count), (chord, count), (after, count), (after, count)]
        style = GROOVE[who.mood] if drums else "song"
        chords, density = np.array([c for c, _ in told]), np.array([n for _, n in told])
        none = np.zeros(0, np.int64)
        return Bars(STYLES.index(style), EMOTIONS.index(who.mood), self.tempo, chords, density, none, none)


def named_none() -> tuple[int, int]:
    """No harmony."""
    return 12, 7
