"""Sound files written as streams of blocks: beside their final name first, so that no half file ever stands there."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.float32]

RF64 = 4_000_000_000  # bytes; a plain WAV counts them in 32 bits, and some readers take the sign
DITHER = 1 / 32768  # full scale; one step of 16 bits


@dataclass(frozen=True)
class Format:
    """What an ending stands for. rates: those the format can have, in Hz; two are a range, none is any."""

    container: str
    subtypes: dict[str, str]  # by bit depth, "" where it has none
    rates: tuple[int, ...] = ()
    many: bool = False  # rates are single values
    level: float | None = None  # libsndfile's compression level, 0 (large, good) to 1


FORMATS = {
    ".wav": Format("WAV", {"24": "PCM_24", "16": "PCM_16", "float": "FLOAT"}),
    ".flac": Format("FLAC", {"24": "PCM_24", "16": "PCM_16"}, (1, 655_350)),
    ".ogg": Format("OGG", {"": "VORBIS"}, (1_000, 200_000), level=0.3),
    ".mp3": Format("MP3", {"": "MPEG_LAYER_III"}, (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)),
    ".opus": Format("OGG", {"": "OPUS"}, (8000, 12000, 16000, 24000, 48000)),
}
