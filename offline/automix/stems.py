"""Stems from files: brought to one rate, one length and two channels, with a word about what was done to them."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.files.source import Source, open_source

Samples = NDArray[np.float32]

THREADS = 2
ENDINGS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aif", ".aiff")


@dataclass
class Multitrack:
    """Stems of one song, float32 (2, samples) each, all of one length; words: what had to be done to them."""

    sample_rate: int
    names: list[str]
    stems: list[Samples]
    words: list[str] = field(default_factory=list)

    @property
    def samples(self) -> int:
        """The length of all."""
        return self.stems[0].shape[1]


def load(paths: Sequence[Path], sample_rate: int | None = None) -> Multitrack:
    """Read stems; at the rate that most of them have, unless one is asked for.

    ValueError or OSError in a sentence for what cannot be read, and where not one stem has a sound.
    """
    sources = [open_source(p) for p in paths]
    rate = sample_rate or Counter(s.sample_rate for s in sources).most_common(1)[0][0]
    words: list[str] = []
    with ThreadPoolExecutor(THREADS) as threads:
        stems = list(threads.map(_whole, sources))
    for i, source in enumerate(sources):
        if source.damage:
            words.append(f"{source.damage}; what is whole is mixed")
        if source.sample_rate != rate:
            from rtengine.dsp.resample import resample

            stems[i] = resample(stems[i], source.sample_rate, rate)
            words.append(f"{source.path.name} is converted from {source.sample_rate} to {rate} Hz")
    longest = max(s.shape[1] for s in stems)
    for i, path in enumerate(paths):
        if missing := longest - stems[i].shape[1]:
            words.append(f"{path.name} is {missing / rate:.2f} s shorter than the longest: silence is put at its end")
            stems[i] = np.pad(stems[i], [(0, 0), (0, missing)])
        if not stems[i].any():
            words.append(f"{path.name} is silent: its strip rests")
    if not any(s.any() for s in stems):
        raise ValueError("all stems are silent: there is nothing to mix")
    return Multitrack(rate, [p.stem for p in paths], stems, words)


def _whole(source: Source) -> Samples:
    """All of a file, (2, samples), with no more than one more copy of it in memory on the way."""
    parts = list(source.blocks())
    found, done = np.empty((2, sum(x.shape[1] for x in parts)), np.float32), 0
    for x in parts:
        found[0, done : done + x.shape[1]], found[1, done : done + x.shape[1]] = x[0], x[-1]
        done += x.shape[1]
    return found


def folders(root: Path) -> list[Path]:
    """The songs of a data set: the folders in it that hold sound files; OSError or ValueError if there are none."""
    if not root.is_dir():
        raise NotADirectoryError(f"{root} is no folder")
    found = sorted(p for p in root.iterdir() if p.is_dir() and files(p))
    if not found:
        raise ValueError(f"{root} has no folders with stems: it needs one for each song")
    return found


def files(folder: Path) -> list[Path]:
    """The sound files in a folder."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in ENDINGS and p.is_file())
