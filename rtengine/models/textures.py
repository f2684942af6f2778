"""The shipped textures: what is chosen by hand for each; the rest of an embedding is measured or learnt."""

from dataclasses import replace

import numpy as np

from rtengine.models.clip import measured
from rtengine.models.embedding import Statistics
from rtengine.models.events import Events
from rtengine.models.exemplars import exemplar

CHOSEN: dict[str, dict[str, float | Events]] = {
    "water": {
        "hiss": 0.3, "song": 1.8, "ring": 0.5, "sharpness": 0.0,
        "events": Events(
            threshold=1.2, attack_pull=0.8, length=-4.0, length_spread=0.6, pitch=10.3, pitch_spread=0.9, follow=0.0,
            extent=0.5, extent_spread=0.3, curve=0.3, rise=0.08, fall=3.5, vibrato=0.0, tremolo=0.0, rate=3.3,
            rate_spread=0.5, level_spread=0.9, overtones=0.0,
        ),
    },
    "laser": {
        "hiss": -3.0, "song": 3.0, "ring": 0.8, "sharpness": 0.2,
        "events": Events(
            threshold=2.6, attack_pull=2.0, length=-1.1, length_spread=0.35, pitch=12.8, pitch_spread=0.5, follow=0.0,
            extent=-4.3, extent_spread=0.6, curve=4.0, rise=0.01, fall=3.0, vibrato=0.08, tremolo=0.0, rate=5.5,
            rate_spread=0.5, level_spread=0.4, overtones=0.6,
        ),
    },
    "future": {
        "hiss": -4.0, "song": 2.5, "ring": 0.5, "sharpness": 0.4,
        "events": Events(
            threshold=1.2, attack_pull=0.5, length=0.0, length_spread=0.6, pitch=1.0, pitch_spread=0.003, follow=1.0,
            extent=0.0, extent_spread=0.01, curve=0.3, rise=0.3, fall=1.5, vibrato=0.004, tremolo=0.9, rate=2.6,
            rate_spread=0.4, level_spread=0.7, overtones=0.3,
        ),
    },
}  # fmt: skip


def statistics(name: str) -> Statistics:
    """What the network is told of a texture: its exemplar's fingerprint and spectrum, and what is chosen above."""
    x = np.concatenate([exemplar(name, 4.0, seed=seed) for seed in range(1, 7)])
    return replace(measured(x), **CHOSEN[name])  # type: ignore[arg-type]
