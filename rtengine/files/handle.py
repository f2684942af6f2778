"""Bytes to be decoded: of a file, a part of it, a pipe or the standard input, by any name that the system knows.

Decoders are given open files and no names, so a name in any encoding will do. What cannot be sought in, such as a pipe,
is first kept in a nameless file, which vanishes with its last reader.
"""

import io
import os
import stat
import sys
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO

from rtengine.files.disk import keeping
from rtengine.files.names import STANDARD, shown

CHUNK = 1 << 20  # bytes
FARTHEST = 1 << 62  # bytes


class Descriptor:
    """A file that is open for reading as long as something refers to it."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        os.close(self.number)


class Part(io.RawIOBase):
    """Bytes `start` to `stop` of an open file as a file of their own; several may read one file."""

    def __init__(self, file: Descriptor, start: int = 0, stop: int | None = None) -> None:
        self._file, self.start = file, start
        self.stop = os.fstat(file.number).st_size if stop is None else stop
        self._position = start

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    @property
    def size(self) -> int:
        """Bytes in all."""
        return self.stop - self.start

    def between(self, start: int, stop: int) -> "Part":
        """A part of this part."""
        return Part(self._file, self.start + start, self.start + stop)

    def tell(self) -> int:
        """Bytes from the part's beginning."""
        return self._position - self.start

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there; before the beginning, and where no file reaches, there is nowhere to go."""
        base = {io.SEEK_SET: self.start, io.SEEK_CUR: self._position, io.SEEK_END: self.stop}[whence]
        if self.start <= base + offset < FARTHEST:  # else it stays, for libsndfile could make nothing of an error
            self._position = base + offset
        return self.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what io hands over
        """Fill the buffer as far as there are bytes."""
        wanted = min(len(buffer), max(self.stop - self._position, 0))
        data = os.pread(self._file.number, wanted, self._position)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def whole(path: Path) -> Part:
    """All of a file, of a pipe, or of the standard input if the path is "-"; OSError in a sentence if it is neither."""
    if path == STANDARD:
        return Part(_kept(sys.stdin.buffer))
    if path.is_dir():
        raise IsADirectoryError(f"{shown(path)} is a folder, not a sound file")
    if not path.exists():
        raise FileNotFoundError(f"{shown(path)} does not exist")
    try:
        kind = path.stat().st_mode
        file = Descriptor(os.open(path, os.O_RDONLY))
    except PermissionError:
        raise PermissionError(f"{shown(path)} may not be read: permission denied") from None
    if stat.S_ISREG(kind):
        return Part(file)
    with open(file.number, "rb", closefd=False) as stream:  # of a number, not a path
        return Part(_kept(stream))


def _kept(file: IO[bytes]) -> Descriptor:
    """The bytes of a stream in a file without a name."""
    with keeping() as folder, TemporaryFile(dir=folder) as kept:
        copyfileobj(file, kept, CHUNK)
        kept.flush()
        return Descriptor(os.dup(kept.fileno()))
