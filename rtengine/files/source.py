"""The one reader of sound files: streams of blocks, mono or stereo, at one rate, whatever their length.

libsndfile reads PCM, of which it knows the most kinds. FFmpeg reads the rest (flac, mp3, ogg, m4a, the sound of films),
and takes over behind a damaged place, where libsndfile stops, closes the gap or plays something twice. Length is what a
player plays: the samples that an encoder adds before and after are taken off. What a header says of the length is but
a hint. What is of another rate or has other channels in the middle becomes as the beginning is.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr

from rtengine.files import ffmpeg, layout, ogg
from rtengine.files.blocks import Samples
from rtengine.files.ffmpeg import Sound
from rtengine.files.handle import Part, whole
from rtengine.files.names import shown

BLOCK = 1 << 16  # samples
FULL = 48_000  # Hz: what decoders of Opus give
BY_FFMPEG = "mp3", "flac", "ogg"  # libsndfile guesses their lengths, or counts on what the header says
WAVES = "WAV", "WAVEX", "RF64"  # whose lengths are written at the end
HEAD = 1 << 16  # bytes in which their sound begins
UNTOLD = 0x7FFF0000  # bytes: what a recorder that does not know the length yet writes as such is at least this
NEAR = 0.2  # seconds that a length may be off and be the stated one all the same
SOON = 0.02  # seconds; a sound that begins no later begins with the picture


@dataclass
class Source:
    """A sound file that can be read.

    samples: the length that the file states; unless exact it is about right, or 0 if the file states none.
    late: seconds from the beginning of the picture to that of the sound. notices: what the user should know of it.
    damage: "" or what was wrong, known when the last block has been read.
    """

    path: Path
    sample_rate: int  # Hz
    channels: int  # 1 or 2
    samples: int
    exact: bool
    late: float = 0.0
    notices: tuple[str, ...] = ()
    damage: str = ""
    _links: "list[_Link]" = field(default_factory=list)

    def length(self) -> int:
        """How many samples there are, and rarely some hundreds more; counted where the file may lie."""
        if self.exact:
            return self.samples
        counted = sum(link.seconds() for link in self._links)
        stated = self.samples / self.sample_rate
        return self.samples if abs(counted - stated) < NEAR else round(counted * self.sample_rate)

    def finite(self) -> Iterator[Samples]:
        """As `blocks`, with silence for what is no number."""
        for x in _gathered(_converted(self._sounds(), self.sample_rate, self.channels)):
            yield np.nan_to_num(x, copy=False, posinf=0, neginf=0)

    def blocks(self) -> Iterator[Samples]:
        """Read from the start: float32 (channels, any number of samples), C order; ValueError for NaN or infinity."""
        position = 0
        for x in _gathered(_converted(self._sounds(), self.sample_rate, self.channels)):
            if not np.isfinite(x).all():
                at = position + int(np.flatnonzero(~np.isfinite(x).all(axis=0))[0])
                raise ValueError(f"{shown(self.path)} holds NaN or infinity at {at / self.sample_rate:.3f} s")
            yield x
            position += x.shape[1]
        if not position:
            raise ValueError(f"{shown(self.path)} holds no samples")

    def _sounds(self) -> Iterator[Sound]:
        said = []
        for link in self._links:
            yield from link.sounds()
            said += [link.damage] if link.damage else []
        self.damage = f"{shown(self.path)} {'; it '.join(said)}" if said else ""


@dataclass
class _Link:
    """Bytes that are a sound file of their own; there are several in an Ogg file that is chained."""

    part: Part
    stream: int  # 0 is the first
    by_libsndfile: bool
    ended: bool = True
    samples: int = 0  # its exact length, where it is known, and
    rate: int = 0  # Hz; its rate then
    names: layout.Layout = ()  # of the channels, where another than the reader knows them
    damage: str = ""

    def sounds(self) -> Iterator[Sound]:
        """All that can be decoded."""
        self.damage = ""
        position = 0.0  # seconds
        broken = False
        try:
            for sound in _by_libsndfile(self.part, self.names) if self.by_libsndfile else ():
                yield sound
                position += sound.x.shape[1] / sound.sample_rate
        except soundfile.LibsndfileError:
            broken = True
        if broken or not self.by_libsndfile:
            stream = ffmpeg.Stream(self.part, self.stream, self.samples)
            try:
                yield from _after(stream.sounds(), position)
            except (av.FFmpegError, OSError):  # it cannot even be opened
                stream.damage = f"is damaged at {position:.2f} s"
            self.damage = stream.damage or "is damaged" * broken
        if not self.damage:
            self.damage = (
                _cut_short(self.part) if self.by_libsndfile else "" if self.ended else "is damaged: its end is missing"
            )

    def seconds(self) -> float:
        """About how long it is, as counted."""
        if self.samples:
            return self.samples / self.rate
        return ffmpeg.seconds(self.part, self.stream)


def open_source(path: Path, stream: int = 1, most: int = 2) -> Source:
    """Look at a sound file; "-" is the standard input, stream the number of an audio stream of several, from 1 on.

    most: more channels than these are mixed to stereo.
    ValueError or OSError says in a sentence why it cannot be read.
    """
    name, part = shown(path), whole(path)
    if not part.size:
        raise ValueError(f"{name} is empty")
    try:
        return _open(path, name, part, stream, most)
    except (av.FFmpegError, soundfile.LibsndfileError):
        raise ValueError(f"{name} cannot be read: it is damaged from its beginning on") from None


def _open(path: Path, name: str, part: Part, stream: int, most: int) -> Source:
    about = ffmpeg.look(part, stream - 1)
    links = [_Link(part, stream - 1, False)]
    if about and about.container == "ogg":
        found = [_link(part.between(link.start, link.stop), stream - 1, link.ended) for link in ogg.links(part)]
        links = [link for link in found if ffmpeg.look(link.part)] or links
        about = ffmpeg.look(links[0].part, stream - 1)
    pcm = None
    if links[0].by_libsndfile or (stream == 1 and (not about or about.container not in BY_FFMPEG)):
        pcm = _opened(links[0].part)
    if about and about.languages and not 1 <= stream <= len(about.languages):
        raise ValueError(f"--stream {stream} is outside 1 to {len(about.languages)}, the audio streams of {name}")
    if pcm is not None and not pcm.frames and about and about.track and about.track.samples:
        pcm = None  # to libsndfile 0 is a length, where it may be unknown
    if pcm is None:
        return _by_ffmpeg(path, name, about, links, stream, most)
    links[0].by_libsndfile = True
    names = layout.known(["NONE"] * pcm.channels)
    if about and about.track and len(about.track.layout) == pcm.channels:
        names = links[0].names = about.track.layout
    samples = pcm.frames if len(links) == 1 and pcm.frames < ffmpeg.LONGEST else 0
    if len(links) == 1 and not pcm.frames:
        raise ValueError(f"{name} holds no samples")
    channels, notices = _mixed(name, names, most)
    return Source(path, pcm.samplerate, channels, samples, samples > 0, 0.0, notices, "", links)


def _by_ffmpeg(
    path: Path, name: str, about: ffmpeg.About | None, links: "list[_Link]", stream: int, most: int
) -> Source:
    if about is None:
        raise ValueError(f"{name} is no sound file that can be read (wav, flac, ogg, opus, mp3, m4a, mp4, ...)")
    if not about.languages:
        raise ValueError(f"{name} has no audio stream")
    track = about.track
    if track is None:
        raise ValueError(f"{name} holds no sound that can be decoded")
    channels, notices = _mixed(name, track.layout, most)
    samples, exact = track.samples, False
    if links[0].samples or len(links) > 1:
        samples, exact = (links[0].samples, True) if len(links) == 1 else (0, False)
    late, notices = track.late if track.late > SOON else 0.0, (*_choice(name, about.languages, stream), *notices)
    return Source(path, track.sample_rate, channels, samples, exact, late, notices, "", links)


def _mixed(name: str, names: layout.Layout, most: int) -> tuple[int, tuple[str, ...]]:
    """How many channels are made of these, and what is to be said of it."""
    if len(names) <= most:
        return len(names), ()
    return 2, (f"{name} has {layout.called(names)}: they are mixed to stereo (ITU-R BS.775)",)


def _choice(name: str, languages: list[str], stream: int) -> tuple[str, ...]:
    """What is to be said where there are several audio streams."""
    if len(languages) < 2:
        return ()
    listed = ", ".join(f"{n} {language}".strip() for n, language in enumerate(languages, 1))
    return (f"{name} has {len(languages)} audio streams ({listed}): number {stream} is taken, --stream takes another",)


def _opened(part: Part) -> soundfile.SoundFile | None:
    """The file as libsndfile reads it; None if it does not."""
    part.seek(0)
    try:
        file = soundfile.SoundFile(part)
    except soundfile.LibsndfileError:
        return None
    return file if file.frames or file.format not in WAVES else _unfinished(part, file)


def _unfinished(part: Part, file: soundfile.SoundFile) -> soundfile.SoundFile:
    """A WAV whose recorder has written no lengths is all that follows; one of no samples is as it is."""
    part.seek(0)
    head = part.read(HEAD) or b""
    data = head.find(b"data") + 8
    if data < 8 or head[4:8] not in (bytes(4), b"\xff" * 4) or part.size <= data:
        return file
    rest = part.between(data, part.size)
    return soundfile.SoundFile(rest, "r", file.samplerate, file.channels, file.subtype, "LITTLE", "RAW")


def _link(part: Part, stream: int, ended: bool) -> _Link:
    """A link of an Ogg file. libsndfile knows its length, and alone gives the original rate of low-rate Opus."""
    file = _opened(part) if stream == 0 else None
    if file is None or file.frames >= ffmpeg.LONGEST:
        return _Link(part, stream, False, ended)
    return _Link(
        part,
        stream,
        file.subtype == "OPUS" and file.samplerate != FULL,
        ended,
        samples=file.frames,
        rate=file.samplerate,
    )


def _by_libsndfile(part: Part, names: layout.Layout) -> Iterator[Sound]:
    file = _opened(part)
    if file is None:
        raise soundfile.LibsndfileError(1)
    with file:
        names = names or layout.known(["NONE"] * file.channels)
        while len(x := file.read(BLOCK, dtype="float32", always_2d=True)):
            yield Sound(file.samplerate, names, np.ascontiguousarray(x.T))


def _after(sounds: Iterable[Sound], position: float) -> Iterator[Sound]:
    """Leave out the first `position` seconds."""
    for sound in sounds:
        skipped = min(round(position * sound.sample_rate), sound.x.shape[1])
        position -= skipped / sound.sample_rate
        if skipped < sound.x.shape[1]:
            yield Sound(sound.sample_rate, sound.layout, np.ascontiguousarray(sound.x[:, skipped:]))


def _converted(sounds: Iterable[Sound], sample_rate: int, channels: int) -> Iterator[Samples]:
    """All of it at one rate, in one or two channels."""
    for (rate, names), group in groupby(sounds, key=lambda sound: (sound.sample_rate, sound.layout)):
        blocks = layout.fitted((sound.x for sound in group), names, channels)
        yield from blocks if rate == sample_rate else resampled(blocks, rate, sample_rate, channels)


def resampled(blocks: Iterable[Samples], rate: float, sample_rate: float, channels: int) -> Iterator[Samples]:
    """The same sound at another rate; memory for one block."""
    stream = soxr.ResampleStream(rate, sample_rate, channels, "float32")
    for x in blocks:
        yield np.ascontiguousarray(stream.resample_chunk(np.ascontiguousarray(x.T)).reshape(-1, channels).T)
    rest = stream.resample_chunk(np.zeros((0, channels), np.float32), last=True)
    yield np.ascontiguousarray(rest.reshape(-1, channels).T)


def _gathered(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """The same samples in blocks of a useful size: decoders hand out a few at a time."""
    held: list[Samples] = []
    size = 0
    for x in blocks:
        held.append(x)
        size += x.shape[1]
        if size >= BLOCK:
            yield np.concatenate(held, axis=1)
            held, size = [], 0
    if size:
        yield np.concatenate(held, axis=1)


def _cut_short(part: Part) -> str:
    """What tells, in a file that reads well, that its end is missing: what follows its name, or ""."""
    part.seek(0)
    with soundfile.SoundFile(part) as file:
        told = re.search(r"^ *(?:data|SSND) *: (\d+) \(should be (\d+)\)", file.extra_info, re.MULTILINE)
        if told and int(told[2]) < int(told[1]) < UNTOLD:
            return f"is damaged: it ends after {int(told[2])} of {int(told[1])} bytes"
    return ""
