"""MIDI files as words: parts told apart, bars found, onsets on sixteenths, and conditions from the notes.

Bars of four quarters alone (4/4, 2/2, 2/4 in pairs); what lies beside sixteenths (triplets) is left out.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import mido
import numpy as np
from numpy.typing import NDArray

from rtengine.models.score import words
from rtengine.models.score.words import BAR, KIT, LOWEST, PITCHES, QUALITIES, STEPS, STYLES, Bars

FOURS = ((4, 4), (2, 2), (2, 4), (4, 2), (8, 8), (4, 8))
OFF = 0.16  # sixteenths: an onset further than this from one is beside it
STRAIGHT = 0.85  # share of onsets on sixteenths, of a bar that counts
LEAST = 4  # bars of a stretch
ACCENT = 1.4  # times the usual loudness around it
DRUM = {n: i for i, n in enumerate(KIT)}
SAME = {35: 36, 40: 38, 22: 42, 44: 42, 26: 46, 53: 51, 59: 51, 55: 49, 52: 49, 57: 49, 43: 45, 41: 45, 58: 45, 48: 47,
        54: 70, 69: 70, 82: 70, 31: 37}  # fmt: skip  # other drums of kits, as the nearest of ours


class Tones(NamedTuple):
    """Notes by time: start and length in sixteenths, pitch, velocity 0 to 1, part; rows sorted by start."""

    start: NDArray[np.float64]
    length: NDArray[np.float64]
    pitch: NDArray[np.int64]
    velocity: NDArray[np.float64]
    part: NDArray[np.int64]


class Stretch(NamedTuple):
    """Words of one stretch of music. words: (n, fields).  at: (n,) sixteenths.  bars: the conditions' sources."""

    words: NDArray[np.int16]
    at: NDArray[np.int64]
    bars: Bars
    source: str


def stretches(path: Path, style: int | None = None) -> Iterator[Stretch]:
    """The stretches of a file; style: of STYLES, else by its instruments. OSError or ValueError if unreadable."""
    try:
        file = mido.MidiFile(path)
    except (EOFError, KeyError, IndexError, mido.KeySignatureError) as error:
        raise ValueError(f"{path} is no MIDI file that can be read ({error})") from None
    if file.type == 2 or file.ticks_per_beat <= 0:
        raise ValueError(f"{path} has no common time for its tracks")
    tones, drums = _tones(file)
    if style is None:
        style = STYLES.index("rock") if drums and not tones else STYLES.index("quartet" if _strings(file) else "song")
    notes = np.array(sorted(drums if style > 1 else tones), float).reshape(-1, 5)
    if len(notes) < 16:
        return
    for first, last, tempo in _fours(file, notes[-1, 0] + 1):
        inside = notes[(notes[:, 0] >= first - 0.5) & (notes[:, 0] < last - 0.5)]
        if len(inside) < 16:
            continue
        shift = first + (0 if style > 1 else 4 * _pickup(inside[:, 0] - first, inside[:, 1]))
        moved = inside[inside[:, 0] >= shift - 0.5]
        moved[:, 0] -= shift
        for stretch in _straight(moved, style > 1):
            yield _stretch(stretch, style, tempo, path.stem)


def _tones(file: mido.MidiFile) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    """(start, length, pitch, velocity, part) of pitched notes and of drums; sixteenths."""
    unit = file.ticks_per_beat / 4
    pitched: list[tuple[float, ...]] = []
    drums: list[tuple[float, ...]] = []
    tracks = [found for found in map(_notes, file.tracks) if found]
    voices = [i for i, found in enumerate(tracks) if found[0][4] != 9]
    for i, found in enumerate(tracks):
        for start, length, pitch, velocity, channel in found:
            row = (start / unit, max(length / unit, 0.25))
            if channel == 9:
                drum = DRUM.get(SAME.get(pitch, pitch))
                if drum is not None:
                    drums.append((row[0], 1.0, float(PITCHES + 1 + drum), velocity / 127, 4.0))
            elif 0 <= pitch - LOWEST + 1 <= PITCHES:
                part = _part(i, voices, pitch)
                pitched.append((*row, float(pitch), velocity / 127, float(part)))
    return pitched, drums


def _part(track: int, tracks: list[int], pitch: int) -> int:
    """Melody is the first track's, bass the last one's of four; of a piano, bass is what lies low."""
    if len(tracks) >= 4:
        return 1 if track == tracks[0] else 3 if track == tracks[-1] else 2
    if len(tracks) == 1 or track == tracks[-1]:
        return 3 if pitch < 53 else 2
    return 1


def _notes(track: mido.MidiTrack) -> list[tuple[int, int, int, int, int]]:
    """(start, length, pitch, velocity, channel) in ticks."""
    now, found = 0, []
    held: dict[tuple[int, int], tuple[int, int]] = {}
    for message in track:
        now += message.time
        if message.type not in ("note_on", "note_off"):
            continue
        key = message.channel, message.note
        if key in held:
            start, velocity = held.pop(key)
            found.append((start, now - start, message.note, velocity, message.channel))
        if message.type == "note_on" and message.velocity:
            held[key] = now, message.velocity
    return found


def _strings(file: mido.MidiFile) -> bool:
    programs = [m.program for t in file.tracks for m in t if m.type == "program_change"]
    return bool(programs) and all(40 <= p <= 51 for p in programs)


def _fours(file: mido.MidiFile, end: float) -> Iterator[tuple[float, float, float]]:
    """(first, last sixteenth, beats a minute) of what has bars of four quarters."""
    unit, signs, tempi = file.ticks_per_beat / 4, [(0.0, (4, 4))], [(0.0, 120.0)]
    for track in file.tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type == "time_signature":
                signs.append((now / unit, (message.numerator, message.denominator)))
            elif message.type == "set_tempo":
                tempi.append((now / unit, 6e7 / max(message.tempo, 1)))
    signs.sort(key=lambda s: s[0])
    first: float | None = None
    for (start, sign), (stop, _) in zip(signs, [*signs[1:], (end, (0, 0))], strict=True):
        if sign in FOURS and first is None:
            first = start
        if first is not None and (sign not in FOURS or stop >= end):
            last = end if sign in FOURS else start
            near = [t for at, t in sorted(tempi, key=lambda t: t[0]) if at <= (first + last) / 2]
            yield first, last, near[-1]
            first = None


def _pickup(start: NDArray[np.float64], length: NDArray[np.float64]) -> int:
    """Beats before the first downbeat: where long notes set in most, unless it is nearly as good as none."""
    beats = np.round(start / 4)
    on = np.abs(start / 4 - beats) < 0.05
    weight = np.bincount(beats[on].astype(int) % 4, np.minimum(length[on], 16), minlength=4)
    best = int(np.argmax(weight))
    return best if weight[best] > 1.15 * weight[0] else 0


def _straight(notes: NDArray[np.float64], loose: bool) -> Iterator[NDArray[np.float64]]:
    """Stretches of at least LEAST bars whose onsets lie on sixteenths, or that were played by hand, moved there."""
    bar = (np.round(notes[:, 0]) // STEPS).astype(int)
    count = int(bar[-1]) + 1 if len(bar) else 0
    near = np.abs(notes[:, 0] - np.round(notes[:, 0])) < OFF
    notes[:, 0] = np.round(notes[:, 0])
    total = np.bincount(bar, minlength=count)
    good = (np.bincount(bar, near, minlength=count) >= STRAIGHT * total) & (total > 0) | loose
    edges = np.flatnonzero(np.diff(np.concatenate([[0], good.astype(int), [0]])))
    for first, last in edges.reshape(-1, 2):
        if last - first >= LEAST or loose:
            part = notes[(bar >= first) & (bar < last) & near | (bar >= first) & (bar < last) & loose].copy()
            part[:, 0] -= first * STEPS
            yield part


def _stretch(notes: NDArray[np.float64], style: int, tempo: float, source: str) -> Stretch:
    """Words in order: by time, part, and pitch from above."""
    _, kept = np.unique(notes[:, [0, 4, 2]], axis=0, return_index=True)
    notes = notes[kept]
    notes = notes[np.lexsort((-notes[:, 2], notes[:, 4], notes[:, 0]))]
    count = int(notes[-1, 0]) // STEPS + 1
    table = np.zeros((len(notes), 5), np.int16)
    table[:, 0], table[:, 1] = notes[:, 0] % STEPS, notes[:, 4]
    table[:, 2] = notes[:, 2] - (0 if style > 1 else LOWEST - 1)
    table[:, 3] = [words.length(v) for v in notes[:, 1]]
    table[:, 4] = [words.velocity(v) for v in notes[:, 3]]
    opens = np.zeros((count, 5), np.int16)
    opens[:, 0] = BAR
    at = np.concatenate([np.arange(count) * STEPS, notes[:, 0].astype(np.int64)])
    order = np.argsort(2 * at + (np.arange(len(at)) >= count), kind="stable")
    return Stretch(np.concatenate([opens, table])[order], at[order], _bars(notes, style, tempo, count), source)


def _bars(notes: NDArray[np.float64], style: int, tempo: float, count: int) -> Bars:
    """What the notes themselves say of chords, density and boundaries; emotion is left 0, and told with the key."""
    start = notes[:, 0].astype(np.int64)
    steps, where = np.unique(start, return_inverse=True)
    density = np.bincount(steps // 8, minlength=2 * count)
    loud = np.bincount(where, notes[:, 3])
    near = np.searchsorted(steps, steps - 16), np.searchsorted(steps, steps + 17)
    usual = np.array([np.median(loud[a:b]) for a, b in zip(*near, strict=True)])
    accents = loud >= ACCENT * usual
    ratio = loud[accents] / usual[accents]
    strengths = np.searchsorted((1.7, 2.1, 2.7), ratio)
    chords = np.full((2 * count, 2), (12, len(QUALITIES))) if style > 1 else _chords(notes, 2 * count)
    return Bars(style, 0, tempo, chords, np.minimum(density, 8), steps[accents], strengths)


def _chords(notes: NDArray[np.float64], halves: int) -> NDArray[np.int64]:
    """Root and quality of each half bar: the template that holds most of what sounds, bass notes counted twice."""
    weight = np.zeros((halves, 12))
    classes = notes[:, 2].astype(int) % 12
    for k in range(4):  # a note reaches into at most four half bars here
        low = (notes[:, 0] // 8 + k) * 8
        over = np.minimum(notes[:, 0] + notes[:, 1], low + 8) - np.maximum(notes[:, 0], low)
        here = (over > 0) & (low // 8 < halves)
        np.add.at(weight, ((low[here] // 8).astype(int), classes[here]), over[here] * (1 + (notes[here, 4] == 3)))
    templates = np.array([[float((c - r) % 12 in q) for c in range(12)] for q in QUALITIES for r in range(12)])
    costs = np.array([0.02 * (len(q) - 3) + 0.04 * (q == (0, 3, 6)) for q in QUALITIES for _ in range(12)])
    roots = np.eye(12)[np.tile(np.arange(12), len(QUALITIES))]
    total = np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    fit = (weight @ (1.5 * templates + 0.3 * roots).T) / total - costs - 0.1 * templates.sum(axis=1)
    best = np.argmax(fit, axis=1)
    out = np.stack([best % 12, best // 12], axis=1)
    out[weight.sum(axis=1) < 1] = 12, len(QUALITIES)
    return out
