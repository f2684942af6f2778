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
    made_up: nobody mixed it, and its stems may play in any other such song.  crests: of the stems, dB.
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
    crests: NDArray[np.float64]
    made_up: bool = False


def song(
    name: str,
    sample_rate: int,
    roles: Sequence[str],
    stems: Sequence[Samples],
    mix: Samples | None,
    made_up: bool = False,
) -> Song:
    """Measure one; silent stems are left out, and of a made-up song there is no mix, and one channel."""
    kept = [i for i, x in enumerate(stems) if x.any()]
    mono = [np.repeat(stems[i].mean(axis=0, keepdims=True), 2, axis=0) for i in kept]
    power, peak = ear.hear(np.concatenate(mono).astype(np.float32), sample_rate)
    whole = measure(mix if mix is not None else np.sum(stems, axis=0, dtype=np.float32), sample_rate)
    each = [measure(stems[i], sample_rate) for i in kept]
    return Song(
        name, sample_rate, [roles[i] for i in kept],
        [m[:1] if made_up else stems[i] for m, i in zip(mono, kept, strict=True)],
        None if made_up else mix, power.transpose(1, 0, 2), peak.T, np.array([f.loudness for f in each]), wish(whole),
        np.array([s for _, _, s in sides(whole)]), whole.crest, np.array([f.crest for f in each]), made_up,
    )  # fmt: skip
