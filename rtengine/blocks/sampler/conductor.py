"""What a score that is being played can be told, and what it says of itself; the sound passes untouched.

The notes are written by a thread of Python, bars ahead (rtengine.score.stage), which looks at these parameters and
sends what there is to show as cues: number of the reading, value.
"""

from typing import Any

import numpy as np

from rtengine.block import Block, Parameter, Reading
from rtengine.events import CUE, PANIC
from rtengine.native.kernel import kernel

SHOWN = ("position", "length", "bar", "beat", "pace", "motion", "valence", "arousal", "missed", "rests", "version")
SWITCH = ("off", "on")


class Conductor(Block):
    """Controls and readings of a score; `process` leaves the sound alone."""

    sensitivity = Parameter(0.5, 0, 1, "", "linear", "how faint a movement the music meets")
    mood = Parameter(0, 0, 1, "", "step", "whose mood the music follows", ("picture", "hand"))
    glad = Parameter(0, -1, 1, "", "linear", "by hand: sad to glad")
    stir = Parameter(0, -1, 1, "", "linear", "by hand: calm to stirring")
    tempo = Parameter(0, 0, 240, "beats a minute", "step", "by hand; below 40: chosen for the film")
    melody = Parameter(1, 0, 1, "", "step", "the melody", SWITCH)
    harmony = Parameter(1, 0, 1, "", "step", "chords and broken chords", SWITCH)
    pad = Parameter(1, 0, 1, "", "step", "held chords", SWITCH)
    bass = Parameter(1, 0, 1, "", "step", "the bass", SWITCH)
    accents = Parameter(1, 0, 1, "", "step", "what cuts and movements are given", SWITCH)
    drums = Parameter(1, 0, 1, "", "step", "the drums", SWITCH)

    position = Reading(0, 360_000, "s", "of the film")
    length = Reading(0, 360_000, "s", "of the film; 0 for a camera")
    bar = Reading(0, 1_000_000, "", "that plays, from 1")
    beat = Reading(0, 4, "", "of the bar, from 1")
    pace = Reading(0, 300, "beats a minute", "of the bar that plays")
    motion = Reading(0, 1, "", "of the picture")
    valence = Reading(-1, 1, "", "of the picture: sad to glad")
    arousal = Reading(-1, 1, "", "of the picture: calm to stirring")
    missed = Reading(0, 1_000_000, "", "notes that came too late")
    rests = Reading(0, 1_000_000, "", "bars that were not written in time, and are rests")
    version = Reading(0, 1_000_000_000, "", "of the score: another one, another number")

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return {"told": np.zeros(len(SHOWN), np.float32)}

    @staticmethod
    @kernel
    def receive(state, params, kind, channel, a, b):
        if kind == CUE and 0 <= a < state.told.shape[0]:
            state.told[np.int64(a)] = b
        elif kind == PANIC:
            state.told[:] = 0

    @staticmethod
    @kernel
    def process(state, params, x):
        r, t = state.readings, state.told
        r.position, r.length, r.bar, r.beat, r.pace = t[0], t[1], t[2], t[3], t[4]
        r.motion, r.valence, r.arousal, r.missed, r.rests, r.version = t[5], t[6], t[7], t[8], t[9], t[10]
