"""Listen to all music in folders: what is new or changed, on several cores, and whatever happens meanwhile.

A file that lies where it lay, unchanged, is left out. One that is new but holds what a known file held was moved, or is
a copy: it takes over what was heard. Others are heard by processes of their own: a decoder that dies on a hostile
file takes its process with it, and the scan goes on. This process alone writes to the library, one piece at a time.
"""

import fcntl
import hashlib
import json
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from rtengine.library.analysis import Analysis
from rtengine.library.near import build
from rtengine.library.plane import places
from rtengine.library.store import File, Library, path_of
from rtengine.library.tags import Tags, read
from rtengine.library.vectors import index
from rtengine.library.warm import check
from rtengine.library.work import Result, begin_to_hear, work
from rtengine.models.listen.model import SHIPPED, Model, load_model

ENDINGS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".m4b", ".mp4", ".aac", ".aif", ".aiff", ".au",
           ".wma", ".ape", ".wv", ".mka")  # fmt: skip
PIECE = 1 << 16  # bytes at the beginning, the middle and the end of a file, by which it is known again
CRASHED = "the decoder crashed on it"


@dataclass
class Progress:
    """How far a scan is. bytes and total count the files to be heard; left: seconds, or None while nobody knows."""

    found: int = 0
    known: int = 0
    moved: int = 0
    heard: int = 0
    failed: int = 0
    gone: int = 0
    bytes: int = 0
    total: int = 0
    left: float | None = None
    now: str = ""


Item = tuple[File, str]
Tell = Callable[[Progress], object]


def scan(
    library: Library,
    folders: list[Path],
    threads: int = 2,
    again: bool = False,
    tell: Tell = lambda progress: None,
    model: Path = SHIPPED,
) -> Progress:
    """Bring the library up to date with the folders; OSError in a sentence if one is none or the disk is full.

    again: try those once more that could not be read and have not changed.
    """
    check()
    for folder in folders:
        if not folder.is_dir():
            raise NotADirectoryError(f"{folder} is no folder")
    folders = [folder.resolve() for folder in folders]
    progress = Progress()
    try:
        with alone(library):
            _scan(library, folders, threads, again, progress, tell, model)
    except sqlite3.OperationalError as error:
        raise OSError(f"the library in {library.folder} cannot be used: {error}; what was heard is kept") from None
    return progress


@contextmanager
def alone(library: Library) -> Iterator[None]:
    """Nobody else adds to the library; the kernel lets go of it however we end."""
    with (library.folder / "scan.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OSError(f"another scan is adding to the library in {library.folder}: wait until it is done") from None
        yield


def _scan(
    library: Library, folders: list[Path], threads: int, again: bool, progress: Progress, tell: Tell, model: Path
) -> None:
    with library.change():
        library.db.executemany("INSERT OR IGNORE INTO folders VALUES (?)", [(os.fsencode(f),) for f in folders])
    new = _new(library, folders, load_model(model), again, progress)
    tell(progress)
    _hear_all(library, _unheard(library, new, load_model(model), progress), threads, progress, tell, model)
    vectors = index(library, load_model(model))
    build(library.folder, load_model(model).digest, vectors, threads)
    places(library.folder, load_model(model).digest, vectors)


def _new(library: Library, folders: list[Path], model: Model, again: bool, progress: Progress) -> list[File]:
    """The files that are new or have changed, as the disk describes them. Those that are gone are noted on the way."""
    known = {r["path"]: r for r in library.db.execute("SELECT id, path, size, changed, model, gone FROM tracks")}
    bad = {r["path"]: r for r in library.db.execute("SELECT * FROM errors")}
    closed: list[tuple[Path, str]] = []
    files = {os.fsencode(file.path): file for folder in folders for file in walk(folder, closed)}
    progress.found = len(files)
    inside = tuple(os.fsencode(folder).rstrip(b"/") + b"/" for folder in folders)
    lost = [path for path, r in known.items() if path.startswith(inside) and path not in files and not r["gone"]]
    back, new = [], []
    for path, file in files.items():
        row, error = known.get(path), bad.get(path)
        if row and (row["size"], row["changed"], row["model"]) == (file.size, file.changed, model.digest):
            progress.known += 1
            if row["gone"]:
                back.append(path)
        elif error and not again and (error["size"], error["changed"]) == (file.size, file.changed):
            progress.known += 1
        else:
            new.append(file)
    with library.change():
        away = [(path,) for path in bad if (path + b"/").startswith(inside) and path not in files]
        library.db.executemany("DELETE FROM errors WHERE path = ?", away)
        library.db.executemany("UPDATE tracks SET gone = 1 WHERE path = ?", [(path,) for path in lost])
        library.db.executemany("UPDATE tracks SET gone = 0 WHERE path = ?", [(path,) for path in back])
    for folder, why in closed:
        library.fail(File(folder, 0, 0), f"the folder cannot be entered: {why}")
    progress.gone, progress.total, progress.failed = len(lost), sum(file.size for file in new), len(closed)
    return new


def _unheard(library: Library, new: list[File], model: Model, progress: Progress) -> Iterator[Item]:
    """Those that have to be heard, and their digests, one by one: the first are heard while the rest is looked at."""
    for file in new:
        try:
            digest = digest_of(file)
        except OSError as trouble:
            _failed(library, file, trouble.strerror or str(trouble), progress)
            progress.bytes += file.size
            continue
        if _moved(library, file, digest, model, progress):
            progress.bytes += file.size
        else:
            yield file, digest


def _moved(library: Library, file: File, digest: str, model: Model, progress: Progress) -> bool:
    """Whether the file's content is known: then a row whose file is gone moves here, or a copy gets its own row."""
    rows = library.rows("digest = ? AND model = ?", (digest, model.digest), "gone DESC, id")
    if not rows:
        return False
    row, path = rows[0], os.fsencode(file.path)
    vector = np.array(library.vectors(model.digest, len(model.tags))[row["place"]])
    here = library.db.execute("SELECT id FROM tracks WHERE path = ?", (path,)).fetchone()
    moves = here is None and (row["gone"] or not path_of(row["path"]).exists())
    if moves:
        with library.change():
            library.db.execute("UPDATE tracks SET path = ?, gone = 0 WHERE id = ?", (path, row["id"]))
    place = row["place"] if moves or row["path"] == path else library.write_vector(model.digest, vector)
    library.add(file, digest, read(file.path), _again(row, vector), place)
    progress.moved += moves
    progress.known += not moves
    return True


def _again(row: sqlite3.Row, vector: object) -> Analysis:
    """What was heard, from the row that keeps it."""
    return Analysis(
        row["model"], row["seconds"], row["tempo"], row["key"], row["loudness"], row["energy"], row["heard_genre"],
        json.loads(row["tags"]), row["damage"], np.asarray(vector),
    )  # fmt: skip


def walk(folder: Path, closed: list[tuple[Path, str]]) -> Iterator[File]:
    """The sound files in a folder and in those in it, by name; links to folders are left.

    closed: gets the folders that cannot be entered, and why.
    """
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: os.fsencode(entry.name))
        except FileNotFoundError:
            continue
        except OSError as trouble:
            closed.append((here, trouble.strerror or str(trouble)))
            continue
        inside = []
        for entry in entries:
            if entry.name.startswith("."):
                continue
            with suppress(OSError):  # it went away while it was looked at
                if entry.is_dir(follow_symlinks=False):
                    inside.append(Path(entry.path))
                elif entry.name.lower().endswith(ENDINGS):
                    about = entry.stat()
                    if stat.S_ISREG(about.st_mode):
                        yield File(Path(entry.path), about.st_size, about.st_mtime_ns)
        waiting += reversed(inside)


def digest_of(file: File) -> str:
    """By what a file is known wherever it lies: its length, and its beginning, middle and end."""
    total = hashlib.sha256(str(file.size).encode())
    with file.path.open("rb") as data:
        for place in (0, file.size // 2, max(file.size - PIECE, 0)):
            data.seek(place)
            total.update(data.read(PIECE))
    return total.hexdigest()


def _hear_all(
    library: Library, todo: Iterator[Item], threads: int, progress: Progress, tell: Tell, model: Path
) -> None:
    """Hear the files; of those on which a process died, each again in a process of its own."""
    began: list[tuple[float, int]] = []  # when the first was heard, and what was done by then: its process had to start

    def note(item: Item, result: Result) -> None:
        _note(library, item, result, progress)
        began[:] = began or [(time.monotonic(), progress.bytes)]
        if done := progress.bytes - began[0][1]:
            seconds = time.monotonic() - began[0][0]
            progress.left = max(progress.total - progress.bytes, 0) * seconds / done
        tell(progress)

    while suspects := _through(todo, threads, model, note):
        for suspect in suspects:
            if _through(iter([suspect]), 1, model, note):
                note(suspect, CRASHED)


def _through(todo: Iterator[Item], threads: int, model: Path, note: Callable[[Item, Result], None]) -> list[Item]:
    """Take files through processes until there are no more, or until a process died; returns those then under way."""
    taken = list(islice(todo, 1))  # from the list, and not yet given to a process
    if not taken:
        return []
    pool = ProcessPoolExecutor(threads, get_context("spawn"), initializer=begin_to_hear, initargs=(os.getpid(), model))
    running: dict[Future[Result], Item] = {}
    try:
        _ready(pool)
        while True:
            while len(running) < 2 * threads and (taken := taken or list(islice(todo, 1))):
                running[pool.submit(work, taken[0][0].path, model)] = taken[0]
                taken = []
            if not running:
                return []
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                result = future.result()
                note(running.pop(future), result)
    except BrokenProcessPool:
        return [*running.values(), *taken]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _ready(pool: ProcessPoolExecutor) -> None:
    """Wait until one process can hear; OSError if none can, for then it is not the fault of any file."""
    try:
        pool.submit(os.getpid).result()
    except BrokenProcessPool:
        raise OSError("the processes that hear cannot begin: is there memory, and a disk for compiled code?") from None


def _note(library: Library, item: Item, result: tuple[Tags, Analysis] | str, progress: Progress) -> None:
    file, digest = item
    progress.bytes += file.size
    progress.now = file.path.name
    if isinstance(result, str):
        _failed(library, file, result, progress)
        return
    keep(library, file, digest, result)
    progress.heard += 1


def _failed(library: Library, file: File, why: str, progress: Progress) -> None:
    """Note why a file cannot be read; of one that went away meanwhile nothing, or it would not be heard once back."""
    if file.path.exists():
        library.fail(file, why)
        progress.failed += 1
    else:
        progress.gone += 1


def keep(library: Library, file: File, digest: str, result: tuple[Tags, Analysis]) -> None:
    """Put what was heard of a file into the library."""
    tags, heard = result
    row = library.db.execute("SELECT place, model FROM tracks WHERE path = ?", (os.fsencode(file.path),)).fetchone()
    place = row["place"] if row and row["model"] == heard.model else None
    library.add(file, digest, tags, heard, library.write_vector(heard.model, heard.vector, place))
