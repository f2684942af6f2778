"""Sampled instruments as flat arrays that native code reads: one line of samples, one row a zone, one span a preset."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

GUARD = 4  # zeros before and after each sample: four points are read around a position
INTEGERS = (
    "key_low",
    "key_high",
    "velocity_low",
    "velocity_high",
    "start",
    "end",
    "loop_start",
    "loop_end",
    "loop",
    "group",
)
FLOATS = ("root", "rate", "gain", "pan", "tracking", "delay", "attack", "hold", "decay", "sustain", "release", "cutoff",
          "resonance", "sweep", "sweep_attack", "sweep_decay", "sweep_sustain", "brightness", "send")  # fmt: skip
ONCE, HELD, UNTIL_RELEASE = 0, 1, 2  # of `loop`
OPEN = 20_000.0  # Hz: a cutoff from which there is no filter


class Zone(NamedTuple):
    """One sample and where and how it plays. Times in seconds; positions are samples of the bank's line.

    key and velocity bounds: MIDI numbers, included. root: the key, with fractions, at which it plays at `rate` (Hz).
    gain: linear. pan: -1 left to 1 right. tracking: semitones a key. sustain: linear. cutoff: Hz; resonance: dB at it;
    sweep: octaves that an envelope of its own moves it; brightness: octaves by which full velocity opens it above a
    soft one. send: to the room, 0 to 1. group: notes of one group above 0 cut each other off, as hi-hats do.
    """

    key_low: int = 0
    key_high: int = 127
    velocity_low: int = 0
    velocity_high: int = 127
    start: int = 0
    end: int = 0
    loop_start: int = 0
    loop_end: int = 0
    loop: int = ONCE
    group: int = 0
    root: float = 60.0
    rate: float = 44_100.0
    gain: float = 1.0
    pan: float = 0.0
    tracking: float = 1.0
    delay: float = 0.0
    attack: float = 0.001
    hold: float = 0.0
    decay: float = 0.001
    sustain: float = 1.0
    release: float = 0.1
    cutoff: float = OPEN
    resonance: float = 0.0
    sweep: float = 0.0
    sweep_attack: float = 0.001
    sweep_decay: float = 0.001
    sweep_sustain: float = 1.0
    brightness: float = 0.0
    send: float = 0.3


@dataclass(frozen=True)
class Bank:
    """All that sounds. samples: float32 line. integers, floats: (zones, fields). presets: name to (first, count)."""

    samples: NDArray[np.float32]
    integers: NDArray[np.int64]
    floats: NDArray[np.float32]
    presets: dict[str, tuple[int, int]]

    def preset(self, name: str) -> tuple[int, int]:
        """First zone and how many; KeyError names those there are."""
        if name not in self.presets:
            raise KeyError(f"there is no instrument {name}: {', '.join(self.presets)}")
        return self.presets[name]


@dataclass
class Maker:
    """Gathers samples and zones, then makes the bank."""

    parts: list[NDArray[np.float32]] = field(default_factory=lambda: [np.zeros(GUARD, np.float32)])
    zones: list[Zone] = field(default_factory=list)
    presets: dict[str, tuple[int, int]] = field(default_factory=dict)
    length: int = GUARD

    def sample(self, x: NDArray[np.float32]) -> tuple[int, int]:
        """Add a sample; where it starts and ends."""
        start = self.length
        self.parts += [np.asarray(x, np.float32), np.zeros(GUARD, np.float32)]
        self.length += len(x) + GUARD
        return start, start + len(x)

    def preset(self, name: str, zones: Sequence[Zone]) -> None:
        """Name these zones; ValueError if one cannot play."""
        for zone in zones:
            if not GUARD <= zone.start < zone.end:
                raise ValueError(f"a sample of {name} has no length: {zone.start} to {zone.end}")
            if zone.loop and not GUARD <= zone.loop_start < zone.loop_end <= zone.end:
                raise ValueError(f"a loop of {name} lies outside its sample: {zone.loop_start} to {zone.loop_end}")
        self.presets[name] = len(self.zones), len(zones)
        self.zones += zones

    def bank(self) -> Bank:
        """Everything as flat arrays."""
        integers = np.array([z[: len(INTEGERS)] for z in self.zones], np.int64).reshape(-1, len(INTEGERS))
        floats = np.array([z[len(INTEGERS) :] for z in self.zones], np.float32).reshape(-1, len(FLOATS))
        return Bank(np.concatenate(self.parts), integers, floats, self.presets)


assert Zone._fields == INTEGERS + FLOATS
