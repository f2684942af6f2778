"""Pictures of spectrograms for a browser: PNG with a palette, written by hand, for it takes 20 lines.

Source: W3C, "Portable Network Graphics (PNG) Specification", third edition, sections 5 and 11 (IHDR, PLTE, IDAT, IEND).
"""

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RANGE = 80.0  # dB shown below the loudest
COLOURS = (  # of 18 equal steps of level, those of the window's spectrograms (ui/views/colours.py)
    0x0C0C10, 0x161327, 0x241A3F, 0x351E57, 0x48226F, 0x5D2385, 0x722D92, 0x92318D, 0xB13781,
    0xCD416F, 0xE45056, 0xF26848, 0xFA8141, 0xFC9C4C, 0xFDB661, 0xFACE84, 0xF8E4AE, 0xFBF6D8,
)  # fmt: skip


def spectrogram(file: Path, level: NDArray[np.float32], top: float | None = None) -> None:
    """Write level in dB (columns, bands) as a picture, time to the right and frequency upwards.

    top: the level of the brightest colour; the loudest of this sound, if None.
    """
    top = float(level.max()) if top is None else top
    grey = np.clip((level - top) / RANGE + 1, 0, 1) * 255
    write(file, np.rint(grey).astype(np.uint8).T[::-1], palette())


def palette() -> NDArray[np.uint8]:
    """One colour (red, green, blue) for each of 256 levels."""
    steps = np.array([(c >> 16, c >> 8 & 255, c & 255) for c in COLOURS])
    places = np.linspace(0, len(COLOURS) - 1, 256)
    return np.rint([np.interp(places, np.arange(len(COLOURS)), s) for s in steps.T]).astype(np.uint8).T


def write(file: Path, pixels: NDArray[np.uint8], colours: NDArray[np.uint8] | None = None) -> None:
    """Write pixels (height, width): shades of grey, or numbers of colours (256, 3)."""
    height, width = pixels.shape
    kind = 0 if colours is None else 3
    rows = np.concatenate((np.zeros((height, 1), np.uint8), pixels), axis=1)  # each begins with its filter, 0 for none
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))]
    if colours is not None:
        chunks.append((b"PLTE", colours.tobytes()))
    chunks += [(b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b"")]
    with file.open("wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n")
        for name, data in chunks:
            out.write(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))
