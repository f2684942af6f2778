"""What tells one texture from another: the numbers that the host blends."""

from dataclasses import dataclass

import numpy as np

from rtengine.models import events
from rtengine.models.events import Events
from rtengine.models.features import BANDS, WINDOW_POWER

LEARNT = 16  # numbers that training finds
CURVES = ("gain", "hiss", "song", "ring", "sharpness")
REACH = (4.0, 2.0, 2.0, 2.0, 1.0)  # by how much the network can move each curve, either way
# learnt, spectrum, curves' starts, makeup, events, harmonics
SIZES = [LEARNT, BANDS, len(CURVES) * BANDS, 1, events.PARAMETERS, len(events.HARMONICS)]
EMBEDDING = sum(SIZES)


@dataclass(frozen=True)
class Statistics:
    """What is not learnt of a texture: measured on its exemplar, or chosen with it. Nepers."""

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
        return [*self.spectrum, *curves, self.makeup, *self.events.numbers()]
