"""A piece as a standard MIDI file, General MIDI's names for its instruments, and the notes of other such files."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from rtengine.score.notes import Piece

PROGRAMS = {  # General MIDI: bank, program
    "piano": (0, 0), "guitar": (0, 24), "bass": (0, 33), "strings": (0, 48), "brass": (0, 61), "flute": (0, 73),
    "pad": (0, 89), "bells": (0, 9), "kit": (128, 0),
}  # fmt: skip
DRUMS = 9  # the channel of drums, from 0
TICKS = 960  # a quarter note
MISSING = "MIDI files need mido: pip install 'rtengine[score]'"


def channels(piece: Piece) -> dict[str, int]:
    """A channel for each part, drums on theirs."""
    free = iter(c for c in range(16) if c != DRUMS)
    return {part: DRUMS if name == "kit" else next(free) for part, name in piece.instruments.items()}


def write_midi(piece: Piece, path: Path) -> None:
    """Type 1: a track of tempi and key, then one a part. Times are the piece's, to a tick.

    ValueError says what is to be installed if mido is missing.
    """
    try:
        import mido
    except ImportError:
        raise ValueError(MISSING) from None
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    first = float(piece.grid.beat(0.0))
    conductor = mido.MidiTrack()
    file.tracks.append(conductor)
    conductor.append(mido.MetaMessage("time_signature", numerator=4, denominator=4))
    changes = [(max(beat - first, 0.0), tempo) for beat, tempo in piece.grid.tempi()]
    last = 0
    for beat, tempo in changes:
        tick = round(beat * TICKS)
        conductor.append(mido.MetaMessage("set_tempo", tempo=round(60e6 / tempo), time=max(tick - last, 0)))
        last = max(tick, last)
    for part, channel in channels(piece).items():
        track = mido.MidiTrack()
        file.tracks.append(track)
        track.append(mido.MetaMessage("track_name", name=f"{part} ({piece.instruments[part]})"))
        if channel != DRUMS:
            track.append(mido.Message("program_change", channel=channel, program=PROGRAMS[piece.instruments[part]][1]))
        last = 0
        for tick, kind, pitch, velocity in _events(piece, part, first):
            name = "note_on" if kind else "note_off"
            track.append(mido.Message(name, channel=channel, note=pitch, velocity=velocity, time=tick - last))
            last = tick
    with path.open("wb") as opened:
        file.save(file=opened)


def _events(piece: Piece, part: str, first: float) -> list[tuple[int, int, int, int]]:
    """(tick, 1 on or 0 off, pitch, velocity), offs before ons."""
    found = []
    for note in piece.notes:
        if note.part == part:
            on, off = (round((float(piece.grid.beat(t)) - first) * TICKS) for t in (note.start, note.end))
            found.append((on, 1, note.pitch, max(round(note.velocity * 127), 1)))
            found.append((max(off, on + 1), 0, note.pitch, 0))
    return sorted(found)


class Tone(NamedTuple):
    """A note: seconds, MIDI number, 0 to 1."""

    start: float
    end: float
    pitch: int
    velocity: float


def read_tracks(path: Path) -> list[tuple[int, list[Tone]]]:
    """Each track's channel and notes; OSError or ValueError if it is no MIDI file."""
    try:
        import mido
    except ImportError:
        raise ValueError(MISSING) from None
    try:
        file = mido.MidiFile(path)
    except (EOFError, IndexError, KeyError) as error:
        raise ValueError(f"{path} is no MIDI file: {error}") from None
    tempi = [(0, 500_000)]
    for track in file.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "set_tempo":
                tempi.append((tick, message.tempo))
    tempi.sort(key=lambda t: t[0])
    ticks = np.array([t for t, _ in tempi], float)
    pace = np.array([p for _, p in tempi]) / 1e6 / file.ticks_per_beat  # seconds a tick
    at = np.concatenate([[0.0], np.cumsum(np.diff(ticks) * pace[:-1])])

    def seconds(tick: float) -> float:
        i = int(np.searchsorted(ticks, tick, side="right")) - 1
        return float(at[i] + (tick - ticks[i]) * pace[i])

    found = []
    for track in file.tracks:
        tick, channel, notes = 0, 0, []
        sounding: dict[int, tuple[float, float]] = {}
        for message in track:
            tick += message.time
            if message.type in ("note_on", "note_off"):
                channel = message.channel
                if message.note in sounding:
                    start, velocity = sounding.pop(message.note)
                    notes.append(Tone(start, max(seconds(tick), start + 0.02), message.note, velocity))
                if message.type == "note_on" and message.velocity:
                    sounding[message.note] = seconds(tick), message.velocity / 127
        if len(notes) > 3:
            found.append((channel, notes))
    return found
