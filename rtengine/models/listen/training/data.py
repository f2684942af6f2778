"""Music to learn from: the log-mel frames of each piece, kept between runs, and windows of them drawn at random."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.files.beside import beside
from rtengine.files.source import open_source
from rtengine.models.listen.front_end import MELS, Ear, Frames
from rtengine.models.listen.model import FRAMES

LONGEST = 20_000  # frames of a piece that are kept: from its middle, 5 minutes
MASK = 24  # frames, and
BANDS = 12  # bands, at most, that are hidden (D. S. Park et al., "SpecAugment", Interspeech 2019)
LOUDER = 0.15  # of log10(1 + 10^4 power), how much a window may be louder or quieter; about 1.5 dB

Half = NDArray[np.float16]


def frames_of(file: Path, folder: Path | None = None) -> Half:
    """The frames (n, 96) of a file, from `folder` if they are kept there; OSError or ValueError if it cannot be read.

    In float16, whose range log-mel values (0 to 8) are well within: what overflows is only the power itself.
    """
    about = file.stat()
    key = hashlib.sha256(f"{file.resolve()} {about.st_size} {about.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    kept = folder / f"{key.hexdigest()[:32]}.npy" if folder else None
    if kept and kept.exists():
        return np.asarray(np.load(kept))
    source = open_source(file)
    ear = Ear(source.sample_rate)
    made: list[Frames] = [ear.hear(x) for x in source.blocks()]
    whole = np.concatenate([*made, ear.finish()])
    first = max(len(whole) - LONGEST, 0) // 2
    found = whole[first : first + LONGEST].astype(np.float16)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with beside(kept, True) as path, path.open("wb") as out:
            np.save(out, found)
    return found


@dataclass(frozen=True, eq=False)
class Pieces:
    """Frames of pieces, their genres by number, and groups (artists) that are never on two sides."""

    frames: Sequence[Half]
    genres: NDArray[np.int64]
    groups: Sequence[str]

    def of(self, which: Sequence[int]) -> "Pieces":
        """Some of them."""
        return Pieces([self.frames[i] for i in which], self.genres[list(which)], [self.groups[i] for i in which])

    def level(self) -> tuple[float, float]:
        """Mean and standard deviation of all frames."""
        count = sum(f.size for f in self.frames)
        mean = sum(float(f.sum(dtype=np.float64)) for f in self.frames) / count
        square = sum(float((f.astype(np.float32) ** 2).sum(dtype=np.float64)) for f in self.frames) / count
        return mean, float(np.sqrt(max(square - mean**2, 1e-12)))


def loaded(
    files: Sequence[Path], folder: Path | None, tell: Callable[[int], object], say: Callable[[str], object]
) -> Iterator[tuple[Path, Half]]:
    """Each file that can be read, with its frames; the others are said."""
    for n, file in enumerate(files):
        try:
            found = frames_of(file, folder)
        except (OSError, ValueError) as error:
            say(f"{error}; it is left out")
        else:
            yield file, found
        tell(n + 1)


def window(frames: Half, rng: np.random.Generator) -> Frames:
    """3 s from anywhere, (187, 96); what is shorter is repeated."""
    if len(frames) < FRAMES:
        frames = np.resize(frames, (FRAMES, MELS))
    first = int(rng.integers(len(frames) - FRAMES + 1))
    return frames[first : first + FRAMES].astype(np.float32)


def batches(
    pieces: Pieces, size: int, steps: int, rng: np.random.Generator
) -> Iterator[tuple[Frames, NDArray[np.int64]]]:
    """`steps` batches (size, 187, 96) and their genres: each genre as often as another, each piece of it too."""
    by_genre = [np.flatnonzero(pieces.genres == g) for g in np.unique(pieces.genres)]
    for _ in range(steps):
        chosen = [int(rng.choice(by_genre[int(rng.integers(len(by_genre)))])) for _ in range(size)]
        x = np.stack([disguised(window(pieces.frames[i], rng), rng) for i in chosen])
        yield x, pieces.genres[chosen]


def disguised(x: Frames, rng: np.random.Generator) -> Frames:
    """A little louder or quieter, with some frames and some bands hidden: what is learned must not hang on them."""
    x = np.maximum(x + np.float32(rng.uniform(-LOUDER, LOUDER)), 0).astype(np.float32)
    mean = x.mean()
    for axis, most in ((0, MASK), (1, BANDS)):
        wide = int(rng.integers(most + 1))
        first = int(rng.integers(x.shape[axis] - wide + 1))
        x[(slice(None),) * axis + (slice(first, first + wide),)] = mean
    return x
