"""Where a library is kept: one folder with a database, and a file of vectors for each listening model.

A piece's vector is written and synced before its row names the place, and the row is one transaction: whenever the
power fails, each piece is in whole or not at all. What is heard belongs to the model that heard it, and vectors of two
models are never compared. Files that are gone keep their row, with likes and plays, until they are seen again.
"""

import errno
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.files.disk import written
from rtengine.files.names import printable
from rtengine.library.analysis import Analysis
from rtengine.library.tags import Tags

VERSION = 1
DATABASE = "library.sqlite"
SCHEMA = """
CREATE TABLE tracks (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, changed INTEGER NOT NULL,
    digest TEXT NOT NULL, gone INTEGER NOT NULL DEFAULT 0, added REAL NOT NULL,
    title TEXT NOT NULL, artist TEXT NOT NULL, album TEXT NOT NULL, album_artist TEXT NOT NULL, genre TEXT NOT NULL,
    track INTEGER NOT NULL, disc INTEGER NOT NULL, year INTEGER NOT NULL,
    model TEXT NOT NULL, place INTEGER NOT NULL, seconds REAL NOT NULL, tempo REAL NOT NULL, key TEXT NOT NULL,
    loudness REAL, energy REAL NOT NULL, heard_genre TEXT NOT NULL, tags TEXT NOT NULL, damage TEXT NOT NULL,
    rating INTEGER NOT NULL DEFAULT 0, stars INTEGER NOT NULL DEFAULT 0, plays INTEGER NOT NULL DEFAULT 0,
    skips INTEGER NOT NULL DEFAULT 0, rated REAL, played REAL
);
CREATE INDEX digests ON tracks (digest);
CREATE TABLE errors (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, changed INTEGER NOT NULL, why TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE folders (path BLOB PRIMARY KEY);
CREATE VIRTUAL TABLE words USING fts5 (title, artist, album, genre, tags, tokenize = "unicode61 remove_diacritics 2");
CREATE TABLE apps (name TEXT PRIMARY KEY, password TEXT NOT NULL, key TEXT NOT NULL UNIQUE, made REAL NOT NULL);
CREATE TABLE playlists (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, comment TEXT NOT NULL DEFAULT '', tracks TEXT NOT NULL DEFAULT '[]',
    made REAL NOT NULL, changed REAL NOT NULL
);
CREATE TABLE queue (app TEXT PRIMARY KEY, tracks TEXT NOT NULL, current INTEGER, position INTEGER, changed REAL);
CREATE TABLE starred (kind TEXT, name TEXT, at REAL, PRIMARY KEY (kind, name));
"""
TEXTS = ("title", "artist", "album", "album_artist", "genre")
NUMBERS = ("track", "disc", "year")


@dataclass(frozen=True)
class File:
    """A file as the disk describes it. changed: nanoseconds of its last change."""

    path: Path
    size: int
    changed: int


class Library:
    """An open library. Not for several threads at once; several processes may read while one adds."""

    def __init__(self, folder: Path) -> None:
        """Open it, or make it where there is none; OSError or ValueError in a sentence if that cannot be."""
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.db = sqlite3.connect(folder / DATABASE, timeout=30, isolation_level=None)
            self.db.row_factory = sqlite3.Row
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = FULL")
            self._migrate()
        except sqlite3.DatabaseError as error:
            raise OSError(f"the library in {folder} cannot be opened: {error}") from None

    def close(self) -> None:
        self.db.close()

    def _migrate(self) -> None:
        with self.change():
            version = self.db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in SCHEMA.strip().split(";\n"):
                    self.db.execute(statement)
                self.db.execute(f"PRAGMA user_version = {VERSION}")
            elif version != VERSION:
                raise ValueError(f"the library in {self.folder} is of version {version}, and this program's {VERSION}")

    @contextmanager
    def change(self) -> Iterator[None]:
        """All that is executed meanwhile, or nothing of it; OSError in a sentence if it cannot be written."""
        try:
            self.db.execute("BEGIN IMMEDIATE")
            yield
            self.db.execute("COMMIT")
        except BaseException as error:
            if self.db.in_transaction:  # a full disk ends it by itself
                self.db.execute("ROLLBACK")
            if not isinstance(error, sqlite3.OperationalError):
                raise
            said = f"the library in {printable(str(self.folder))} cannot be written: {error}; what was there is kept"
            raise OSError(errno.ENOSPC if error.sqlite_errorcode == sqlite3.SQLITE_FULL else errno.EIO, said) from None

    # what is there

    def rows(self, where: str = "gone = 0", values: Sequence[object] = (), order: str = "id") -> list[sqlite3.Row]:
        """The tracks that fit a condition of this project's own."""
        return self.db.execute(f"SELECT * FROM tracks WHERE {where} ORDER BY {order}", values).fetchall()

    def row(self, track: int) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self.db.execute("SELECT * FROM tracks WHERE id = ?", (track,)).fetchone()
        return found

    def search(self, text: str, count: int = 100, offset: int = 0) -> list[sqlite3.Row]:
        """The tracks that have all words of the text, or words that begin so, the best first."""
        words = " ".join(f'"{word}"*' for word in text.replace('"', " ").split())
        if not words:
            return self.db.execute(
                "SELECT * FROM tracks WHERE gone = 0 ORDER BY artist, album, disc, track, id LIMIT ? OFFSET ?",
                (count, offset),
            ).fetchall()
        return self.db.execute(
            "SELECT tracks.* FROM words JOIN tracks ON tracks.id = words.rowid WHERE words MATCH ? AND gone = 0 "
            "ORDER BY bm25(words, 4, 3, 2, 1, 1), tracks.id LIMIT ? OFFSET ?",
            (words, count, offset),
        ).fetchall()

    def errors(self) -> list[tuple[Path, str]]:
        """The files that could not be read, and why."""
        return [(path_of(r["path"]), r["why"]) for r in self.db.execute("SELECT * FROM errors ORDER BY path")]

    # what is added

    def add(self, file: File, digest: str, tags: Tags, heard: Analysis, place: int) -> int:
        """Put a piece in, or what is new of it, at its vector's place; returns its number."""
        values = {
            "size": file.size, "changed": file.changed, "digest": digest, "gone": 0, "model": heard.model,
            "place": place, "seconds": heard.seconds, "tempo": heard.tempo, "key": heard.key,
            "loudness": heard.loudness, "energy": heard.energy, "heard_genre": heard.genre,
            "tags": json.dumps(heard.tags), "damage": heard.damage,
            **{name: getattr(tags, name) for name in (*TEXTS, *NUMBERS)},
        }  # fmt: skip
        path = os.fsencode(file.path)
        with self.change():
            self.db.execute("DELETE FROM errors WHERE path = ?", (path,))
            columns = ", ".join(values)
            marks = ", ".join("?" * len(values))
            changes = ", ".join(f"{name} = excluded.{name}" for name in values)
            (track,) = self.db.execute(
                f"INSERT INTO tracks (path, added, {columns}) VALUES (?, ?, {marks}) "
                f"ON CONFLICT (path) DO UPDATE SET {changes} RETURNING id",
                (path, time.time(), *values.values()),
            ).fetchone()
            self.db.execute("DELETE FROM words WHERE rowid = ?", (track,))
            self.db.execute(
                "INSERT INTO words (rowid, title, artist, album, genre, tags) VALUES (?, ?, ?, ?, ?, ?)",
                (track, tags.title, tags.artist, tags.album, f"{tags.genre} {heard.genre}", " ".join(heard.tags)),
            )
        return int(track)

    def fail(self, file: File, why: str) -> None:
        """Note that a file cannot be read."""
        row = os.fsencode(file.path), file.size, file.changed, why, time.time()
        with self.change():
            self.db.execute("INSERT OR REPLACE INTO errors VALUES (?, ?, ?, ?, ?)", row)

    def rate(self, track: int, verdict: str) -> None:
        """Note like, dislike, none, skip or played."""
        change = {
            "like": "rating = 1, rated = :now", "dislike": "rating = -1, rated = :now",
            "none": "rating = 0, rated = NULL", "skip": "skips = skips + 1",
            "played": "plays = plays + 1, played = :now",
        }[verdict]  # fmt: skip
        with self.change():
            self.db.execute(f"UPDATE tracks SET {change} WHERE id = :id", {"id": track, "now": time.time()})

    # the vectors

    def vectors_file(self, model: str) -> Path:
        return self.folder / f"vectors-{model[:16]}.f32"

    def write_vector(self, model: str, vector: NDArray[np.float32], place: int | None = None) -> int:
        """Write and sync a vector at a place, a new one by default; returns it.

        Written as a file: a memory map on a full disk would kill the process.
        """
        if place is None:
            used = self.db.execute("SELECT max(place) FROM tracks WHERE model = ?", (model,)).fetchone()[0]
            place = 0 if used is None else used + 1
        with written(self.vectors_file(model)):
            file = os.open(self.vectors_file(model), os.O_RDWR | os.O_CREAT, 0o644)
            try:
                data = np.ascontiguousarray(vector, np.float32).tobytes()
                os.lseek(file, place * len(data), os.SEEK_SET)
                if os.write(file, data) != len(data):
                    raise OSError(f"the disk of {self.folder} is full")
                os.fsync(file)
            finally:
                os.close(file)
        return place

    def vectors(self, model: str, width: int) -> NDArray[np.float32]:
        """All vectors of a model (places, width), as a memory map."""
        file = self.vectors_file(model)
        places = file.stat().st_size // (4 * width) if file.exists() else 0
        if not places:
            return np.zeros((0, width), np.float32)
        return np.memmap(file, np.float32, "r", shape=(places, width))


def path_of(data: bytes) -> Path:
    """A path as the system wrote it, in whatever encoding."""
    return Path(os.fsdecode(data))
