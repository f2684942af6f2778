"""Files that a packet from the network may name: bare names within the host's own folders, and nothing else."""

import stat
from pathlib import Path

from platformdirs import user_data_path

SOUNDS = (  # endings of what rtengine.files.source reads
    *(".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".m4b", ".aac", ".wma"),
    *(".aif", ".aiff", ".w64", ".caf", ".au", ".mp4", ".mov", ".mkv", ".webm"),
)
KINDS = ("models", "clips", "songs", "presets", "takes", "films")
LONGEST = 128  # characters of a name
MOST_FILES = 1024  # files of a folder that are listed
FORBIDDEN = frozenset('/\\:*?"<>|')  # what leads out of a folder somewhere, or is no name on one of the systems


def default(kind: str) -> Path:
    """The folder of this kind among the user's data; OSError if the user has no place for data."""
    folder = user_data_path("rtengine", appauthor=False) / kind
    if not folder.is_absolute():  # "~" stayed as it is
        raise OSError("you have no home folder: set HOME to one, or XDG_DATA_HOME")
    return folder


def find(folder: Path, name: str, endings: tuple[str, ...], largest: int) -> Path:
    """A file of the folder, of at most `largest` bytes; ValueError or OSError in a sentence if it cannot be that.

    Links are refused, for they lead elsewhere; endings are in small letters, with their dot.
    """
    if not name.lower().endswith(endings) or name.startswith(".") or {"/", "\\"} & {*name}:
        raise ValueError(f"{name[:80]!r} is no file name that ends in {', '.join(endings)}")
    if not _is_bare(name):
        letters = " ".join(sorted(FORBIDDEN))
        raise ValueError(
            f"{name[:60]!r} has more than {LONGEST} letters, or one of {letters}: give the file another name"
        )
    file = folder / name
    try:
        about = file.lstat()
    except OSError:
        about = None
    if about is None or not stat.S_ISREG(about.st_mode):
        raise OSError(f"there is no file {name} in {folder}")
    if about.st_size > largest:
        raise ValueError(f"{name} has {about.st_size} bytes, which is more than {largest}")
    return file


def listed(folder: Path, endings: tuple[str, ...]) -> list[str]:
    """The names of the files that could be found there, sorted."""
    if not folder.is_dir():
        return []
    files = (f for f in folder.iterdir() if _is_bare(f.name) and f.name.lower().endswith(endings))
    return sorted(f.name for f in files if stat.S_ISREG(f.lstat().st_mode))[:MOST_FILES]


def bare(name: str) -> str:
    """A name that can be found, as near to that of a file as it can be."""
    allowed = "".join(c if c.isprintable() and c not in FORBIDDEN else "_" for c in name).lstrip(".") or "_"
    stem, ending = Path(allowed).stem, Path(allowed).suffix
    return stem[: LONGEST - len(ending)] + ending


def _is_bare(name: str) -> bool:
    return 0 < len(name) <= LONGEST and not name.startswith(".") and name.isprintable() and not FORBIDDEN & set(name)
