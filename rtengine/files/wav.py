"""WAV files, whose header is a plain RIFF one unless the sound is too long for it, and then RF64 (EBU Tech 3306).

Room for the chunk with the 64-bit lengths is kept in every file, as that document recommends.
"""

import io
import struct

import numpy as np
from numpy.typing import NDArray

LIMIT = 0xFFFFFFFF - 1024  # bytes; a RIFF header counts them in 32 bits
UNTOLD = 0xFFFFFFFF  # in place of lengths that stand in the ds64 chunk
DS64 = 28  # bytes of its content: RIFF size, data size, samples, and an empty table
PCM, FLOAT = 1, 3  # format tags


class WavFile:
    """A WAV file being written: 16 or 24 bits, or 32-bit float; whole when it is closed."""

    def __init__(self, file: io.RawIOBase, sample_rate: int, channels: int, bits: int) -> None:
        """bits: 16, 24 or 32. file: open for writing, and to be sought in."""
        self._file, self._bytes = file, 0
        self._rate, self._channels, self._bits = sample_rate, channels, bits
        file.write(self._header())

    def write(self, x: NDArray[np.generic]) -> None:
        """Append (samples, channels): int16, int32 of which the upper 24 bits count, or float32."""
        data = np.ascontiguousarray(x, dtype=x.dtype.newbyteorder("<"))
        if self._bits == 24:
            data = np.ascontiguousarray(data.view(np.uint8).reshape(-1, 4)[:, 1:])
        self._file.write(data.tobytes())
        self._bytes += data.nbytes

    def close(self) -> None:
        """Complete the header; the file itself stays open."""
        if self._bytes % 2:
            self._file.write(b"\0")
        self._file.seek(0)
        self._file.write(self._header())
        self._file.flush()

    def _header(self) -> bytes:
        width = self._channels * self._bits // 8  # bytes of a sample of all channels
        tag = FLOAT if self._bits == 32 else PCM
        samples = self._bytes // width
        about = struct.pack("<HHIIHH", tag, self._channels, self._rate, self._rate * width, width, self._bits)
        chunks = [(b"fmt ", about + (b"\0\0" if tag == FLOAT else b""))]
        if tag == FLOAT:
            chunks.append((b"fact", struct.pack("<I", min(samples, UNTOLD))))
        rest = b"".join(name + struct.pack("<I", len(content)) + content for name, content in chunks)
        size = 4 + 8 + DS64 + len(rest) + 8 + self._bytes + self._bytes % 2
        if size <= LIMIT:
            first = b"RIFF" + struct.pack("<I", size) + b"WAVEJUNK" + struct.pack("<I", DS64) + bytes(DS64)
            return first + rest + b"data" + struct.pack("<I", self._bytes)
        lengths = struct.pack("<QQQI", size, self._bytes, samples, 0)
        first = b"RF64" + struct.pack("<I", UNTOLD) + b"WAVEds64" + struct.pack("<I", DS64) + lengths
        return first + rest + b"data" + struct.pack("<I", UNTOLD)
