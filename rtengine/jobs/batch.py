"""A folder of songs into a folder of results, each once, whatever dies in between.

OUT/.batch holds the queue and what is not finished, OUT/manifest.tsv says what was made of what: one line a song, with
both SHA-256. What has not changed since is not rendered again; what failed is, the next time.
"""

import csv
import hashlib
import json
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rtengine.jobs.queue import Job, Queue
from rtengine.jobs.store import Store, sync
from rtengine.jobs.worker import RESULTS, TABLE

ENDINGS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".mp4", ".aac", ".aif", ".aiff", ".wma", ".webm", ".mkv")
INSIDE, MANIFEST = ".batch", "manifest.tsv"
COLUMNS = ("song", "sha256", "result", "result_sha256", "seconds", "state", "said")
BYTES = 1e5  # a second of sound at most, so that nobody is hurried
BATCH = uuid.UUID("8f2a7c52-70a3-4b0f-9d0b-4d8a4f1e6c77")  # the namespace of its jobs


@dataclass(frozen=True)
class Item:
    """A song of the folder: its path, its result's path relative to OUT, its SHA-256 and the job that makes it."""

    song: Path
    shown: str
    result: str
    digest: str
    job: str

    @property
    def seconds(self) -> float:
        """Of sound, by its size."""
        return self.song.stat().st_size / BYTES


class Batch:
    """The songs of a folder, what is to be done to them, and how far it is.

    settings: the spec of rtengine.jobs.sounds for "file", without the song.
    """

    def __init__(self, folder: Path, out: Path, settings: Mapping[str, Any]) -> None:
        self.out, self.inside = out, out / INSIDE
        self.inside.mkdir(parents=True, exist_ok=True)
        self.queue, self.store = Queue(self.inside / TABLE), Store(self.inside / RESULTS)
        self._settings = dict(settings)
        known = Digests(self.inside / "digests.json")
        words = json.dumps(self._settings, sort_keys=True)
        self.items: dict[str, Item] = {}
        for song, result in named(songs(folder, out), folder, str(settings["format"])):
            digest = known.of(song)
            job = str(uuid.uuid5(BATCH, f"{result}\n{digest}\n{words}"))
            self.items[job] = Item(song, song.relative_to(folder).as_posix(), result, digest, job)
        known.keep()
        self.rows: dict[str, dict[str, str]] = {}

    def begin(self) -> int:
        """Put what is to be done into the queue; returns how many songs that is."""
        self._forget_others()
        for id, item in self.items.items():
            if self._known(id, "failed", "cancelled") or (self._known(id, "done") and not self._there(item)):
                self.queue.forget(id)
            spec = self._settings | {"do": "file", "song": str(item.song.absolute()), "name": item.shown}
            self.queue.put(id, "batch", "file", json.dumps(spec, sort_keys=True), seconds=item.seconds)
        open_ = 0
        for id in self.items:
            job = self.queue.get(id)
            open_ += job.open
            self.take(job)
        return open_

    def take(self, job: Job) -> bool:
        """Put the result of a job in its place and note how it ended; False if it goes on."""
        item = self.items.get(job.id)
        if item is None or job.open:
            return False
        row = {"song": item.shown, "sha256": item.digest, "state": job.state, "said": job.error or ""}
        if job.state == "done":
            row |= self._placed(item, job)
        self.rows[job.id] = row
        return True

    def write(self) -> None:
        """Write the manifest, whole or not at all."""
        part = self.out / f".{MANIFEST}.part"
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n", restval="")
            writer.writeheader()
            writer.writerows(sorted(self.rows.values(), key=lambda row: row["song"]))
        sync(part)
        part.replace(self.out / MANIFEST)

    def close(self) -> None:
        """Leave the queue."""
        self.queue.close()

    def _placed(self, item: Item, job: Job) -> dict[str, str]:
        """Move a result to its place, unless that was done."""
        place, made = self.out / item.result, self.store.path(str(job.result))
        about = made / "about.json"
        note = self.inside / f"{item.job}.json"  # what is said of it when the folder of the attempt is gone
        if about.is_file():
            facts = json.loads(about.read_text("utf-8"))
            place.parent.mkdir(parents=True, exist_ok=True)
            sound = next(made.glob("result.*"), None)
            if sound:
                facts["sha256"] = sha256(sound)
                _write(note, facts)
                sound.replace(place)
                sync(place.parent)
            self.store.remove(str(job.result))
        facts = json.loads(note.read_text("utf-8"))
        return {
            "result": item.result,
            "result_sha256": facts["sha256"],
            "seconds": f"{facts['seconds']:.3f}",
            "said": "; ".join(facts["notices"]),
        }

    def _there(self, item: Item) -> bool:
        """Whether a song's result is in its place, or on the way to it."""
        job = self.queue.get(item.job)
        return (self.out / item.result).is_file() or (self.store.path(str(job.result)) / "about.json").is_file()

    def _known(self, id: str, *states: str) -> bool:
        try:
            return self.queue.get(id).state in states
        except KeyError:
            return False

    def _forget_others(self) -> None:
        """What a former run wanted and this one does not."""
        for job in self.queue.changes(-1):
            if job.id not in self.items:
                self.queue.cancel(job.id)
                self.queue.forget(job.id)
                (self.inside / f"{job.id}.json").unlink(missing_ok=True)


class Digests:
    """The SHA-256 of files, known as long as their size and time stay."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._known: dict[str, list[Any]] = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            self._known = {}

    def of(self, path: Path) -> str:
        """The digest of a file."""
        about = path.stat()
        stamp, name = [about.st_size, about.st_mtime_ns], str(path.absolute())
        known = self._known.get(name)
        if known is None or known[:2] != stamp:
            known = self._known[name] = [*stamp, sha256(path)]
        return str(known[2])

    def keep(self) -> None:
        """Write them down."""
        _write(self._file, self._known)


def songs(folder: Path, out: Path) -> Iterator[Path]:
    """The sound files of a folder and those in it, in order; not what a batch has made there."""
    for root, folders, files in os.walk(folder):
        here = Path(root)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and (here / f).resolve() != out.resolve())
        yield from (here / f for f in sorted(files) if f.lower().endswith(ENDINGS) and not f.startswith("."))


def named(found: Iterable[Path], folder: Path, format: str) -> Iterator[tuple[Path, str]]:
    """Each song with its result's path: the same, with another ending, or with both where two would be one."""
    taken: set[str] = set()
    for song in found:
        path = song.relative_to(folder)
        result = path.with_suffix(f".{format}").as_posix()
        if result.lower() in taken:
            result = f"{path.as_posix()}.{format}"
        taken.add(result.lower())
        yield song, result


def sha256(file: Path) -> str:
    """Of a file, hexadecimal."""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _write(file: Path, value: object) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(value), "utf-8")
    part.replace(file)
