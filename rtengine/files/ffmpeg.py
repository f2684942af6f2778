"""Sound decoded by FFmpeg (PyAV): what libsndfile cannot read, and what is damaged."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, pairwise
from pathlib import Path

import av
import numpy as np

from rtengine.files.blocks import Samples, silence

JITTER = 0.005  # seconds; less is no gap in time but rounding
LOOSE = 0.05  # seconds; the same for containers whose clock may be a block of Vorbis off (webm)
WHOLE = 1e-3  # samples; a stated length that is further from a whole number was guessed
KINDS = (  # containers that are opened: no playlist among them, which would have other files read in its place
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,iff,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,ogg,oma,rm,"
    "shn,spdif,swf,tak,tta,voc,w64,wav,webm,wv"
)
MISSING = 0.1  # seconds at the end; less is within what the lengths in file headers are off

av.logging.set_level(None)  # or the decoders write on the terminal


class Stream:
    """One pass over the first audio stream of a file.

    samples: the exact length, where it is known. damage: "" or what was wrong, known when all blocks are read.
    """

    def __init__(self, path: Path, sample_rate: int, channels: int, samples: int | None = None) -> None:
        self.path, self.sample_rate, self.channels, self.samples = path, sample_rate, channels, samples
        self.damage = ""
        self._position = 0  # samples handed out
        self._silence = 0  # of these, for what could not be decoded
        self._damaged_at: float | None = None  # seconds

    def blocks(self) -> Iterator[Samples]:
        """Float32 (channels, samples), of any size; what cannot be decoded in the middle is silence."""
        with _open(self.path) as container:
            stated = _seconds(container) * self.sample_rate
            limit = self.samples or _gapless(container.metadata)
            for x in self._timed(container, limit or stated):
                x = x if limit is None else x[:, : max(limit - self._position, 0)]
                self._position += x.shape[1]
                yield x
        self.damage = self._damage(limit or stated)

    def _timed(self, container: av.container.InputContainer, stated: float) -> Iterator[Samples]:
        """All frames, and silence where the time stamps jump, but never beyond the stated length."""
        origin = None  # seconds; what an encoder puts before the sound has been taken off
        for frame, following in pairwise(chain(self._frames(container), [None])):
            assert frame
            origin = frame.time if origin is None else origin
            # Vorbis stamps one frame wrong where its block size changes, so both must agree
            gap = min(self._gap(frame, origin), self._gap(following, origin) - frame.samples)
            gap = min(gap, int(stated) - self._position)
            exact = self.samples is not None or self._damaged_at is not None
            if gap > (JITTER if exact else LOOSE) * self.sample_rate:
                self._note()
                self._silence += gap
                yield from silence(self.channels, gap)
            yield _float32(frame) if following else _float32(frame)[:, : _told(frame)]

    def _gap(self, frame: av.AudioFrame | None, origin: float | None) -> int:
        """Samples from what was handed out to the frame's time stamp; 0 where it has none."""
        if frame is None or frame.time is None or origin is None:
            return 0
        return round((frame.time - origin) * self.sample_rate) - self._position

    def _frames(self, container: av.container.InputContainer) -> Iterator[av.AudioFrame]:
        """What can be decoded."""
        packets = container.demux(container.streams.audio[0])
        while True:
            try:
                packet = next(packets, None)
                frames = packet.decode() if packet else []
            except av.FFmpegError:
                self._note()
                continue  # with the next packet, or with none where the file itself is unreadable
            if packet is None:
                return
            for frame in frames:
                if (frame.sample_rate, frame.layout.nb_channels) == (self.sample_rate, self.channels):
                    yield frame
                else:  # another song was appended, or the decoder lost its way
                    self._note()

    def _note(self) -> None:
        """Remember where the first damage is."""
        self._damaged_at = self._position / self.sample_rate if self._damaged_at is None else self._damaged_at

    def _damage(self, stated: float) -> str:
        """Say what was wrong: where it began, and how much is missing at the end or silent in the middle."""
        told = abs(stated - round(stated)) < WHOLE  # else it was guessed from the bit rate
        missing = (stated - self._position) / self.sample_rate if told else 0.0
        silent = self._silence / self.sample_rate
        if self._damaged_at is None and missing < MISSING:
            return ""
        at = self._position / self.sample_rate if self._damaged_at is None else self._damaged_at
        lost = [f"{missing:.2f} s of it are missing"] if missing >= MISSING else []
        lost += [f"{silent:.2f} s are silent"] if silent else []
        return f"{self.path} is damaged at {at:.2f} s" + ": " * bool(lost) + " and ".join(lost)


def container_name(path: Path) -> str:
    """The name of the container format, "mp3" or "mov,mp4,m4a"; "" if FFmpeg knows no such file."""
    try:
        with _open(path) as container:
            return container.format.name
    except av.FFmpegError:
        return ""


def shape(path: Path) -> tuple[int, int, int]:
    """Sample rate in Hz, channels, and about how many samples (0 if unknown) the first audio stream has.

    They come from its first frame, for the header of an HE-AAC stream may tell half the rate.
    Raises ValueError if there is no audio stream, or nothing in it can be decoded.
    """
    with _open(path) as container:
        if not container.streams.audio:
            raise ValueError(f"{path} has no audio stream")
        for packet in container.demux(container.streams.audio[0]):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            if frames:
                rate = frames[0].sample_rate
                return rate, frames[0].layout.nb_channels, round(_seconds(container) * rate)
    raise ValueError(f"{path} holds no sound that can be decoded")


def _open(path: Path) -> av.container.InputContainer:
    # "file:" and the list of protocols: a name with a colon is a file too, and a playlist opens no connection
    options = {"protocol_whitelist": "file", "format_whitelist": KINDS}
    return av.open(f"file:{path}", options=options, metadata_errors="replace")


def _seconds(container: av.container.InputContainer) -> float:
    """The length that the file states, 0 if none."""
    stream = container.streams.audio[0]
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def _gapless(metadata: Mapping[str, str]) -> int | None:
    """The length in samples that iTunes writes beside its AAC: encoder delay, padding, length, all hexadecimal."""
    told = re.match(r" *[0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{16})", metadata.get("iTunSMPB", ""))
    return int(told[1], 16) or None if told else None


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
