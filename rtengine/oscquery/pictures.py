"""Pictures of shares, for tiles: the spectrogram of the sound that each is named for, made once and kept.

`python -m rtengine.oscquery.pictures SOURCE FILE.png` makes one, in a process of its own, for to synthesise a sound
takes a second. A source is the name of an exemplar, or a sound file. They are grey; a tile gives them its colour.
"""

import struct
import sys
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SECONDS = 1.6  # of sound in a picture
SAMPLE_RATE = 44_100  # Hz, of what is synthesised
WIDTH, HEIGHT = 240, 150  # pixels
LOWEST, HIGHEST = 60.0, 14_000.0  # Hz, from the bottom to the top
RANGE = 60.0  # dB, from black to white
TILT = 3.0  # dB an octave that the treble is lifted, as sounds fall towards it
N_FFT = 2048


def spectrogram(x: NDArray[np.float32], sample_rate: float) -> NDArray[np.uint8]:
    """Grey values (HEIGHT, WIDTH) of x (samples,): log frequency upwards, decibels as light."""
    x = x[: round(SECONDS * sample_rate)]
    x = np.pad(x, (0, max(N_FFT + WIDTH - x.size, 0)))
    starts = np.linspace(0, x.size - N_FFT, WIDTH).astype(int)
    magnitude = np.abs(np.fft.rfft(x[starts[:, None] + np.arange(N_FFT)] * np.hanning(N_FFT))) + 1e-9
    edges = np.geomspace(LOWEST, min(HIGHEST, 0.45 * sample_rate), HEIGHT + 1) * N_FFT / sample_rate
    bins = [(int(low), max(int(np.ceil(high)), int(low) + 1)) for low, high in pairwise(edges)]
    level = 20 * np.log10(np.array([magnitude[:, first:last].max(axis=1) for first, last in bins[::-1]]))
    level += TILT * np.log2(np.geomspace(HIGHEST, LOWEST, HEIGHT) / LOWEST)[:, None]
    top = np.percentile(level, 99.5)
    return np.asarray(np.clip((level - top) / RANGE + 1, 0, 1) ** 1.4 * 255, np.uint8)


def png(grey: NDArray[np.uint8]) -> bytes:
    """A picture of grey values (height, width) in the format PNG, ISO/IEC 15948."""
    height, width = grey.shape
    rows = np.hstack([np.zeros((height, 1), np.uint8), grey])  # a byte before each row: it is not filtered

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def sound(source: str) -> tuple[NDArray[np.float32], float]:
    """The beginning of a sound, mono, and its sample rate; ValueError or OSError if there is none."""
    from rtengine.files.source import open_source
    from rtengine.models.exemplars import exemplar
    from rtengine.models.texture.heard import sound_of

    if not Path(source).is_file():
        return exemplar(source, 2 * SECONDS, SAMPLE_RATE), SAMPLE_RATE
    opened = open_source(sound_of(Path(source)))
    wanted, parts = round(SECONDS * opened.sample_rate), list[NDArray[np.float32]]()
    for block in opened.blocks():
        parts.append(block[int(np.argmax((block**2).sum(axis=1)))])  # a mean would lose what is out of phase
        if sum(p.size for p in parts) >= wanted:
            break
    return np.concatenate(parts), opened.sample_rate


def main(source: str, file: str) -> int:
    """Make the picture; 2 after one sentence if it cannot be."""
    try:
        picture = png(spectrogram(*sound(source)))
        half = Path(file).with_suffix(".part")
        half.write_bytes(picture)
        half.replace(file)
    except (ValueError, OSError) as error:
        print(f"rtengine: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
