"""A folder of ten thousand files of which some are broken: nothing lost, killed and gone on, and in how much memory.

Some files are taken away, changed and renamed while they are scanned. $RTENGINE_MESSY names a folder made before.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import numpy as np

from benchmarks.messy_folder import FILES, SECONDS, make
from benchmarks.service import children
from benchmarks.table import Row
from rtengine.library.scan import walk

KILLED = 0.3  # share of the files after which it is killed
TROUBLED = 20  # files that are taken away, that are changed, and that are renamed, meanwhile
SOON = 500  # files after which that happens
LOOK = 1.0  # seconds between two looks at the memory


@dataclass
class Run:
    """One scan: when the first piece was heard, how many per second, and MB of all its processes once a second."""

    first: float = 0.0
    seconds: float = 0.0
    done: int = 0
    memory: list[float] = field(default_factory=list)
    told: dict[str, object] = field(default_factory=dict)


def scanned(folder: Path, library: Path, most: int | None = None, victims: Sequence[Path] = ()) -> Run:
    """Scan, and kill it (-9) when so many files are done; victims: files to which something happens meanwhile."""
    command = [sys.executable, "-m", "offline", "library", "add", str(folder), "--library", str(library), "--json"]
    run, began = Run(), time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as answer,
        subprocess.Popen(command, stdout=answer, stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stderr
        with watched(process.pid, run.memory):
            for line in process.stderr:
                progress = json.loads(line)
                run.done = progress["heard"] + progress["failed"]
                run.first = run.first or (time.perf_counter() - began if progress["heard"] else 0.0)
                if victims and run.done >= SOON:
                    trouble(victims)
                    victims = ()
                if most and run.done >= most:
                    process.send_signal(signal.SIGKILL)
                    break
            else:
                process.wait()
                answer.seek(0)
                run.told = json.load(answer)
    run.seconds = time.perf_counter() - began
    return run


@contextmanager
def watched(pid: int, memory: list[float]) -> Iterator[None]:
    """Note the memory of a process and its children."""
    done = Event()

    def watch() -> None:
        while not done.wait(LOOK):
            memory.append(sum(proportional(one) for one in [pid, *children(pid)]))

    thread = Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def proportional(pid: int) -> float:
    """MB of a process's own: what it shares with others divided among them, code and files left out."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss_Anon:")).split()[1]) / 1e3
    return 0.0


def trouble(files: Sequence[Path]) -> None:
    """Take some away, change some, and rename some."""
    for n, file in enumerate(random.Random(0).sample(files, 3 * TROUBLED)):
        if n % 3 == 0:
            file.unlink()
        elif n % 3 == 1:
            with file.open("ab") as data:
                data.write(b"more")
        else:
            file.rename(file.with_name(f"renamed {n}{file.suffix}"))


def lost(folder: Path, library: Path) -> int:
    """Files that are neither pieces nor told as errors, or told of and not there."""
    there = {os.fsencode(file.path) for file in walk(folder, [])}
    with sqlite3.connect(library / "library.sqlite") as db:
        pieces = {path for (path,) in db.execute("SELECT path FROM tracks WHERE gone = 0")}
        errors = {path for (path,) in db.execute("SELECT path FROM errors")}
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    return len(there ^ (pieces | errors))


def rows() -> list[Row]:
    """All of it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, library = Path(os.environ.get("RTENGINE_MESSY", f"{temporary}/music")), Path(temporary) / "library"
        if not folder.is_dir():
            folder.mkdir()
            make(folder)
        files = [file.path for file in walk(folder, [])]
        first = scanned(folder, library, round(KILLED * FILES))
        rest = scanned(folder, library, victims=files[len(files) // 2 :])
        trouble([file.path for file in walk(folder, [])])
        last = scanned(folder, library)
        missing = lost(folder, library)
    heard, failed = (int(str(rest.told[name])) for name in ("heard", "failed"))
    fifth = max(len(rest.memory) // 5, 1)
    seconds = sum(SECONDS) / 2
    return [
        Row(f"{len(files)} files: the first heard", first.first, "s", note="<= 60 s"),
        Row(f"killed (-9) after {first.done}; the rest", rest.seconds, "s", note=f"{heard} heard, {failed} failed"),
        Row("files a second", (heard + failed) / rest.seconds, "", more=True, note=f"of about {seconds:.0f} s each"),
        Row("memory of all processes", max(rest.memory), "MB"),
        Row("  it grew", np.median(rest.memory[-fifth:]) - np.median(rest.memory[fifth : 2 * fifth]), "MB"),
        Row("a scan once more, 60 files changed", last.seconds, "s"),
        Row("files lost", missing, "", note="neither a piece nor told as an error"),
    ]
