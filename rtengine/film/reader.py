"""Small pictures of a film by their real times, one after another: PyAV alone, memory flat for hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

av.logging.set_level(None)  # or the decoders write on the terminal

LONG, SHORT = 160, 90  # pixels of a small picture; a portrait film's stands upright
PQ, HLG = 16, 18  # transfer characteristics of ITU-T H.273
WHITE = 203.0  # cd/m2
SHORTEST = 1.0  # seconds: music needs a bar
USUAL_RATE = Fraction(25)  # frames a second where the file states none


class Picture(NamedTuple):
    """One small picture: film time in seconds, luma (h, w) and the two colour differences (h/2, w/2), uint8.

    key: whether it was encoded afresh, for then grain and blur change though nothing in the picture does.
    """

    time: float
    luma: NDArray[np.uint8]
    blue: NDArray[np.uint8]
    red: NDArray[np.uint8]
    key: bool = False


@dataclass
class Film:
    """A film that can be read.

    Film time counts from the container's start. rate: frames a second, as stated. stated: seconds, as stated, or 0.
    damage: "" or what was wrong; known, as `end` is, when the last picture has been read. end: seconds, exact.
    """

    path: Path
    width: int
    height: int
    rate: Fraction
    stated: float
    start: float  # seconds on the container's clock
    has_sound: bool
    end: float = 0.0
    damage: str = ""

    def pictures(self) -> Iterator[Picture]:
        """Decode from the start; ValueError if the film holds no picture that moves."""
        size = standing(self.width, self.height)
        count, last, step = 0, -1.0, float(1 / self.rate)
        for frame in self._frames():
            time = last + step if frame.time is None else frame.time - self.start
            if time <= last:  # a clock that stands or runs back: the frame before was shown as briefly as can be
                time = last + 1e-3 if count else max(time, 0.0)
            if count:
                step = time - last
            last, count = time, count + 1
            yield small(frame, time, *size)
        if count < 2:
            raise ValueError(f"{self.path} holds {count or 'no'} picture{'' if count == 1 else 's'}: no film")
        shown = float(1 / self.rate)
        self.end = last + (shown if shown < 2 * step else step)
        if self.stated > self.end + 1 and not self.damage:
            self.damage = f"{self.path} states {self.stated:.1f} s and its picture ends at {self.end:.1f} s"

    def _frames(self) -> Iterator[Any]:
        with av.open(str(self.path)) as container:
            stream = picture_stream(container)
            stream.thread_type = "AUTO"
            packets, at = container.demux(stream), 0.0
            while True:
                try:
                    packet = next(packets)
                    at = float(packet.pts * packet.time_base) if packet.pts is not None else at
                    frames = packet.decode()
                except StopIteration:
                    return
                except av.FFmpegError as error:  # of a packet: the next may be whole; of the file: there is none
                    self.damage = self.damage or f"{self.path} is damaged at {at - self.start:.1f} s ({error.strerror})"
                    continue
                yield from frames


def open_film(path: Path) -> Film:
    """Look at a film; ValueError or OSError says in a sentence why it cannot be read."""
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder, not a film")
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist" if not path.exists() else f"{path} is not a file")
    try:
        with av.open(str(path)) as container:
            stream = picture_stream(container)
            if stream is None:
                what = "sound alone" if container.streams.audio else "no picture"
                raise ValueError(f"{path} holds {what}: a film is needed")
            if not stream.codec_context.width:
                raise ValueError(f"{path} states no size of its picture: it is damaged")
            rate = stream.average_rate or stream.guessed_rate or USUAL_RATE
            start = (container.start_time or 0) / av.time_base
            stated = (container.duration or 0) / av.time_base
            sound = bool(container.streams.audio)
            film = Film(path, stream.codec_context.width, stream.codec_context.height, rate, stated, start, sound)
    except av.FFmpegError as error:
        raise ValueError(f"{path} is no film that can be read (mp4, mov, mkv, webm, ...): {error.strerror}") from None
    if 0 < film.stated < SHORTEST:
        raise ValueError(f"{path} lasts {film.stated:.2f} s, and music needs at least {SHORTEST:g} s")
    return film


def picture_stream(container: Any) -> Any:
    """The stream that moves, or None: the picture on a song's sleeve is none."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    return None


@cache
def tones(transfer: int) -> NDArray[np.uint8] | None:
    """The luma of a common film for each of an HDR film's, by its transfer function; None for common films.

    PQ is SMPTE ST 2084, HLG is ITU-R BT.2100; white of 203 cd/m2 (BT.2408) becomes white, and what is brighter is bent.
    """
    x = np.clip((np.arange(256) - 16) / 219, 0, 1)
    if transfer == PQ:
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        power = x ** (1 / m2)
        light = 10_000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)
    elif transfer == HLG:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        light = 1000 * np.where(x <= 0.5, x * x / 3, (np.exp((x - c) / a) + b) / 12) ** 1.2
    else:
        return None
    relative = light / WHITE
    bent = relative * (1 + relative / 16) / (1 + relative / 4)  # L. Reinhard, 2002, eq. 4, softened
    return np.clip(16 + 219 * np.clip(bent / (17 / 16 / 1.25), 0, 1) ** (1 / 2.4) + 0.5, 16, 235).astype(np.uint8)


def standing(width: int, height: int) -> tuple[int, int]:
    """Width and height of the small picture of a film of this size."""
    return (LONG, SHORT) if width >= height else (SHORT, LONG)


def small(frame: Any, time: float, width: int, height: int) -> Picture:
    """A decoded frame as a small picture; that of an HDR film as bright as it would look on a common screen."""
    pixels = frame.reformat(width, height, "yuv420p", interpolation="AREA").to_ndarray().reshape(-1)
    whole, part = width * height, width * height // 4
    if (bent := tones(int(getattr(frame, "color_trc", 0) or 0))) is not None:
        pixels[:whole] = bent[pixels[:whole]]
    planes = pixels[:whole], pixels[whole : whole + part], pixels[whole + part :]
    shape = (height // 2, width // 2)
    return Picture(
        time,
        planes[0].reshape(height, width),
        planes[1].reshape(shape),
        planes[2].reshape(shape),
        bool(frame.key_frame),
    )
