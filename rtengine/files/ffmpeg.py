"""Sound decoded by FFmpeg (PyAV): what libsndfile cannot read, and what is damaged."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise

import av
import numpy as np

from rtengine.files.blocks import Samples, silence
from rtengine.files.handle import Part
from rtengine.files.layout import Layout, known

JITTER = 0.005  # seconds; less is no gap in time but rounding
LOOSE = 0.05  # seconds; the same for containers whose clock may be a block of Vorbis off (webm)
WHOLE = 1e-3  # samples; a stated length that is further from a whole number was guessed
KINDS = (  # containers that are opened: no playlist among them, which would have other files read in its place
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,iff,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,ogg,oma,rm,"
    "shn,spdif,swf,tak,tta,voc,w64,wav,webm,wv"
)
MISSING = 0.1  # seconds at the end; less is within what the lengths in file headers are off
LEAP = 10.0  # seconds; more, where clocks may begin anew, is no gap in the sound (FFmpeg's -dts_delta_threshold)
BACK = 1.0  # seconds; a clock that goes back by more has begun anew
LONGEST = 1 << 40  # samples, 265 days at 48 kHz: a length beyond is none
STRICT = "ogg", "flac"  # containers in which there are no pauses
DENSEST = 8192  # samples in a byte; the longest frames of FLAC, silent, have half as many: a length beyond is none
TAGS = b"ID3", b"TAG", b"APETAGEX"  # between two MP3 files that were made one

av.logging.set_level(None)  # or the decoders write on the terminal


@dataclass(frozen=True)
class Track:
    """What an audio stream of a file is.

    samples: about how many it has, 0 if unknown. late: how many seconds after the picture it begins.
    """

    sample_rate: int  # Hz
    layout: Layout
    samples: int
    late: float


@dataclass(frozen=True)
class About:
    """A file's container, as "mp3" or "mov,mp4,m4a", and for each audio stream its language, "" if none is told.

    track: the stream that was asked for; None if there is none, or nothing in it can be decoded.
    """

    container: str
    languages: list[str]
    track: Track | None


@dataclass(frozen=True)
class Sound:
    """Samples that belong together: float32 (len(layout), n), C order, full scale 1."""

    sample_rate: int
    layout: Layout
    x: Samples


class Stream:
    """One pass over an audio stream of a file.

    stream: 0 is the first. samples: the exact length, where it is known.
    damage: "" or what was wrong, known when all is read; it follows the name of the file.
    """

    def __init__(self, part: Part, stream: int = 0, samples: int = 0) -> None:
        self.damage = ""
        self._part, self._stream, self._samples = part, stream, samples
        self._position = 0.0  # seconds handed out
        self._origin: float | None = None  # of time stamps; what an encoder puts before the sound has been taken off
        self._gaps = self._gap_at = 0.0  # seconds of silence in place of sound, and where the first of it is
        self._strict = False  # a gap is damage
        self._damaged_at: float | None = None

    def sounds(self) -> Iterator[Sound]:
        """All of it, in pieces of any size; where time stamps jump there is silence, never beyond the stated end."""
        with _open(self._part) as container:
            audio = container.streams.audio[self._stream]
            stated, exact = _stated(container, audio)
            limit = self._samples or _gapless(container.metadata)
            stated = limit / audio.rate if limit else stated
            self._strict = container.format.name in STRICT
            leaps = bool(container.format.flags & av.format.Flags.ts_discont.value)
            for frame, following in pairwise(chain(self._frames(container, audio), [None])):
                assert frame
                sound = _sound(frame, following is None)
                gap = self._gap(frame, following, stated, leaps)
                if gap:
                    for x in silence(len(sound.layout), round(gap * sound.sample_rate)):
                        yield Sound(sound.sample_rate, sound.layout, x)
                left = (
                    round((limit / sound.sample_rate - self._position) * sound.sample_rate)
                    if limit
                    else sound.x.shape[1]
                )
                if left > 0:
                    x = sound.x[:, :left]
                    self._position += x.shape[1] / sound.sample_rate
                    yield Sound(sound.sample_rate, sound.layout, x)
        self.damage = self._damage(stated if exact or limit else 0.0)

    def _gap(self, frame: av.AudioFrame, following: av.AudioFrame | None, stated: float, leaps: bool) -> float:
        """Seconds of silence that belong before a frame."""
        if self._origin is None and frame.time is not None:
            self._origin = frame.time - self._position
        # Vorbis stamps one frame wrong where its block size changes, so both must agree
        own = frame.samples / frame.sample_rate
        gap = min(self._late(frame), self._late(following) - own)
        if gap < -BACK or (leaps and gap > LEAP):
            self._origin = None
            return 0.0
        gap = min(gap, stated - self._position)
        exact = self._samples or self._damaged_at is not None
        if gap <= (JITTER if exact else LOOSE):
            return 0.0
        if self._strict and self._damaged_at is None:
            self._damaged_at = self._position
        self._gap_at = self._gap_at or self._position
        self._gaps += gap
        self._position += gap
        return gap

    def _late(self, frame: av.AudioFrame | None) -> float:
        """Seconds from what was handed out to the frame's time stamp; 0 where it has none."""
        if frame is None or frame.time is None or self._origin is None:
            return 0.0
        return float(frame.time - self._origin - self._position)

    def _frames(self, container: av.container.InputContainer, audio: av.AudioStream) -> Iterator[av.AudioFrame]:
        """What can be decoded."""
        packets = container.demux(audio)
        while True:
            packet = None
            try:
                packet = next(packets, None)
                frames = packet.decode() if packet else []
            except av.FFmpegError:
                if packet and bytes(packet).startswith(TAGS):
                    self._origin = None
                elif self._damaged_at is None:
                    self._damaged_at = self._position
                continue  # with the next packet, or with none where the file itself is unreadable
            if packet is None:
                return
            yield from (f for f in frames if f.samples)

    def _damage(self, stated: float) -> str:
        """Say what was wrong: where it began, and how much is missing at the end or silent in the middle."""
        missing = stated - self._position
        lost = [f"{missing:.2f} s of it are missing"] if missing >= MISSING else []
        lost += [f"{self._gaps:.2f} s are silent"] if self._gaps else []
        if self._damaged_at is None and missing < MISSING:
            return f"has no sound for {self._gaps:.2f} s from {self._gap_at:.2f} s on" if self._gaps else ""
        at = self._position if self._damaged_at is None else self._damaged_at
        return f"is damaged at {at:.2f} s" + ": " * bool(lost) + " and ".join(lost)


def look(part: Part, stream: int = 0) -> About | None:
    """What FFmpeg says of a file; None if it knows no such file."""
    try:
        with _open(part) as container:
            languages = [str(s.metadata.get("language", "")).replace("und", "") for s in container.streams.audio]
            track = _track(container, container.streams.audio[stream]) if stream < len(languages) else None
            return About(container.format.name, languages, track)
    except (av.FFmpegError, OSError, ValueError):
        return None


def _track(container: av.container.InputContainer, audio: av.AudioStream) -> Track | None:
    """What an audio stream is, from its first frame, for the header of an HE-AAC stream may tell half the rate."""
    packets = container.demux(audio)
    while True:
        try:
            packet = next(packets, None)
            frames = [f for f in packet.decode() if f.samples] if packet else []
        except av.FFmpegError:
            continue
        if packet is None:
            return None
        if frames:
            rate, (seconds, _) = frames[0].sample_rate, _stated(container, audio)
            samples = round(seconds * rate)
            late = _behind(container, frames[0])
            return Track(rate, _layout(frames[0]), samples if 0 < samples < LONGEST else 0, late)


def seconds(part: Part, stream: int = 0) -> float:
    """How long a stream is, counted without decoding it: up to a tenth of a second more than it is."""
    total = 0.0
    with _open(part) as container:
        packets = container.demux(container.streams.audio[stream])
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                break
            if packet is None:
                break
            if packet.duration and packet.time_base:
                total += float(packet.duration * packet.time_base)
    return total


def _open(part: Part) -> av.container.InputContainer:
    part.seek(0)
    # no protocols and no playlists: a file opens no other file, and no connection
    options = {"protocol_whitelist": "none", "format_whitelist": KINDS}
    return av.open(part, options=options, metadata_errors="replace")


def _stated(container: av.container.InputContainer, audio: av.AudioStream) -> tuple[float, bool]:
    """The seconds that the file states for a stream, 0 if none, and whether these are more than a guess."""
    seconds, sure = _told_length(container, audio)
    return (seconds, sure) if 0 < seconds * audio.rate < min(LONGEST, DENSEST * container.size) else (0.0, False)


def _told_length(container: av.container.InputContainer, audio: av.AudioStream) -> tuple[float, bool]:
    """The same as it stands there."""
    if audio.duration is not None:
        seconds = float(audio.duration * audio.time_base)
        return seconds, abs(seconds * audio.rate - round(seconds * audio.rate)) < WHOLE
    if told := re.match(r"(\d+):(\d+):(\d+\.\d+)", audio.metadata.get("DURATION", "")):  # Matroska: when it ends
        end = 3600 * int(told[1]) + 60 * int(told[2]) + float(told[3])
        return max(end - max(_seconds(audio.start_time, audio), 0.0), 0.0), True
    if len(container.streams) == 1:
        return (container.duration or 0) / av.time_base, False
    return 0.0, False  # the container's is the picture's


def _seconds(time: int | None, stream: av.AudioStream) -> float:
    return 0.0 if time is None else float(time * stream.time_base)


def _behind(container: av.container.InputContainer, first: av.AudioFrame) -> float:
    """How many seconds the sound begins after the picture; 0 without a picture that moves."""
    pictures = [s for s in container.streams.video if not int(s.disposition) & int(av.stream.Disposition.attached_pic)]
    if not pictures or first.time is None or container.start_time is None:
        return 0.0
    return max(first.time - container.start_time / av.time_base, 0.0)


def _gapless(metadata: Mapping[str, str]) -> int | None:
    """The length in samples that iTunes writes beside its AAC: encoder delay, padding, length, all hexadecimal."""
    told = re.match(r" *[0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{16})", metadata.get("iTunSMPB", ""))
    return int(told[1], 16) or None if told else None


def _sound(frame: av.AudioFrame, last: bool) -> Sound:
    x = _float32(frame)
    return Sound(frame.sample_rate, _layout(frame), x[:, : _told(frame)] if last else x)


def _layout(frame: av.AudioFrame) -> Layout:
    return known(c.name for c in frame.layout.channels)


def _told(frame: av.AudioFrame) -> int:
    """How many samples of the last frame are sound: MP4 states it, others round or do not know."""
    precise = frame.duration and abs(frame.time_base * frame.sample_rate - 1) < 1e-9
    return min(frame.duration, frame.samples) if precise else frame.samples


def _float32(frame: av.AudioFrame) -> Samples:
    """The samples of a frame as float32 (channels, samples), C order, full scale 1."""
    x = frame.to_ndarray()
    x = x if frame.format.is_planar else x.reshape(-1, frame.layout.nb_channels).T
    if x.dtype == np.uint8:
        x = x.astype(np.int16) - 128 << 8
    scale = 1.0 if x.dtype.kind == "f" else 2.0 ** (1 - 8 * x.dtype.itemsize)
    return np.ascontiguousarray(x * scale, dtype=np.float32)
