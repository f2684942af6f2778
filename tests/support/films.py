"""Films for tests, made here: textured scenes with exact cuts, flashes, pans, fades, and clocks that are not even."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT = 320, 180


@dataclass(frozen=True)
class Scene:
    """So many frames of one place: a ball crosses it, the camera pans by `pan` pixels a frame."""

    frames: int
    seed: int
    pan: float = 0.0
    ball: float = 2.0
    flashes: tuple[int, ...] = ()
    fade_in: int = 0
    fade_out: int = 0
    light: float = 0.5
    shake: float = 0.0


def pictures(scenes: Iterable[Scene], width: int = WIDTH, height: int = HEIGHT) -> Iterator[np.ndarray]:
    """uint8 (height, width, 3), frame after frame."""
    for scene in scenes:
        random = np.random.default_rng(scene.seed)
        place = background(scene.seed, width * 3, height * 2, scene.light)
        y, x = np.mgrid[:height, :width]
        shake = random.normal(0, 1, (scene.frames, 2)) * scene.shake
        for n in range(scene.frames):
            left = int(width + scene.pan * n + shake[n, 0]) % (2 * width)
            top = int(height // 2 + shake[n, 1]) % height
            picture = place[top : top + height, left : left + width].copy()
            ball = (x - (scene.ball * n + scene.seed * 37) % width) ** 2 + (y - height / 2) ** 2 < (height / 8) ** 2
            picture[ball] = 255 * random.random(3) if n == 0 else picture[ball] * 0.2 + 40
            gain = min(1.0, n / scene.fade_in if n < scene.fade_in else 1.0)
            gain = min(gain, (scene.frames - 1 - n) / scene.fade_out if scene.frames - n <= scene.fade_out else 1.0)
            picture = picture * gain
            if n in scene.flashes:
                picture = 255 - 0.1 * picture
            yield (picture + random.normal(0, 1.5, picture.shape)).clip(0, 255).astype(np.uint8)


def background(seed: int, width: int, height: int, light: float) -> np.ndarray:
    """A place: coloured noise of several sizes around a colour of its own, (height, width, 3)."""
    random = np.random.default_rng(1000 + seed)
    place = np.zeros((height, width, 3)) + 255 * (light + 0.5 * (random.random(3) - 0.5))
    for size, amount in ((60, 60), (20, 30), (6, 15)):
        coarse = random.normal(0, amount, (height // size + 2, width // size + 2, 3))
        place += coarse.repeat(size, 0).repeat(size, 1)[:height, :width]
    return place.clip(0, 255)


def write_film(
    path: Path,
    frames: Iterable[np.ndarray],
    times: Iterable[float] | None = None,
    rate: int = 25,
    sound: np.ndarray | None = None,
    codec: str = "libx264",
    sound_rate: int = 44_100,
) -> Path:
    """Encode frames at these times (seconds; else even ones), with a sound (channels, samples) where given."""
    with av.open(str(path), "w") as output:
        stream = None
        base = Fraction(1, 1000)
        other = None
        for picture, time in zip(frames, _even(rate) if times is None else times, strict=False):
            if stream is None:
                stream = output.add_stream(codec, rate=rate)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt, stream.time_base = "yuv420p", base
                stream.codec_context.time_base = base
                stream.options = {"preset": "ultrafast"} if codec == "libx264" else {}
                if sound is not None:
                    other = output.add_stream("libopus" if path.suffix == ".webm" else "aac", rate=48_000)
                    other.layout = "stereo"
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = round(time * 1000), base
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
        if other is not None:
            _sound(output, other, sound, sound_rate)
    return path


def _sound(output, stream, x: np.ndarray, sample_rate: int) -> None:
    x = np.ascontiguousarray(np.broadcast_to(x, (2, x.shape[-1])), np.float32)
    frame = av.AudioFrame.from_ndarray(x, "fltp", "stereo")
    frame.sample_rate, frame.pts = sample_rate, 0
    parts = av.AudioResampler(stream.format, stream.layout, 48_000, stream.frame_size or 960)
    for part in (*parts.resample(frame), *parts.resample(None), None):
        output.mux(stream.encode(part))


def _even(rate: int) -> Iterator[float]:
    n = 0
    while True:
        yield n / rate
        n += 1


def cut_times(scenes: Iterable[Scene], rate: float) -> list[float]:
    """When the second and further scenes begin, at an even rate."""
    return [float(t) for t in np.cumsum([s.frames for s in scenes])[:-1] / rate]
