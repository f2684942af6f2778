"""Why a file could not be written, in a sentence that names the disk; and where files are kept for a while."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


def sentence(error: OSError, path: Path) -> str:
    """What kept a file from being written, as "out.wav cannot be written: the disk at / is full"."""
    if error.errno is None:
        return str(error)
    reason = REASONS.get(error.errno, error.strerror or os.strerror(error.errno))
    disk, folder = (os.fsencode(p).decode("utf-8", "backslashreplace") for p in (disk_of(path), path.absolute().parent))
    name = os.fsencode(path).decode("utf-8", "backslashreplace")
    return f"{name} cannot be written: {reason.format(disk=disk, folder=folder)}"


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Say so in a sentence if what is done here cannot write to the path: the same kind of OSError, with no errno."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise type(error)(sentence(error, path)) from None


@contextmanager
def keeping() -> Iterator[Path]:
    """A folder for nameless files, $TMPDIR if that is set; OSError in a sentence that names the variable."""
    try:
        folder = Path(tempfile.gettempdir())
    except OSError:
        raise OSError("there is no folder for temporary files: set TMPDIR to one that can be written to") from None
    try:
        yield folder
    except OSError as error:
        if error.errno is None:
            raise
        reason = sentence(error, folder / "x").split(": ", 1)[1]
        raise OSError(f"no room to keep the sound meanwhile: {reason}; set TMPDIR to another folder") from None
