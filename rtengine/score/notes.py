"""What a composer hands over: notes by film time, who plays them, and the harmony that they follow."""

from dataclasses import dataclass
from typing import NamedTuple

from rtengine.score.grid import Grid, Hit

PARTS = ("melody", "harmony", "pad", "bass", "accents", "drums")


class Note(NamedTuple):
    """start and end in seconds of film time; pitch: MIDI number; velocity: 0 to 1; part: of PARTS."""

    start: float
    end: float
    pitch: int
    velocity: float
    part: str


class Chord(NamedTuple):
    """From `beat` on this harmony holds: pitch classes, the root first."""

    beat: float
    classes: tuple[int, ...]


@dataclass(frozen=True)
class Piece:
    """A composition. key: pitch class of the tonic; scale: its pitch classes; instruments: by part."""

    grid: Grid
    hits: tuple[Hit, ...]
    notes: tuple[Note, ...]
    chords: tuple[Chord, ...]
    key: int
    scale: tuple[int, ...]
    mood: str
    instruments: dict[str, str]
