"""Sound files as streams of blocks, whatever their length.

libsndfile reads what it decodes exactly (wav, flac, aiff ...). FFmpeg reads the rest (mp3, ogg, m4a, the sound of a
video), and takes over behind a damaged place, where libsndfile stops, closes the gap or plays something twice. Length
means what a player plays: the samples that an encoder adds before and after are taken off.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from rtengine.files import ffmpeg

Samples = NDArray[np.float32]

BLOCK = 1 << 16  # samples
CHANNELS = 2  # at most
UNTOLD = 0x7FFF0000  # bytes: what a recorder that does not know the length yet writes as such is at least this


@dataclass
class Source:
    """A sound file that can be read.

    samples: the length that the file states; unless exact it is about right, or 0 if the file states none.
    damage: "" or what was wrong, known when the last block has been read.
    """

    path: Path
    sample_rate: int  # Hz
    channels: int
    samples: int
    exact: bool
    by_libsndfile: bool
    damage: str = ""

    def blocks(self) -> Iterator[Samples]:
        """Read from the start: float32 (channels, up to BLOCK samples), C order; ValueError for NaN or infinity."""
        position = 0
        for x in self._read():
            if not np.isfinite(x).all():
                at = position + int(np.flatnonzero(~np.isfinite(x).all(axis=0))[0])
                raise ValueError(f"{self.path} holds NaN or infinity at {at / self.sample_rate:.3f} s")
            yield x
            position += x.shape[1]
        if not position:
            raise ValueError(f"{self.path} holds no samples")

    def _read(self) -> Iterator[Samples]:
        position = 0
        try:
            for x in _libsndfile(self.path) if self.by_libsndfile else ():
                yield x
                position += x.shape[1]
        except soundfile.LibsndfileError:
            self.damage = f"{self.path} is damaged"
        if self.damage or not self.by_libsndfile:
            stream = ffmpeg.Stream(self.path, self.sample_rate, self.channels, self.samples if self.exact else None)
            yield from _after(stream.blocks(), position)
            self.damage = stream.damage or self.damage
        if self.exact and not self.damage:
            self.damage = _cut_short(self.path)


def open_source(path: Path) -> Source:
    """Look at a sound file; ValueError or OSError says in a sentence why it cannot be read."""
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder, not a sound file")
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist" if not path.exists() else f"{path} is not a file")
    with path.open("rb") as file:
        if not file.read(1):
            raise ValueError(f"{path} is empty")
    source = _open(path)
    if source.exact and not source.samples:
        raise ValueError(f"{path} holds no samples")
    if source.channels > CHANNELS:
        raise ValueError(f"{path} has {source.channels} channels: mono and stereo can be rendered")
    return source


def _open(path: Path) -> Source:
    container = ffmpeg.container_name(path)
    if container != "mp3":  # for which libsndfile guesses the length, and prints on the terminal where it is damaged
        try:
            with soundfile.SoundFile(path) as file:
                # of low-rate Opus only libsndfile gives the original rate, and so it must read it
                by_libsndfile = file.format != "OGG" or file.samplerate != ffmpeg.shape(path)[0]
                return Source(path, file.samplerate, file.channels, file.frames, True, by_libsndfile)
        except soundfile.LibsndfileError:
            pass
    if not container:
        raise ValueError(f"{path} is no sound file that can be read (wav, flac, ogg, opus, mp3, m4a, mp4, ...)")
    return Source(path, *ffmpeg.shape(path), exact=False, by_libsndfile=False)


def _libsndfile(path: Path) -> Iterator[Samples]:
    with soundfile.SoundFile(path) as file:
        while len(x := file.read(BLOCK, dtype="float32", always_2d=True)):
            yield np.ascontiguousarray(x.T)


def _after(blocks: Iterator[Samples], position: int) -> Iterator[Samples]:
    """Leave out the first `position` samples."""
    for x in blocks:
        skipped = min(position, x.shape[1])
        position -= skipped
        if skipped < x.shape[1]:
            yield np.ascontiguousarray(x[:, skipped:])


def _cut_short(path: Path) -> str:
    """What tells, in a file that reads well, that its end is missing: a sentence, or ""."""
    with soundfile.SoundFile(path) as file:
        told = re.search(r"^ *(?:data|SSND) *: (\d+) \(should be (\d+)\)", file.extra_info, re.MULTILINE)
        if told and int(told[2]) < int(told[1]) < UNTOLD:
            return f"{path} is damaged: it ends after {int(told[2])} of {int(told[1])} bytes"
        if file.format == "OGG" and not _ended(path):
            return f"{path} is damaged: its end is missing"
    return ""


def _ended(path: Path) -> bool:
    """Whether an Ogg file ends with the page that says so (RFC 3533, section 6: bit 2 of the type)."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - (1 << 17), 0))  # a page is at most 65,307 bytes
        tail = file.read()
    page = tail.rfind(b"OggS\0")
    return page >= 0 and page + 5 < len(tail) and bool(tail[page + 5] & 4)
