"""What a render is asked to do and what came of it, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Input:
    """A part of a sound file; start and duration in seconds of the picture, or None for all that follows.

    path: "-" is standard input. stream: the number of an audio stream of several, from 1 on. align: where the sound
    begins after the picture, silence comes before it.
    """

    path: Path
    start: float = 0.0
    duration: float | None = None
    stream: int = 1
    align: bool = False


@dataclass(frozen=True)
class Settings:
    """What the patch is to do. blend: weights of textures or sound files by name. values: (address, text) pairs."""

    blend: Mapping[str, float] = field(default_factory=lambda: {"water": 1.0})
    quality: str = "standard"
    mix: float | None = None
    values: Sequence[tuple[str, str]] = ()
    model: Path | None = None  # the one that comes with it
    seed: int = 0
    threads: int = 2
    built: Sequence[tuple[str, str]] = ()  # settings of the patch, by name, as texts


@dataclass(frozen=True)
class Output:
    """Where to write. The path's ending is the format; "-" is standard output. Loudness in LUFS; .png and .npz."""

    path: Path
    bit_depth: str | None = None
    loudness: float | None = None
    picture: Path | None = None
    overview: Path | None = None
    force: bool = False  # replace what exists


@dataclass(frozen=True)
class Automation:
    """The log of a performance, and the folders of the models and clips that it names."""

    log: Path
    models: Path | None = None
    clips: Path | None = None


@dataclass(frozen=True)
class Progress:
    """How many samples are done, and of how many; 0 if nobody knows."""

    done: int
    of: int


@dataclass(frozen=True)
class Rendered:
    """What was written: its length in samples, the seconds it took, and what the user should know."""

    path: Path
    sample_rate: int
    channels: int
    samples: int
    took: float
    notices: tuple[str, ...]
