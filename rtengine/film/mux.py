"""A film with another sound: the picture's packets are copied as they are, the sound is encoded beside them."""

import io
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from rtengine.film.reader import Film, picture_stream


class Kind(NamedTuple):
    """What an ending stands for: container, codec of the sound, bits a second of it (0: all of them)."""

    container: str
    codec: str
    rate: int


KINDS = {
    ".mp4": Kind("mp4", "aac", 192_000),
    ".m4v": Kind("mp4", "aac", 192_000),
    ".mov": Kind("mov", "pcm_s24le", 0),
    ".mkv": Kind("matroska", "libopus", 160_000),
    ".webm": Kind("webm", "libopus", 160_000),
}
WEBM = ("vp8", "vp9", "av1")  # which pictures it holds, by its own rules
Samples = NDArray[np.float32]


def check_kind(film: Film, ending: str) -> Kind:
    """How a file of this ending is written; ValueError if it is unknown, or cannot hold the film's picture."""
    kind = KINDS.get(ending.lower())
    if kind is None:
        raise ValueError(f"{ending or 'no ending'} is no film that can be written: {', '.join(KINDS)}")
    with av.open(str(film.path)) as source:
        stream = picture_stream(source)
        if not _holds(kind, stream):
            others = [other for other in KINDS if other != ".m4v" and _holds(KINDS[other], stream)]
            what = f"the film's {codec_of(stream)} picture as it is"
            instead = f": write {' or '.join(others)}" if others else ", and no other that can be written does"
            raise ValueError(f"a {ending.lower()} cannot hold {what}{instead}")
    return kind


def codec_of(stream: Any) -> str:
    """The name of a stream's format, not that of the library which decodes it."""
    return str(stream.codec_context.codec.canonical_name)


def _holds(kind: Kind, stream: Any) -> bool:
    """Whether a container takes the packets of a picture beside our sound: its head is written, to nowhere."""
    if kind.container == "webm" and codec_of(stream) not in WEBM:
        return False
    try:
        with av.open(io.BytesIO(), "w", format=kind.container) as nowhere:
            _streams(nowhere, kind, stream, 48_000)
            nowhere.start_encoding()
    except (av.FFmpegError, ValueError):
        return False
    return True


def _streams(sink: Any, kind: Kind, stream: Any, sample_rate: int) -> tuple[Any, Any]:
    """The streams of picture and sound of a file to be written."""
    picture = sink.add_stream_from_template(stream, opaque=True)  # else an encoder of that name is looked for
    voice = sink.add_stream(kind.codec, rate=sample_rate)
    voice.layout = "stereo"
    if kind.rate:
        voice.bit_rate = kind.rate
    return picture, voice


def fitting(film: Film) -> str:
    """The ending of a file that can hold the film's picture: its own where that is one, else Matroska's, else any."""
    own = film.path.suffix
    with av.open(str(film.path)) as source:
        stream = picture_stream(source)
        wished = [own] if own.lower() in KINDS else []
        return next((e for e in (*wished, ".mkv", *KINDS) if _holds(KINDS[e.lower()], stream)), own)


def mux(film: Film, path: Path, kind: Kind, sound: Iterable[Samples], sample_rate: int) -> None:
    """Write the film with this sound, float32 (2, n) blocks from film time 0; ValueError if it cannot be copied."""
    options = {"movflags": "faststart"} if kind.container in ("mp4", "mov") else {}
    with av.open(str(film.path)) as source, av.open(str(path), "w", format=kind.container, options=options) as sink:
        stream = picture_stream(source)
        try:
            picture, voice = _streams(sink, kind, stream, sample_rate)
            heard = _Heard(voice, sound, sample_rate)
            for packet in _packets(film, source, stream):
                time = float(packet.dts * packet.time_base)
                packet.stream = picture
                for part in heard.until(time):
                    sink.mux(part)
                sink.mux(packet)
            for part in heard.until(float("inf")):
                sink.mux(part)
        except av.FFmpegError as error:  # what is wrong with the sound has its own sentence
            if isinstance(error, OSError):
                raise OSError(error.errno or 0, error.strerror, str(path)) from None
            raise ValueError(f"the film's picture cannot be copied: {error.strerror}") from None


def _packets(film: Film, source: Any, stream: Any) -> Iterator[Any]:
    """The picture's packets on the film's clock, up to where the file is damaged."""
    shift = round(Fraction(film.start).limit_denominator(1_000_000) / stream.time_base)
    packets, last = source.demux(stream), None
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        if not packet.size or (packet.dts is None and packet.pts is None):
            continue
        shown = packet.dts if packet.pts is None else packet.pts
        wanted = packet.dts if packet.dts is not None else packet.pts if last is None else last + 1
        last = wanted if last is None else max(wanted, last + 1)  # Matroska leaves the first ones out
        packet.dts, packet.pts = last - shift, shown - shift
        yield packet


class _Heard:
    """The sound as packets, made as far as the picture has come: so neither waits in memory for the other."""

    def __init__(self, stream: Any, blocks: Iterable[Samples], sample_rate: int) -> None:
        self._stream, self._blocks, self._rate, self._done = stream, iter(blocks), sample_rate, 0
        self._format = av.AudioResampler(stream.format, "stereo", sample_rate, stream.frame_size or 1024)
        self._open = True

    def until(self, time: float) -> Iterator[Any]:
        """Packets up to a time in seconds, the last ones with infinity."""
        while self._open and self._done <= time * self._rate:
            x = next(self._blocks, None)
            if x is None:
                self._open = False
                for frame in self._format.resample(None):
                    yield from self._stream.encode(frame)
                yield from self._stream.encode(None)
                return
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(np.clip(x, -1, 1)), "fltp", "stereo")
            frame.sample_rate, frame.pts, frame.time_base = self._rate, self._done, Fraction(1, self._rate)
            self._done += x.shape[1]
            for part in self._format.resample(frame):
                yield from self._stream.encode(part)
