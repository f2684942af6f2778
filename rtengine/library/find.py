"""Which piece is meant by what a person typed."""

import os
import sqlite3
from pathlib import Path

from rtengine.library.store import Library, path_of

SHOWN = 3


def find(library: Library, text: str) -> int:
    """The piece with this number, file, or words of its title, artist and album; ValueError if none or several fit."""
    if text.isdecimal() and (row := library.row(int(text))) and not row["gone"]:
        return int(row["id"])
    path = os.fsencode(Path(text).absolute())
    for known in (path, os.fsencode(Path(text).resolve())):
        if found := library.db.execute("SELECT id FROM tracks WHERE path = ? AND gone = 0", (known,)).fetchone():
            return int(found["id"])
    rows = library.search(text, SHOWN + 1) if text.split() else []
    exact = [r for r in rows if r["title"].casefold() == text.casefold()]
    if len(exact) == 1:
        return int(exact[0]["id"])
    if len(rows) == 1:
        return int(rows[0]["id"])
    if not rows:
        raise ValueError(f"there is no piece {text!r} in the library")
    some = ", ".join(f"{r['id']} ({name(r['artist'], r['title'])})" for r in rows[:SHOWN])
    raise ValueError(
        f"{text!r} fits several pieces, as {some}{' ...' if len(rows) > SHOWN else ''}: name one by its number"
    )


def name(artist: str, title: str) -> str:
    """As people write it."""
    return f"{artist} - {title}" if artist else title


def file_of(row: sqlite3.Row) -> Path:
    """The file of a row."""
    return path_of(row["path"])
