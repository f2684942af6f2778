"""All of a sound file, or its beginning, in memory."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.mono import mono
from rtengine.files import layout
from rtengine.files.blocks import Samples, excerpt
from rtengine.files.names import shown
from rtengine.files.source import Source, open_source, resampled

LONGEST = 3600  # seconds


def rate(file: Path) -> float:
    """Its sample rate in Hz; OSError or ValueError if it cannot be read."""
    return float(open_source(file).sample_rate)


def read(file: Path, sample_rate: float, channels: int) -> NDArray[np.float32]:
    """All of it, float32 (samples, channels), at this sample rate; ValueError if it is empty or longer than an hour."""
    source = open_source(file)
    x = _joined(played(source, sample_rate, channels), channels, round(LONGEST * sample_rate) + 1)
    if not 0 < x.shape[1] <= LONGEST * sample_rate:
        told = f"more than {LONGEST}" if x.shape[1] else "0"
        raise ValueError(f"{shown(file)} has {told} s of sound, which is not above 0 and at most {LONGEST}")
    return np.ascontiguousarray(x.T)


def beginning(source: Source, seconds: float) -> NDArray[np.float32]:
    """Its first seconds, or all of it, float32 (samples,) at its own sample rate, in one channel."""
    wanted = round(seconds * source.sample_rate)
    return np.ascontiguousarray(mono(_joined(source.finite(), source.channels, wanted)))


def played(source: Source, sample_rate: float, channels: int) -> Iterator[Samples]:
    """What the host plays of it: blocks (channels, samples) at its rate; silence for what is no number."""
    blocks = layout.fitted(source.finite(), layout.DEFAULT[source.channels], channels)
    yield from (
        blocks if sample_rate == source.sample_rate else resampled(blocks, source.sample_rate, sample_rate, channels)
    )


def _joined(blocks: Iterable[Samples], channels: int, samples: int) -> Samples:
    """The first samples of a stream."""
    return np.concatenate([np.zeros((channels, 0), np.float32), *excerpt(blocks, 0, samples)], axis=1)
