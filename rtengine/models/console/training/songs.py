"""Songs to learn from: what the ear hears of the clean stems, and what the mix is like."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.console.features import measure
from rtengine.dsp.console.moves import sides
from rtengine.models.console import ear
from rtengine.models.console.wish import wish

Samples = NDArray[np.float32]


@dataclass
class Song:
    """One multitrack.

    stems: (2, samples) each, with the level that they have in the mix.  mix: the human one, or None if there is none.
    power: (strips, hops, COUNT) and peak (strips, hops): of the stems in mono.  loudness: LUFS, (strips,).
    """

    name: str
    sample_rate: int
    roles: list[str]
    stems: list[Samples]
    mix: Samples | None
    power: NDArray[np.float64]
    peak: NDArray[np.float64]
    loudness: NDArray[np.float64]
    wish: NDArray[np.float64]
    sides: NDArray[np.float64]
    crest: float


def song(name: str, sample_rate: int, roles: Sequence[str], stems: Sequence[Samples], mix: Samples | None) -> Song:
    """Measure one; silent stems are left out."""
    kept = [i for i, x in enumerate(stems) if x.any()]
    mono = [np.repeat(stems[i].mean(axis=0, keepdims=True), 2, axis=0) for i in kept]
    power, peak = ear.hear(np.concatenate(mono).astype(np.float32), sample_rate)
    whole = measure(mix if mix is not None else np.sum(stems, axis=0, dtype=np.float32), sample_rate)
    loud = np.array([measure(stems[i], sample_rate).loudness for i in kept])
    return Song(
        name, sample_rate, [roles[i] for i in kept], [stems[i] for i in kept], mix, power.transpose(1, 0, 2), peak.T,
        loud, wish(whole), np.array([s for _, _, s in sides(whole)]), whole.crest,
    )  # fmt: skip
