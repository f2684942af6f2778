"""Sound files for tests: written by libsndfile or FFmpeg, whole or damaged."""

from pathlib import Path

import av
import numpy as np
import soundfile

AV = {  # what FFmpeg writes, by name: codec, container
    "lame.mp3": ("libmp3lame", "mp3"),
    "ffmpeg.opus": ("libopus", "opus"),
    "aac.m4a": ("aac", "ipod"),
    "alac.m4a": ("alac", "ipod"),
    "flac.oga": ("flac", "ogg"),
}


def music(samples: int, channels: int, sample_rate: int, seed: int = 0) -> np.ndarray:
    """A beat of coloured noise and a chord: (channels, samples) float32, peak 0.5. Survives any encoder."""
    n = np.arange(samples)
    random = np.random.default_rng(seed)
    noise = np.cumsum(random.standard_normal((channels, samples)), axis=1) * 0.02
    noise -= np.linspace(noise[:, 0], noise[:, -1], samples, axis=1) if samples > 1 else 0
    beat = np.exp(-(n % (sample_rate // 4)) / (sample_rate / 30))
    chord = sum(np.sin(2 * np.pi * f * n / sample_rate) for f in (220, 277.2, 329.6, 1234.5))
    x = 0.15 * chord + noise * beat + 0.1 * random.standard_normal((channels, samples)) * beat
    return (0.5 * x / max(np.abs(x).max(), 1e-9)).astype(np.float32)


def encode(path: Path, x: np.ndarray, sample_rate: int, codec: str, container: str, **options: str) -> Path:
    """Write x (channels, samples) with FFmpeg."""
    with av.open(str(path), "w", format=container, options=options) as output:
        stream = output.add_stream(codec, rate=sample_rate)
        stream.layout = "mono" if len(x) == 1 else "stereo"
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(x), format="fltp", layout=stream.layout.name)
        frame.sample_rate, frame.pts = sample_rate, 0
        frames = av.AudioResampler(stream.format, stream.layout, sample_rate, stream.frame_size or 4096)
        for part in (*frames.resample(frame), *frames.resample(None), None):
            output.mux(stream.encode(part))
    return path


def write(path: Path, x: np.ndarray, sample_rate: int, subtype: str | None = None) -> Path:
    """Write x (channels, samples) with libsndfile, in the format of the ending."""
    formats = {".opus": ("OGG", "OPUS"), ".ogg": ("OGG", "VORBIS")}
    container, usual = formats.get(path.suffix, (None, None))
    soundfile.write(path, x.T, sample_rate, format=container, subtype=subtype or usual)
    return path


def delay(x: np.ndarray, y: np.ndarray) -> int:
    """How many samples y is later than x, by the peak of their correlation."""
    size = 2 * max(x.shape[1], y.shape[1])
    correlation = np.fft.irfft(np.fft.rfft(y[0], size) * np.conj(np.fft.rfft(x[0], size)), size)
    peak = int(np.argmax(correlation))
    return peak if peak < size // 2 else peak - size


def film(path: Path, tracks: list[np.ndarray], sample_rate: int, late: float = 0.0, seconds: float = 6.0) -> Path:
    """A picture of some seconds in Matroska, with 16-bit tracks (channels, samples) that begin `late` s after it."""
    with av.open(str(path), "w", format="matroska") as output:
        picture = output.add_stream("mpeg4", rate=25)
        picture.width, picture.height, picture.pix_fmt = 32, 32, "yuv420p"
        audio = [output.add_stream("pcm_s16le", rate=sample_rate, layout=LAYOUTS[len(x)]) for x in tracks]
        for n in range(round(25 * seconds)):
            frame = av.VideoFrame(32, 32, "yuv420p")
            frame.pts = n
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        for stream, x in zip(audio, tracks, strict=True):
            for n in range(0, x.shape[1], 4096):
                part = np.rint(x[:, n : n + 4096].T.reshape(1, -1) * 32768).astype(np.int16)
                sound = av.AudioFrame.from_ndarray(part, format="s16", layout=LAYOUTS[len(x)])
                sound.sample_rate, sound.pts = sample_rate, n + round(late * sample_rate)
                output.mux(stream.encode(sound))
            output.mux(stream.encode(None))
    return path


LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
