"""Stems: brought to one rate, one length and two channels, with a word about what was done to them.

In memory for whom they are to be spoilt, judged and learnt from; from files, block by block, for whom they are mixed.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from rtengine.files.blocks import SIZE, Samples, regrouped, silence
from rtengine.files.source import Source, open_source, resampled

THREADS = 2
ENDINGS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aif", ".aiff")


@dataclass
class Multitrack:
    """Stems of one song in memory, float32 (2, samples) each, all of one length; words: what was done to them."""

    sample_rate: int
    names: list[str]
    stems: list[Samples]
    words: list[str] = field(default_factory=list)

    @property
    def samples(self) -> int:
        """The length of all."""
        return self.stems[0].shape[1]

    def read(self, i: int) -> Iterator[Samples]:
        """A stem in blocks."""
        yield self.stems[i]

    def rows(self) -> Iterator[Samples]:
        """All stems together in blocks (2 strips, up to SIZE)."""
        for n in range(0, self.samples, SIZE):
            yield np.concatenate([s[:, n : n + SIZE] for s in self.stems], axis=0)


class Files:
    """The same from files, no more than a block of which is in memory. Read every stem, then ask for words and rows.

    sample_rate: the rate that most of them have. samples: the longest, from what the files state until all are read.
    """

    def __init__(self, paths: Sequence[Path], sample_rate: int | None = None) -> None:
        self.names = [p.stem for p in paths]
        self._sources = [open_source(p) for p in paths]
        rates = Counter(s.sample_rate for s in self._sources)
        self.sample_rate = sample_rate or rates.most_common(1)[0][0]
        self._lengths = [-(-s.length() * self.sample_rate // s.sample_rate) for s in self._sources]
        self._sounds = [True] * len(paths)

    @property
    def samples(self) -> int:
        """The length of all."""
        return max(self._lengths)

    def read(self, i: int) -> Iterator[Samples]:
        """A stem in blocks (2, any number of samples); when it ends, its length and whether it sounds are known."""
        samples, sounds = 0, False
        for x in _stereo(self._sources[i], self.sample_rate):
            samples += x.shape[1]
            sounds = sounds or bool(x.any())
            yield x
        self._lengths[i], self._sounds[i] = samples, sounds

    def words(self) -> Iterator[str]:
        """What has to be done to them; ValueError where not one has a sound."""
        if not any(self._sounds):
            raise ValueError("all stems are silent: there is nothing to mix")
        for source, length, sounds in zip(self._sources, self._lengths, self._sounds, strict=True):
            name, missing = source.path.name, (self.samples - length) / self.sample_rate
            if source.damage:
                yield f"{source.damage}; what is whole is mixed"
            if source.sample_rate != self.sample_rate:
                yield f"{name} is converted from {source.sample_rate} to {self.sample_rate} Hz"
            if missing:
                yield f"{name} is {missing:.2f} s shorter than the longest: silence is put at its end"
            if not sounds:
                yield f"{name} is silent: its strip rests"

    def rows(self) -> Iterator[Samples]:
        """All stems together in blocks (2 strips, up to SIZE); while one is in use the next is read."""
        end = self.samples
        with ExitStack() as opened, ThreadPoolExecutor(THREADS) as threads:
            streams = []
            for source, length in zip(self._sources, self._lengths, strict=True):
                blocks = opened.enter_context(closing(_stereo(source, self.sample_rate)))
                streams.append(regrouped(chain(blocks, silence(2, end - length)), SIZE))
            coming = [threads.submit(next, s) for s in streams]
            for n in range(0, end, SIZE):
                x = np.concatenate([c.result() for c in coming], axis=0)[:, : end - n]
                coming = [threads.submit(next, s) for s in streams if n + SIZE < end]
                yield x


Stems = Multitrack | Files


def _stereo(source: Source, sample_rate: int) -> Generator[Samples]:
    """A file at this rate in two channels."""
    blocks: Iterable[Samples] = source.blocks()
    if source.sample_rate != sample_rate:
        blocks = resampled(blocks, source.sample_rate, sample_rate, source.channels)
    for x in blocks:
        yield np.ascontiguousarray(x[[0, -1]])


def load(paths: Sequence[Path], sample_rate: int | None = None) -> Multitrack:
    """Read stems into memory; at the rate that most of them have, unless one is asked for.

    ValueError or OSError in a sentence for what cannot be read, and where not one stem has a sound.
    """
    track = Files(paths, sample_rate)
    with ThreadPoolExecutor(THREADS) as threads:
        stems = list(threads.map(lambda i: np.concatenate(list(track.read(i)), axis=1), range(len(paths))))
    words, longest = list(track.words()), track.samples
    return Multitrack(
        track.sample_rate, track.names, [np.pad(s, [(0, 0), (0, longest - s.shape[1])]) for s in stems], words
    )


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
