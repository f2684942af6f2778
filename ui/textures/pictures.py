"""Pictures of textures: the spectrogram of each exemplar, and its sound to try, made once and kept.

`python -m ui.textures.pictures NAME ...` makes them, in a process of its own, for to synthesise a sound takes a second.
A name is an exemplar's, or a file's: a sound that was dropped. Pictures are grey; the tile gives them its colour.
"""

import hashlib
import importlib.util
import sys
import wave
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from rtengine.native.cache import cache_directory, digest

SECONDS = 4.0  # of sound to try
SHOWN = 1.6  # seconds of it in the picture
SAMPLE_RATE = 44_100  # Hz
WIDTH, HEIGHT = 320, 200  # pixels
LOWEST, HIGHEST = 60.0, 14_000.0  # Hz, from the bottom to the top of the picture
RANGE = 60.0  # dB, from black to white
N_FFT = 2048


def kept(source: str, suffix: str) -> Path:
    """Where the picture or the sound of a source is: in a folder named by the code that makes them."""
    exemplars = importlib.util.find_spec("rtengine.models.exemplars")
    code = hashlib.sha256(Path(__file__).read_bytes())
    if exemplars and exemplars.origin:
        code.update(digest(Path(exemplars.origin)))
    path = Path(source)
    if path.is_file():
        code.update(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}".encode())
    return cache_directory() / f"pictures-{code.hexdigest()[:16]}" / f"{path.stem}{suffix}"


def spectrogram(x: NDArray[np.float32], sample_rate: float) -> NDArray[np.uint8]:
    """(HEIGHT, WIDTH) grey values of the first SHOWN seconds of x (samples,): log frequency upwards, dB as light."""
    x = x[: round(SHOWN * sample_rate)]
    x = np.pad(x, (0, max(N_FFT + WIDTH - x.size, 0)))
    starts = np.linspace(0, x.size - N_FFT, WIDTH).astype(int)
    frames = x[starts[:, None] + np.arange(N_FFT)] * np.hanning(N_FFT)
    magnitude = np.abs(np.fft.rfft(frames)) + 1e-9
    edges = np.geomspace(LOWEST, min(HIGHEST, 0.45 * sample_rate), HEIGHT + 1) * N_FFT / sample_rate
    bins = [(int(low), max(int(np.ceil(high)), int(low) + 1)) for low, high in pairwise(edges)]
    rows = [magnitude[:, first:last].max(axis=1) for first, last in bins]
    level = 20 * np.log10(np.array(rows[::-1]))
    level += 3 * np.log2(np.geomspace(HIGHEST, LOWEST, HEIGHT) / LOWEST)[:, None]  # as sounds fall towards the treble
    top = np.percentile(level, 99.5)
    return (np.clip((level - top) / RANGE + 1, 0, 1) ** 1.4 * 255).astype(np.uint8)


def make(source: str) -> None:
    """Write picture and sound; ValueError or OSError if there is no such exemplar and no such file."""
    x, rate = read(Path(source)) if Path(source).is_file() else synthesised(source)
    picture, sound = kept(source, ".png"), kept(source, ".wav")
    picture.parent.mkdir(parents=True, exist_ok=True)
    grey = np.ascontiguousarray(spectrogram(x, rate))
    QImage(grey.data, WIDTH, HEIGHT, WIDTH, QImage.Format.Format_Grayscale8).save(str(picture))
    half = sound.with_suffix(".part")
    with wave.open(str(half), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(round(rate))
        file.writeframes((np.clip(x, -1, 1) * 32767).astype("<i2").tobytes())
    half.replace(sound)


def synthesised(name: str) -> tuple[NDArray[np.float32], float]:
    """An exemplar."""
    from rtengine.models.exemplars import exemplar

    return exemplar(name, SECONDS, SAMPLE_RATE), SAMPLE_RATE


def read(path: Path) -> tuple[NDArray[np.float32], float]:
    """The beginning of a sound file, mono."""
    from rtengine.files.loop import beginning
    from rtengine.files.source import open_source
    from rtengine.models.texture.heard import sound_of

    source = open_source(sound_of(path))
    return beginning(source, SECONDS), source.sample_rate


def main(sources: Iterable[str]) -> int:
    """Make what is asked for; 2 after one sentence if it cannot be."""
    for source in sources:
        try:
            make(source)
        except (ValueError, OSError) as error:
            print(f"ui: {error}", file=sys.stderr)  # noqa: T201
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
