"""From mood to music: tempo, mode and instruments of a film by its valence and arousal.

Fast and loud go with arousal, the major mode with valence: A. Gabrielsson, E. Lindstroem, "The role of structure in the
musical expression of emotions", 2010. The four quadrants are Russell's, "A circumplex model of affect", 1980.
"""

from typing import NamedTuple

import numpy as np

from rtengine.film.analysis import Analysis
from rtengine.score.notes import PARTS

MOODS = {  # of a quadrant: valence, arousal
    "happy": (0.6, 0.6),
    "tense": (-0.6, 0.6),
    "sad": (-0.6, -0.5),
    "calm": (0.5, -0.5),
}
SCALES = {"happy": (0, 2, 4, 5, 7, 9, 11), "calm": (0, 2, 4, 5, 7, 9, 11),
          "tense": (0, 2, 3, 5, 7, 8, 10), "sad": (0, 2, 3, 5, 7, 8, 10)}  # fmt: skip
TONICS = (0, 2, 3, 5, 7, 9, 10)  # keys that lie well for most instruments
INSTRUMENTS = {
    mood: dict(zip(PARTS, names.split(), strict=True))
    for mood, names in {
        "happy": "flute guitar strings bass brass kit",
        "tense": "brass piano strings bass brass kit",
        "sad": "piano piano strings bass strings off",
        "calm": "flute piano pad bass bells kit",
    }.items()
}
MIDDLE, STEP = 96.0, 0.42  # beats a minute at arousal 0; octaves of tempo that an arousal of 1 is worth
CLEAR = 0.3  # of the motion's own tempo: above it, it has a say


class Character(NamedTuple):
    """How a piece is to sound. liked: beats a minute to prefer."""

    mood: str
    valence: float
    arousal: float
    liked: float
    scale: tuple[int, ...]
    instruments: dict[str, str]


def character(film: Analysis, emotion: tuple[float, float] | None, instruments: dict[str, str]) -> Character:
    """The character for a film; `emotion` (valence, arousal) over the picture's own, `instruments` by part likewise."""
    valence = float(film.mood.valence.mean()) if emotion is None else emotion[0]
    arousal = float(film.mood.arousal.mean()) if emotion is None else emotion[1]
    mood = quadrant(valence, arousal)
    liked = pace(arousal)
    own, clear = film.tempo
    if clear > CLEAR:
        own *= 2.0 ** np.rint(np.log2(liked / own))
        liked = float(np.sqrt(liked * own))
    return Character(mood, valence, arousal, liked, SCALES[mood], {**INSTRUMENTS[mood], **instruments})


def pace(arousal: float) -> float:
    """Beats a minute that go with an arousal."""
    return float(MIDDLE * 2 ** (STEP * arousal))


def quadrant(valence: float, arousal: float) -> str:
    """The name of the quadrant; the middle counts as glad and calm."""
    if valence >= 0:
        return "happy" if arousal > 0 else "calm"
    return "tense" if arousal > 0 else "sad"
