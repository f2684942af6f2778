"""Songs: files named by their SHA-256, and the uploads that brought them.

An upload has an id of its own that only who made it knows; it is also what he holds of the song when all has come. Many
may hold one song, which is there once. When the last lets go of it, or its time is over, it is deleted, as soon as no
job reads it any more.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rtengine.jobs.store import PART, sync
from rtengine.jobs.table import connect

PIECE = 1 << 20  # bytes read at once
HALF = 86_400.0  # seconds for which a half upload waits for the rest
YOUNG = 30.0  # seconds within which a song that has come is recorded
SONGS, UPLOADS = "songs", "uploads"
FIELDS = "id, client, name, size, song, expires"


@dataclass(frozen=True)
class Upload:
    """An upload; song: the SHA-256 of what came, once all has."""

    id: str
    client: str
    name: str
    size: int
    song: str | None
    expires: float


class Songs:
    """The songs and uploads of a folder; for one thread, but `digest` and `keep` may run in another."""

    def __init__(self, folder: Path, table: Path, keep: float) -> None:
        self.folder, self.parts, self._keep = folder / SONGS, folder / UPLOADS, keep
        self.folder.mkdir(parents=True, exist_ok=True)
        self.parts.mkdir(exist_ok=True)
        self._table = connect(table)

    def close(self) -> None:
        """Leave the table."""
        self._table.close()

    def begin(self, client: str, name: str, size: int, song: str | None = None) -> Upload:
        """A new upload; it is complete at once if the song is named and there."""
        now = time.time()
        known = song if song and self.has(song) and self.path(song).stat().st_size == size else None
        expires = now + (self._keep if known else HALF)
        upload = Upload(secrets.token_hex(16), client, name, size, known, expires)
        self._table.execute(
            f"INSERT INTO upload ({FIELDS}, made) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (upload.id, client, name, size, known, expires, now),
        )
        if not known:
            self.part(upload).touch()
        return upload

    def get(self, id: str) -> Upload:
        """The upload; KeyError if there is none, or its time is over."""
        row = self._table.execute(f"SELECT {FIELDS} FROM upload WHERE id = ? AND expires > ?", (id, time.time()))
        found = row.fetchone()
        if found is None:
            raise KeyError(f"there is no upload {id}")
        return Upload(*found)

    def offset(self, upload: Upload) -> int:
        """Bytes that have come."""
        if upload.song:
            return upload.size
        try:
            return self.part(upload).stat().st_size
        except FileNotFoundError:
            return 0

    def complete(self, upload: Upload, song: str) -> None:
        """Record that an upload is this song, which `keep` has put there."""
        self._table.execute(
            "UPDATE upload SET song = ?, expires = ? WHERE id = ?", (song, time.time() + self._keep, upload.id)
        )

    def keep(self, upload: Upload, song: str) -> None:
        """Sync what has come and make it the song, unless that is there already."""
        part = self.part(upload)
        if self.has(song):
            part.unlink()
            return
        sync(part)
        part.replace(self.path(song))
        sync(self.folder)

    def digest(self, upload: Upload) -> str:
        """The SHA-256 of what has come."""
        total = hashlib.sha256()
        with self.part(upload).open("rb") as file:
            while piece := file.read(PIECE):
                total.update(piece)
        return total.hexdigest()

    def delete(self, upload: Upload, used: Collection[str]) -> bool:
        """Let go of it; True if that deleted the song too. used: songs that jobs read."""
        self._table.execute("DELETE FROM upload WHERE id = ?", (upload.id,))
        self.part(upload).unlink(missing_ok=True)
        return bool(upload.song) and self._unless_held(str(upload.song), used)

    def held(self, client: str) -> tuple[int, int]:
        """How many bytes a client has or is sending, and how many uploads are under way."""
        row = self._table.execute(
            "SELECT coalesce(sum(size), 0), count(*) - count(song) FROM upload WHERE client = ? AND expires > ?",
            (client, time.time()),
        ).fetchone()
        return int(row[0]), int(row[1])

    def coming(self) -> int:
        """Bytes that open uploads have still to send."""
        rows = self._table.execute(f"SELECT {FIELDS} FROM upload WHERE song IS NULL AND expires > ?", (time.time(),))
        return sum(max(u.size - self.offset(u), 0) for u in (Upload(*row) for row in rows))

    def name(self, song: str) -> str:
        """What somebody called it, last."""
        row = self._table.execute("SELECT name FROM upload WHERE song = ? ORDER BY made DESC LIMIT 1", (song,))
        found = row.fetchone()
        return str(found[0]) if found else "song"

    def expires(self, song: str) -> float:
        """When the last upload of it ends; 0 if there is none."""
        row = self._table.execute("SELECT coalesce(max(expires), 0) FROM upload WHERE song = ?", (song,)).fetchone()
        return float(row[0])

    def has(self, song: str) -> bool:
        """Whether there is this song."""
        return self.path(song).is_file()

    def path(self, song: str) -> Path:
        """Where it is. song: 64 hexadecimal digits, which the caller has checked."""
        return self.folder / song

    def part(self, upload: Upload) -> Path:
        """Where the bytes of an upload are that have come."""
        return self.parts / f"{upload.id}{PART}"

    def sweep(self, used: Collection[str]) -> list[str]:
        """Delete what is over, and what no upload names; returns the names."""
        old = time.time() - YOUNG
        entries = [*os.scandir(self.folder), *os.scandir(self.parts)]
        names = [entry.name for entry in entries if entry.stat().st_ctime < old]
        self._table.execute("DELETE FROM upload WHERE expires <= ?", (time.time(),))
        rows = self._table.execute("SELECT id, song FROM upload").fetchall()
        known = {row["song"] or f"{row['id']}{PART}" for row in rows} | set(used)
        stray = [name for name in names if name not in known]
        for name in stray:
            for folder in (self.folder, self.parts):
                with suppress(OSError):
                    (folder / name).unlink(missing_ok=True)
        return stray

    def holders(self, song: str) -> int:
        """How many uploads are of this song."""
        return int(self._table.execute("SELECT count(*) FROM upload WHERE song = ?", (song,)).fetchone()[0])

    def _unless_held(self, song: str, used: Collection[str]) -> bool:
        if self.holders(song) or song in used:
            return False
        self.path(song).unlink(missing_ok=True)
        return True
