"""What tells one texture from another: the numbers that the host blends."""

from dataclasses import dataclass

import numpy as np

from rtengine.models import events, fingerprint
from rtengine.models.bands import BANDS, WINDOW_POWER
from rtengine.models.events import Events

LEARNT = 16  # numbers that training finds
CURVES = ("gain", "hiss", "song", "ring", "sharpness")
REACH = (4.0, 2.0, 2.0, 2.0, 1.0)  # by how much the network can move each curve, either way
TONE = 0.6  # how far the long-term spectrum goes towards the exemplar's, unless a player says otherwise
PARTS = {
    "learnt": LEARNT, "fingerprint": fingerprint.WIDTH, "spectrum": BANDS, "curves": len(CURVES) * BANDS, "makeup": 1,
    "tone": 1, "events": events.PARAMETERS, "overtones": len(events.OVERTONES),
}  # fmt: skip
SIZES = list(PARTS.values())
EMBEDDING = sum(SIZES)


def columns(part: str) -> slice:
    """Where a part of the embedding is."""
    begin = sum(SIZES[: list(PARTS).index(part)])
    return slice(begin, begin + PARTS[part])


def noise_columns() -> slice:
    """Where the level of the added noise is, in nepers: a player's noise control adds to these."""
    begin = columns("curves").start + CURVES.index("hiss") * BANDS
    return slice(begin, begin + BANDS)


@dataclass(frozen=True)
class Statistics:
    """What is not learnt of a texture: measured on its exemplar, or chosen with it. Levels in nepers."""

    fingerprint: tuple[float, ...]  # see fingerprint.py
    spectrum: tuple[float, ...]  # (BANDS,) mean log amplitude of the bands against that of all bins
    hiss: float  # most noise added, against the spectrum
    song: float  # most of the gliding tones added, likewise
    ring: float  # by how much the gliding tones lift the music itself
    sharpness: float  # how far partials stand out more (above 0) or less than they did
    events: Events
    makeup: float = 0.0  # against what phase reconstruction takes; measured after training

    def numbers(self) -> list[float]:
        """The embedding's numbers after the learnt ones."""
        size = 0.5 * float(np.log(WINDOW_POWER))  # the noise comes unnormalised
        hiss = [v + self.hiss - REACH[1] - size for v in self.spectrum]
        song = [v + self.song - REACH[2] for v in self.spectrum]
        curves = [*[0.0] * BANDS, *hiss, *song, *[self.ring] * BANDS, *[self.sharpness] * BANDS]
        return [*self.fingerprint, *self.spectrum, *curves, self.makeup, TONE, *self.events.numbers()]
