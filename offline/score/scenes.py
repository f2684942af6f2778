"""A short film of our own, drawn by formulas: shots of different light and motion, with cuts that are known exactly."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, RATE = 480, 270, 25
Picture = NDArray[np.uint8]
Y, X = np.mgrid[:HEIGHT, :WIDTH] / HEIGHT


def dawn(t: float) -> NDArray[np.float64]:
    """A sky that grows light over hills, out of black."""
    sky = np.stack([0.5 + 0.4 * (1 - Y), 0.35 + 0.3 * (1 - Y), 0.5 - 0.2 * Y], axis=2)
    sun = np.exp(-(((X - 1.2) ** 2 + (Y - 0.75 + 0.05 * t) ** 2) / 0.02))
    hills = 0.75 + 0.08 * np.sin(5 * X + 0.1 * t) > Y
    picture = (sky + sun[..., None] * (0.8, 0.5, 0.1)) * np.where(hills, 1.0, 0.25)[..., None]
    return picture * min(t / 2.0, 1.0)


def ball(t: float) -> NDArray[np.float64]:
    """A red ball that lands every 0.8 s."""
    bounce = abs(np.sin(np.pi * t / 0.8))
    x, y = 0.3 + 0.2 * t, 0.85 - 0.55 * bounce
    picture = np.stack([0.75 - 0.3 * Y, 0.85 - 0.2 * Y, 0.95 - 0.1 * Y], axis=2)
    picture[Y > 0.9] = (0.35, 0.6, 0.3)
    picture[(X - x) ** 2 + (Y - y) ** 2 < 0.006] = (0.9, 0.15, 0.1)
    return picture


def streets(t: float) -> NDArray[np.float64]:
    """Lights that race by at night."""
    picture = np.full((HEIGHT, WIDTH, 3), (0.05, 0.05, 0.12))
    for i in range(14):
        x = (0.37 * i + (1.2 + 0.13 * i) * t) % 1.9 - 0.05
        glow = np.exp(-(((X - x) / 0.12) ** 2 + ((Y - 0.1 - 0.06 * i) / 0.025) ** 2))
        picture += glow[..., None] * np.array([(1.0, 0.7, 0.2), (0.3, 0.6, 1.0), (1.0, 0.2, 0.4)][i % 3])
    return picture


def field(t: float) -> NDArray[np.float64]:
    """A camera that pans over a field: all of it moves, and nothing happens."""
    x = X + 0.12 * t
    grass = 0.5 + 0.25 * np.sin(40 * x + 9 * np.sin(7 * Y)) * np.sin(31 * Y + 3 * np.sin(5 * x))
    return np.stack([0.4 * grass, 0.35 + 0.4 * grass, 0.25 * grass], axis=2)


def waves(t: float) -> NDArray[np.float64]:
    """A calm sea in the evening, into black."""
    wave = 0.5 + 0.5 * np.sin(30 * Y * Y + 1.3 * t + 0.6 * np.sin(6 * X + 0.5 * t))
    picture = np.stack([0.25 + 0.25 * wave, 0.25 + 0.2 * wave, 0.45 + 0.3 * wave], axis=2)
    picture[Y < 0.4] = (0.95, 0.6, 0.45)
    return picture * min((LENGTHS[-1] - t) / 2.0, 1.0)


SHOTS: tuple[Callable[[float], NDArray[np.float64]], ...] = (dawn, ball, streets, field, streets, waves)
LENGTHS = (4.6, 5.2, 2.92, 4.0, 2.24, 5.4)  # seconds


def cut_times() -> list[float]:
    """When its second and further shots begin, seconds."""
    return [float(t) for t in np.cumsum(LENGTHS)[:-1]]


def shown() -> Iterator[Picture]:
    """Frame after frame, uint8 (HEIGHT, WIDTH, 3)."""
    random = np.random.default_rng(0)
    for shot, length in zip(SHOTS, LENGTHS, strict=True):
        for n in range(round(length * RATE)):
            grain = random.normal(0, 0.006, (HEIGHT, WIDTH, 1))
            yield ((shot(n / RATE) + grain) * 255).clip(0, 255).astype(np.uint8)


def make_film(path: Path) -> None:
    """Write it, H.264 without sound where the encoder is there, else MPEG-4."""
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    with av.open(str(path), "w", format="mp4") as sink:
        stream = sink.add_stream(codec, rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for n, picture in enumerate(shown()):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = n, Fraction(1, RATE)
            sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))
