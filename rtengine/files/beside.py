"""Files written beside their place and renamed when they are whole, so that no half file ever stands there.

What is no place of that kind, such as a pipe or the standard output, gets all of it when it is whole.
"""

import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfileobj
from typing import IO

from rtengine.files.disk import keeping, written
from rtengine.files.handle import CHUNK
from rtengine.files.names import STANDARD, printable


def check_path(path: Path, force: bool) -> None:
    """Raise OSError in a sentence if the file cannot be made, or exists and may not be replaced."""
    name = printable(str(path))
    if is_stream(path):
        if path == STANDARD and sys.stdout.isatty():
            raise OSError("standard output is a terminal: send it to a file or a program, as in ... - | aplay")
        return
    folder = path.resolve().parent if path.is_symlink() else path.parent
    if not folder.is_dir():
        raise FileNotFoundError(f"the folder {printable(str(folder))} does not exist")
    if path.is_dir():
        raise IsADirectoryError(f"{name} is a folder: name a file in it")
    if (path.exists() or path.is_symlink()) and not force:
        raise FileExistsError(f"{name} exists: --force overwrites it")
    if not os.access(folder, os.W_OK | os.X_OK):
        with written(path):
            raise OSError(errno.EROFS if os.statvfs(folder).f_flag & os.ST_RDONLY else errno.EACCES, "")


def is_stream(path: Path) -> bool:
    """Whether a path is no place for a file: the standard output, a pipe, a device."""
    if path == STANDARD or str(path).startswith(("/dev/fd/", "/dev/std", "/proc/self/fd/")):
        return True
    try:
        kind = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(kind) and not stat.S_ISDIR(kind)


@contextmanager
def beside(path: Path, force: bool) -> Iterator[Path]:
    """A temporary path in the same folder, renamed to `path` if all goes well, else removed; through links.

    OSError in a sentence if it cannot be written; what is written to the temporary path is the caller's matter.
    """
    check_path(path, force)
    if is_stream(path):
        with _kept_for(path) as temporary:
            yield temporary
        return
    place = path.resolve() if path.is_symlink() else path
    temporary = place.parent / f".{secrets.token_hex(8)}.part"
    try:
        with written(path):
            temporary.open("xb").close()
        yield temporary
        check_path(path, force)
        with written(path):
            if place.exists():
                temporary.chmod(stat.S_IMODE(place.stat().st_mode))
            settle(temporary)
            temporary.replace(place)
    finally:
        with suppress(OSError):  # of a disk that can only be read, on which there is nothing
            temporary.unlink()


@contextmanager
def _kept_for(path: Path) -> Iterator[Path]:
    """A temporary path whose content goes into a stream when it is whole."""
    with keeping() as folder:
        temporary = folder / f".{secrets.token_hex(8)}.part"
        temporary.open("xb").close()
    try:
        yield temporary
        with written(path), temporary.open("rb") as whole, _opened(path) as stream:
            copyfileobj(whole, stream, CHUNK)
            stream.flush()
    finally:
        with suppress(OSError):  # of a disk that can only be read, on which there is nothing
            temporary.unlink()


def _opened(path: Path) -> IO[bytes]:
    if path == STANDARD:
        return os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    return path.open("wb")


def settle(path: Path) -> None:
    """Return when a file is on the disk, or say why it is not: some disks tell only then that they are full."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
