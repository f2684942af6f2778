"""Where compiled kernels are kept, so that the second start costs nothing.

Numba keys a cached kernel by its own source file alone. A kernel that calls kernels of other files would then go on
using their old code after an edit. Here the folder is named by a digest of the file and of every rtengine file that it
imports, directly or not, so an edit anywhere below compiles just what depends on it. What nobody has used for a month
is removed when something new is compiled.
"""

import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
UNUSED = 30 * 86_400  # seconds after which compiled code is removed
# a statement that imports rtengine, as it is written in this project: to parse the files took a tenth of each start
IMPORT = re.compile(
    r"^[ \t]*(?:from|import)[ ]+(?P<module>rtengine[\w.]*)(?:[ ]+import[ ]+(?P<names>\([^)]*\)|.*))?", re.MULTILINE
)


@cache
def _writable(chosen: str | None, usual: str | None, user: int) -> Path:
    """The first of these that can be written to, made if need be; else a temporary one of this user alone."""
    if chosen:
        if _made(Path(chosen)):
            return Path(chosen)
        raise OSError(f"RTENGINE_CACHE = {chosen} cannot be written to: set it to a folder that can")
    if usual and _made(Path(usual)):
        return Path(usual)
    try:
        folder = Path(tempfile.gettempdir()) / f"rtengine-{user}"
    except OSError:
        raise OSError("there is no folder to keep compiled code in: set RTENGINE_CACHE to one") from None
    if _made(folder) and not folder.is_symlink() and (not hasattr(os, "getuid") or folder.stat().st_uid == user):
        return folder
    return Path(tempfile.mkdtemp(prefix="rtengine-"))  # what stands there is somebody else's, whose code is not run


def _made(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def cache_directory() -> Path:
    """The folder of compiled kernels: $RTENGINE_CACHE, or rtengine in the user's cache folder.

    Where there is no such folder, or none that can be written to, a temporary one. OSError names what to set.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    return _writable(os.environ.get("RTENGINE_CACHE"), _usual(), user)


def _usual() -> str | None:
    """The folder that a system has for this; None without a home."""
    try:
        if sys.platform == "darwin":
            return str(Path.home() / "Library" / "Caches" / "rtengine")
        if sys.platform == "win32":
            return str(Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "rtengine")
        return str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rtengine")
    except RuntimeError:
        return None


def kernel_directory(file: Path) -> Path:
    """The folder for the kernels of one source file."""
    return used(cache_directory() / f"{file.stem}-{digest(file).hex()[:16]}")


def used(directory: Path) -> Path:
    """The same directory, noted as in use today."""
    with suppress(OSError):  # it does not exist yet, or is not ours to change
        os.utime(directory)
    return directory


def prune() -> None:
    """Remove what has not been used for long, such as the code of former versions."""
    with suppress(OSError):
        for directory in cache_directory().iterdir():
            if time.time() - directory.stat().st_mtime > UNUSED:
                shutil.rmtree(directory, ignore_errors=True)


@cache
def digest(file: Path) -> bytes:
    """SHA-256 over a source file and all rtengine files that it imports, directly or not."""
    reached, waiting = {file}, [file]
    while waiting:
        found = _imports(waiting.pop()) - reached
        reached |= found
        waiting += found
    return hashlib.sha256(b"".join(_content(one) for one in sorted(reached))).digest()


@cache
def _content(file: Path) -> bytes:
    return hashlib.sha256(file.read_bytes()).digest()


@cache
def _imports(file: Path) -> frozenset[Path]:
    """The rtengine files that a source file imports itself, within functions as well."""
    found: frozenset[Path] = frozenset()
    for line in IMPORT.finditer(file.read_text("utf-8")):
        module = tuple(line["module"].split(".")[1:])
        found |= _files(module)
        for name in re.findall(r"\w+", line["names"] or "") if PACKAGE.joinpath(*module).is_dir() else ():
            found |= _files((*module, name))
    return found


@cache
def _files(module: tuple[str, ...]) -> frozenset[Path]:
    """The source of a module below rtengine, or of a package, which may hand names on; none if it is neither."""
    path = PACKAGE.joinpath(*module)
    return frozenset(file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file())
