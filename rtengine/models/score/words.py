"""The compound words of the score network: what a word says, and what it is told beside it.

A word is a note, or BAR, the start of the next bar. Its fields are predicted one after another, each knowing the ones
before: step, part, pitch, length, velocity. Its conditions are known ahead, in training from the music, in a film from
the picture: W.-Y. Hsiao and others, "Compound Word Transformer", AAAI 2021; the distance to the next boundary as a
condition of each word: S. Sulun and others, "Video soundtrack generation by aligning emotions and temporal boundaries"
(EMSYNC), 2025. Pitches and roots are relative to the tonic, which is C.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STEPS = 16  # of a bar of four beats
BAR = STEPS  # the step of a word that opens a bar
NAMES = ("melody", "harmony", "bass", "drums")  # parts from 1 on; 0 is nobody's
DRUMS = 4
LOWEST, PITCHES = 24, 72  # MIDI number of pitch 1, and how many there are
KIT = (36, 38, 37, 42, 46, 51, 49, 45, 47, 50, 39, 70)  # General MIDI drums of pitch PITCHES + 1 on
LENGTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)  # sixteenths of length 1 on
VELOCITIES = 8
STYLES = ("song", "quartet", "rock", "funk", "jazz", "latin", "hiphop", "soul")  # the last six are drums'
EMOTIONS = ("happy", "tense", "sad", "calm")
TEMPI = (60, 72, 84, 96, 112, 132, 160)  # beats a minute, edges
OFFSETS = (
    0,
    1,
    2,
    3,
    4,
    6,
    8,
    12,
    16,
    24,
    32,
)  # sixteenths to the next boundary, edges; beyond the last: none in sight
QUALITIES = ((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 7, 10), (0, 3, 7, 10), (0, 4, 7, 11), (0, 3, 6, 10))
FIELDS = {"step": STEPS + 1, "part": 5, "pitch": PITCHES + len(KIT) + 1, "length": len(LENGTHS) + 1,
          "velocity": VELOCITIES + 1}  # fmt: skip
CONDITIONS = {"style": len(STYLES), "emotion": 4, "tempo": len(TEMPI) + 1, "density": 9, "density after": 9,
              "offset": len(OFFSETS), "strength": 4, "root": 13, "quality": len(QUALITIES) + 1, "root after": 13,
              "quality after": len(QUALITIES) + 1}  # fmt: skip
Words = NDArray[np.int16]


class Bars(NamedTuple):
    """What is known of music before its notes. All by half bar but the boundaries.

    chords: (half bars, 2) root 0 to 11 (12: none) and quality.  density: steps of eight with an onset.
    boundaries: sixteenths, ascending.  strengths: of each, 0 to 3.
    """

    style: int
    emotion: int
    tempo: float
    chords: NDArray[np.int64]
    density: NDArray[np.int64]
    boundaries: NDArray[np.int64]
    strengths: NDArray[np.int64]


def conditions(bars: Bars, at: NDArray[np.int64]) -> NDArray[np.int16]:
    """(n, conditions) for words at these sixteenths."""
    half = np.clip(at // 8, 0, len(bars.density) - 1)
    after = np.minimum(half + 1, len(bars.density) - 1)
    following = np.searchsorted(bars.boundaries, at)
    near = np.append(bars.boundaries, 1 << 30)[following] - at
    out = np.empty((len(at), len(CONDITIONS)), np.int16)
    out[:, 0], out[:, 1], out[:, 2] = bars.style, bars.emotion, np.searchsorted(TEMPI, bars.tempo)
    out[:, 3], out[:, 4] = bars.density[half], bars.density[after]
    out[:, 5] = np.where(near > OFFSETS[-1], len(OFFSETS) - 1, np.searchsorted(OFFSETS, near))
    out[:, 6] = np.where(near > OFFSETS[-1], 0, np.append(bars.strengths, 0)[following])
    out[:, 7:9], out[:, 9:11] = bars.chords[half], bars.chords[after]
    return out


def quadrant(minor: bool, lively: bool) -> int:
    """The number of an emotion."""
    return (1 if minor else 0) if lively else (2 if minor else 3)


def velocity(loud: float) -> int:
    """The field of a loudness, 0 to 1."""
    return 1 + int(np.clip(loud * VELOCITIES, 0, VELOCITIES - 1))


def length(sixteenths: float) -> int:
    """The field of a length: the nearest by ratio."""
    return 1 + int(np.argmin(np.abs(np.log(np.array(LENGTHS)) - np.log(max(sixteenths, 0.5)))))
