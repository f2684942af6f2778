"""Why a file could not be written, in a sentence that names the disk; and where files are kept for a while."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rtengine.files.names import printable

REASONS = {
    errno.ENOSPC: "the disk at {disk} is full",
    errno.EDQUOT: "your share of the disk at {disk} is used up",
    errno.EROFS: "the disk at {disk} can only be read",
    errno.EFBIG: "the file is larger than the disk at {disk} can hold in one",
    errno.EIO: "the disk at {disk} fails",
    errno.EACCES: "permission denied in {folder}",
    errno.EPERM: "permission denied in {folder}",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ENOENT: "the folder {folder} does not exist",
    errno.EPIPE: "nobody reads it any more",
    errno.EMFILE: "too many files are open",
}


def disk_of(path: Path) -> Path:
    """The folder at which the disk that holds a file is attached."""
    folder = path.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    folder = folder.resolve()
    while not folder.is_mount() and folder != folder.parent:
        folder = folder.parent
    return folder


def reason(error: OSError, path: Path) -> str:
    """What kept a file from being written, as "the disk at / is full"."""
    if error.errno is None:
        return str(error)
    said = REASONS.get(error.errno, error.strerror or os.strerror(error.errno))
    return said.format(disk=printable(str(disk_of(path))), folder=printable(str(path.absolute().parent)))


def sentence(error: OSError, path: Path) -> str:
    """The same with the file's name, as "out.wav cannot be written: the disk at / is full"."""
    return str(error) if error.errno is None else f"{printable(str(path))} cannot be written: {reason(error, path)}"


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Say so in a sentence if what is done here cannot write to the path: the same kind of OSError, with no errno."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        plain = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")  # FFmpeg has its own ones
        raise plain(sentence(error, path)) from None


@contextmanager
def keeping(folder: Path | None = None) -> Iterator[Path]:
    """A folder for nameless files, $TMPDIR unless one is given; OSError in a sentence that names the variable."""
    try:
        chosen = folder or Path(tempfile.gettempdir())
    except OSError:
        raise OSError("there is no folder for temporary files: set TMPDIR to one that can be written to") from None
    try:
        yield chosen
    except OSError as error:
        if error.errno is None:
            raise
        advice = "" if folder else "; set TMPDIR to another folder"
        raise OSError(
            f"there is no room to keep the sound meanwhile: {reason(error, chosen / 'sound')}{advice}"
        ) from None
