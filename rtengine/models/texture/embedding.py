"""What tells one texture from another: the numbers that the host blends."""

from dataclasses import dataclass

import numpy as np

from rtengine.models.texture import fingerprint
from rtengine.models.texture.bands import BANDS, WINDOW_POWER
from rtengine.models.texture.modulator import NATURAL, Modulator

LEARNT = 16  # numbers that training finds
CONDITION = 64  # width between these numbers and the layers' shifts and scales
CURVES = ("gain", "hiss", "song", "ring", "sharpness")
REACH = (4.0, 2.0, 2.0, 2.0, 1.0)  # by how much the network can move each curve, either way
TONE = 0.6  # how far the long-term spectrum goes towards the exemplar's, unless a player says otherwise
PARTS = {
    "learnt": LEARNT, "fingerprint": fingerprint.WIDTH, "spectrum": BANDS, "curves": len(CURVES) * BANDS, "makeup": 1,
    "tone": 1, "closer": CONDITION,
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
    """What is measured of a sound, and not learnt. Levels in nepers."""

    fingerprint: tuple[float, ...]  # see fingerprint.py
    spectrum: tuple[float, ...]  # (BANDS,) mean log amplitude of the bands against that of all bins
    tonal: float  # share of its power that partials have, 0 to 1
    modulator: Modulator
    makeup: float = 0.0  # against what phase reconstruction takes; measured after training

    def numbers(self) -> list[float]:
        """The embedding's numbers after the learnt ones."""
        size = 0.5 * float(np.log(WINDOW_POWER))  # the noise comes unnormalised
        hiss = [v + float(np.log(1.05 - self.tonal)) + 0.5 - REACH[1] - size for v in self.spectrum]
        song, ring, sharpness = 0.5 + float(np.log(NATURAL)) - REACH[2], 0.4 + 0.4 * self.tonal, 0.5 * self.tonal - 0.1
        curves = [*[0.0] * BANDS, *hiss, *[song] * BANDS, *[ring] * BANDS, *[sharpness] * BANDS]
        return [*self.fingerprint, *self.spectrum, *curves, self.makeup, TONE, *[0.0] * CONDITION]
