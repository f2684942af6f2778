"""Where compiled kernels are kept, so that the second start costs nothing.

Numba keys a cached kernel by its own source file alone. A kernel that calls kernels of other files would then go on
using their old code after an edit. Here the folder is named by a digest of the file and of every rtengine file that it
imports, directly or not, so an edit anywhere below compiles just what depends on it. What nobody has used for a month
is removed when something new is compiled.
"""

import ast
import hashlib
import os
import shutil
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
UNUSED = 30 * 86_400  # seconds after which compiled code is removed


def cache_directory() -> Path:
    """The folder of compiled kernels: $RTENGINE_CACHE, or rtengine in the user's cache folder."""
    if chosen := os.environ.get("RTENGINE_CACHE"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "rtengine"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "rtengine"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "rtengine"


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
    source = file.read_bytes()
    total = hashlib.sha256(source)
    for imported in sorted(_imports(source)):
        total.update(digest(imported))
    return total.digest()


def _imports(source: bytes) -> set[Path]:
    names: set[str] = set()
    for statement in ast.walk(ast.parse(source)):
        if isinstance(statement, ast.Import):
            names |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            names |= {statement.module} | {f"{statement.module}.{alias.name}" for alias in statement.names}
    parts = [name.split(".")[1:] for name in names if name.startswith("rtengine.")]
    files = {PACKAGE.joinpath(*p) for p in parts}
    files = {f.with_suffix(".py") for f in files} | {f / "__init__.py" for f in files}  # which may hand names on
    return {file for file in files if file.is_file()}
