"""What a stem plays: by the name of its file, or else by its sound."""

import re

import numpy as np

from rtengine.dsp.console.features import MIX, ROLES, Features

WORDS = {  # parts of words in names of files; the first that fits counts
    MIX: ("mixture", "mixdown", "unity_sum", "master", "^mix$", "fullmix", "stereo_out"),
    "vocals": ("vocal", "vox", "voice", "singer", "choir", "speech", "^voc", "acapella", "rap"),
    "drums": (
        "drum",
        "kick",
        "snare",
        "hihat",
        "hi-hat",
        "tom",
        "cymbal",
        "overhead",
        "perc",
        "beat",
        "cajon",
        "shaker",
    ),
    "bass": ("bass", "^sub"),
    "other": ("guitar", "gtr", "piano", "keys", "synth", "organ", "string", "brass", "horn", "clav", "other", "pad"),
}
SCALE = {"crest": 3.0, "density": 2.0, "active": 0.25}  # as far apart as these is as far as 3 dB in each third octave


def by_name(name: str) -> str | None:
    """The role that a file's name says (without its ending), if it says one."""
    low = name.lower()
    for role, words in WORDS.items():
        if any(re.search(word if word.startswith("^") else re.escape(word), low) for word in words):
            return role
    return None


def by_sound(features: Features, references: dict[str, Features]) -> str:
    """The role whose reference is nearest."""
    return min((r for r in ROLES if r in references), key=lambda r: distance(features, references[r]))


def distance(one: Features, other: Features) -> float:
    """How unlike two sounds are: rms over third octaves and the rest, 1 is 3 dB."""
    spectra = np.clip(one.spectrum, -40, 0) - np.clip(other.spectrum, -40, 0)
    rest = [(getattr(one, name) - getattr(other, name)) / unit for name, unit in SCALE.items()]
    return float(np.sqrt(np.mean((spectra / 3) ** 2) + np.mean(np.square(rest))))
