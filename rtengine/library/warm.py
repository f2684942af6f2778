"""What a process needs before it hears: librosa, and native code, made by one process while the others wait for it.

librosa compiles some of its own when it is imported, and numba keeps that in two files for each function. Where two
processes do so at once, the files of one come to lie beside those of the other, and whoever loads such a pair dies of
it, now and ever after (github.com/numba/numba/issues/10128). So one process at a time makes them, in a folder among our
own, where no other program's half can be; what was left half made is made again.
"""

import fcntl
import importlib.util
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rtengine.native.cache import cache_directory, used
from rtengine.native.kernel import caching

WHOLE = "whole"  # the file that says that all is there


class Librosa(NamedTuple):
    """The functions of librosa that listening needs; it tells no types."""

    beat_track: Callable[..., Any]
    chroma_stft: Callable[..., Any]


def check() -> None:
    """Raise OSError in a sentence if something is not installed without which nothing can be heard."""
    for name in ("librosa", "mutagen"):
        if importlib.util.find_spec(name) is None:
            raise OSError(f"there is no {name}: pip install 'rtengine[listen]'")


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else makes native code for listening meanwhile: he waits, and finds it made."""
    with (cache_directory() / "listening.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@cache
def librosa() -> Librosa:
    """Import it."""
    folder = cache_directory() / "-".join(f"{name}-{version(name)}" for name in ("librosa", "numba"))
    if (folder / WHOLE).exists():
        return _imported(used(folder))
    with alone():
        if not (folder / WHOLE).exists():
            shutil.rmtree(folder, ignore_errors=True)
        found = _imported(folder)
        folder.mkdir(exist_ok=True)
        (folder / WHOLE).touch()
    return found


def _imported(folder: Path) -> Librosa:
    with caching(folder):
        from librosa.beat import beat_track
        from librosa.feature import chroma_stft

        chroma_stft(y=np.zeros(4096, np.float32), sr=16_000, n_fft=4096, hop_length=2048, tuning=0.0)  # imports more
    return Librosa(beat_track, chroma_stft)
