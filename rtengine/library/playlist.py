"""Playlists as files: M3U8, which every player reads."""

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from rtengine.library.find import name
from rtengine.library.store import path_of


def m3u8(rows: Iterable[sqlite3.Row], folder: Path | None) -> bytes:
    """A playlist with paths relative to the folder it will lie in, or absolute ones from another drive, or for None.

    In UTF-8; a file's name in another encoding keeps its bytes, for else no player would find it. What is no line of
    its own, with a line break in it or blanks about it, is told as a file:// address.
    """
    lines = [b"#EXTM3U"]
    for row in rows:
        title = " ".join(name(row["artist"], row["title"]).split())
        lines.append(f"#EXTINF:{round(row['seconds'])},{title}".encode())
        file = path_of(row["path"])
        line = os.fsencode(relative(file, folder) if folder else file)
        lines.append(line if line.splitlines() == [line.strip()] else file.as_uri().encode())
    return b"\n".join(lines) + b"\n"


def relative(file: Path, folder: Path) -> str:
    try:
        path = os.path.relpath(file, folder.resolve())
    except ValueError:  # another drive
        return str(file)
    return f"./{path}" if path.startswith("#") else path
