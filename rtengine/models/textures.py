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
    "rain": {
        "hiss": 0.6, "song": 0.8, "ring": 0.2, "sharpness": -0.2,
        "events": Events(
            threshold=1.1, attack_pull=0.4, length=-5.6, length_spread=0.4, pitch=12.3, pitch_spread=0.7, follow=0.0,
            extent=0.0, extent_spread=0.02, curve=0.3, rise=0.05, fall=4.0, vibrato=0.0, tremolo=0.0,
            rate=3.0, rate_spread=0.3, level_spread=1.1, overtones=0.0,
        ),
    },
    "fire": {
        "hiss": 0.8, "song": 0.3, "ring": 0.2, "sharpness": -0.3,
        "events": Events(
            threshold=2.0, attack_pull=1.6, length=-6.0, length_spread=0.5, pitch=11.5, pitch_spread=1.0, follow=0.0,
            extent=0.0, extent_spread=0.02, curve=0.3, rise=0.05, fall=4.5, vibrato=0.0, tremolo=0.0,
            rate=3.0, rate_spread=0.3, level_spread=1.4, overtones=0.3,
        ),
    },
    "wind": {
        "hiss": 0.4, "song": 1.8, "ring": 0.6, "sharpness": -0.2,
        "events": Events(
            threshold=2.0, attack_pull=0.3, length=1.0, length_spread=0.4, pitch=9.8, pitch_spread=0.7, follow=0.0,
            extent=0.0, extent_spread=0.5, curve=0.2, rise=0.4, fall=1.2, vibrato=0.12, tremolo=0.3,
            rate=0.6, rate_spread=0.4, level_spread=0.7, overtones=0.0,
        ),
    },
    "glass": {
        "hiss": -1.5, "song": 2.6, "ring": 0.7, "sharpness": 0.3,
        "events": Events(
            threshold=1.7, attack_pull=1.5, length=-1.8, length_spread=0.5, pitch=11.9, pitch_spread=0.65, follow=0.0,
            extent=0.0, extent_spread=0.0, curve=0.3, rise=0.01, fall=5.0, vibrato=0.0, tremolo=0.0,
            rate=3.0, rate_spread=0.3, level_spread=0.9, overtones=0.2, clang=0.6,
        ),
    },
    "metal": {
        "hiss": -1.8, "song": 2.6, "ring": 0.9, "sharpness": 0.3,
        "events": Events(
            threshold=2.0, attack_pull=2.0, length=0.1, length_spread=0.5, pitch=10.8, pitch_spread=1.2, follow=0.0,
            extent=0.0, extent_spread=0.0, curve=0.3, rise=0.005, fall=5.0, vibrato=0.0, tremolo=0.15,
            rate=3.0, rate_spread=0.6, level_spread=0.8, overtones=0.2, clang=0.8,
        ),
    },
    "bells": {
        "hiss": -4.0, "song": 2.4, "ring": 0.6, "sharpness": 0.4,
        "events": Events(
            threshold=2.0, attack_pull=2.0, length=1.0, length_spread=0.4, pitch=0.0, pitch_spread=0.003, follow=1.0,
            extent=0.0, extent_spread=0.0, curve=0.3, rise=0.004, fall=5.0, vibrato=0.0, tremolo=0.2,
            rate=1.0, rate_spread=0.6, level_spread=0.5, overtones=0.5, clang=0.5,
        ),
    },
    "static": {
        "hiss": 1.0, "song": 0.0, "ring": 0.2, "sharpness": -0.4,
        "events": Events(
            threshold=2.8, attack_pull=0.2, length=0.3, length_spread=0.4, pitch=11.0, pitch_spread=0.6, follow=0.0,
            extent=0.0, extent_spread=0.5, curve=0.2, rise=0.3, fall=1.0, vibrato=0.05, tremolo=0.0,
            rate=1.0, rate_spread=0.5, level_spread=0.6, overtones=0.0,
        ),
    },
    "birds": {
        "hiss": -2.0, "song": 3.0, "ring": 0.6, "sharpness": 0.2,
        "events": Events(
            threshold=1.6, attack_pull=1.2, length=-3.4, length_spread=0.7, pitch=12.0, pitch_spread=0.5, follow=0.0,
            extent=0.0, extent_spread=0.5, curve=0.4, rise=0.3, fall=1.5, vibrato=0.08, tremolo=0.0,
            rate=4.2, rate_spread=0.5, level_spread=0.6, overtones=0.1,
        ),
    },
    "waves": {
        "hiss": 0.9, "song": -1.5, "ring": 0.1, "sharpness": -0.4,
        "events": Events(
            threshold=1.6, attack_pull=0.3, length=-6.0, length_spread=0.4, pitch=12.5, pitch_spread=0.6, follow=0.0,
            extent=0.0, extent_spread=0.05, curve=0.3, rise=0.05, fall=4.0, vibrato=0.0, tremolo=0.0,
            rate=3.0, rate_spread=0.3, level_spread=1.0, overtones=0.0,
        ),
    },
    "choir": {
        "hiss": -2.5, "song": 1.8, "ring": 0.7, "sharpness": 0.3,
        "events": Events(
            threshold=1.6, attack_pull=0.6, length=0.8, length_spread=0.3, pitch=-1.0, pitch_spread=0.008, follow=1.0,
            extent=0.0, extent_spread=0.003, curve=0.3, rise=0.15, fall=0.8, vibrato=0.03, tremolo=0.1,
            rate=2.5, rate_spread=0.12, level_spread=0.5, overtones=0.8,
        ),
    },
    "arpeggio": {
        "hiss": -4.0, "song": 2.8, "ring": 0.6, "sharpness": 0.4,
        "events": Events(
            threshold=2.2, attack_pull=1.5, length=-2.1, length_spread=0.15, pitch=-0.5, pitch_spread=0.35, follow=1.0,
            extent=0.0, extent_spread=0.0, curve=0.3, rise=0.02, fall=3.0, vibrato=0.0, tremolo=0.0,
            rate=3.0, rate_spread=0.3, level_spread=0.3, overtones=0.9,
        ),
    },
}  # fmt: skip


def statistics(name: str) -> Statistics:
    """What the network is told of a texture: its exemplar's fingerprint and spectrum, and what is chosen above."""
    x = np.concatenate([exemplar(name, 4.0, seed=seed) for seed in range(1, 7)])
    return replace(measured(x), **CHOSEN[name])  # type: ignore[arg-type]
