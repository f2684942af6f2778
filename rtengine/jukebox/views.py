"""Pieces as a browser is told of them, and lists of them in the orders that people ask for."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Any

from rtengine.files.names import printable
from rtengine.library.choose import Choice
from rtengine.library.store import Library, path_of
from rtengine.library.tags import named

Row = sqlite3.Row | dict[str, Any]

TAGS = 4
FIRST = 3  # tags by which a piece is found
ORDERS = {
    "artist": "artist = '', artist COLLATE NOCASE, album COLLATE NOCASE, disc, track, title COLLATE NOCASE, id",
    "title": "title COLLATE NOCASE, id",
    "album": "album = '', album COLLATE NOCASE, disc, track, id",
    "added": "added DESC, id",
    "length": "seconds, id",
    "tempo": "tempo = 0, tempo, id",
    "loudness": "loudness DESC, id",
    "plays": "plays DESC, id",
}
LISTS = {  # what is in each, and its order unless another is asked for
    "all": ("gone = 0", "artist"),
    "liked": ("gone = 0 AND rating > 0", ""),
    "disliked": ("gone = 0 AND rating < 0", ""),
    "recent": ("gone = 0 AND played IS NOT NULL", ""),
    "added": ("gone = 0", "added"),
    "damaged": ("gone = 0 AND damage != ''", "artist"),
}
LATEST = {"liked": "rated DESC, id", "disliked": "rated DESC, id", "recent": "played DESC, id"}


def piece(row: Row, address: Callable[[str], str]) -> dict[str, Any]:
    """address: of a path, with a ticket where one is needed."""
    names = ("id", "title", "artist", "album", "year", "seconds", "tempo", "key", "loudness", "energy", "rating",
             "plays", "skips", "added", "played", "damage")  # fmt: skip
    tags = json.loads(row["tags"])
    return {
        **{n: row[n] for n in names},
        "genre": row["genre"],
        "heard": row["heard_genre"],
        "tags": dict(list(tags.items())[:TAGS]),
        "file": printable(named(str(path_of(row["path"])))),
        "cover": address(f"/music/pieces/{row['id']}/cover"),
    }


def chosen(choice: Choice, address: Callable[[str], str]) -> dict[str, Any]:
    """With why it was chosen."""
    return piece(choice.row, address) | {"similarity": round(choice.similarity, 4), "why": list(choice.why)}


def listed(
    library: Library, name: str, order: str, genre: str, tag: str, words: str, first: int, count: int
) -> list[sqlite3.Row]:
    """Rows of a list; KeyError if there is none of this name or order."""
    if words:
        return library.search(words, count, first)
    where, usual = LISTS[name]
    by = ORDERS[order or usual] if order or usual else LATEST[name]
    values: list[object] = []
    if genre:
        where += " AND (genre = ? COLLATE NOCASE OR (genre = '' AND heard_genre = ? COLLATE NOCASE))"
        values += [genre, genre]
    if tag:
        where += f" AND ? IN (SELECT key FROM json_each(tags) LIMIT {FIRST})"
        values.append(tag)
    return library.db.execute(
        f"SELECT * FROM tracks WHERE {where} ORDER BY {by} LIMIT ? OFFSET ?", (*values, count, first)
    ).fetchall()


def genres(library: Library) -> list[dict[str, Any]]:
    """Those that files name or that were heard, with how many pieces have each, the most first."""
    rows = library.db.execute(
        "SELECT CASE genre WHEN '' THEN heard_genre ELSE genre END AS name, count(*) AS count, "
        "sum(genre = '') AS heard FROM tracks WHERE gone = 0 "
        "GROUP BY name COLLATE NOCASE HAVING name != '' ORDER BY count DESC, name"
    )
    return [dict(row) for row in rows]


def tags(library: Library) -> list[tuple[str, int]]:
    """The tags among the first of pieces, with how many pieces each, the most first."""
    rows = library.db.execute("SELECT tags FROM tracks WHERE gone = 0")
    return Counter(tag for row in rows for tag in list(json.loads(row["tags"]))[:FIRST]).most_common()
