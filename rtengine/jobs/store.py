"""The folder of results: each attempt writes into a hidden one of its own, which becomes a result when it is whole.

Whatever a crash leaves is recognised by its name alone: it is of no running attempt, and of no result in the table.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rtengine.jobs.queue import Queue

PART = ".part"


class Store:
    """Results in a folder, by name; each is itself a folder of files."""

    def __init__(self, folder: Path) -> None:
        """The folder is made if need be."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def begun(self, name: str) -> Iterator[Path]:
        """An empty folder to write into, which is gone afterwards unless it was published."""
        part = self.folder / f".{name}{PART}"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        try:
            yield part
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def publish(self, name: str) -> int:
        """Sync what was written and give it its name; returns the bytes."""
        part = self.folder / f".{name}{PART}"
        size = 0
        for file in part.iterdir():
            size += file.stat().st_size
            sync(file)
        sync(part)
        part.rename(self.folder / name)
        sync(self.folder)
        return size

    def path(self, name: str) -> Path:
        """The folder of a result."""
        return self.folder / name

    def remove(self, name: str) -> None:
        """Delete a result."""
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def sweep(self, queue: Queue) -> list[str]:
        """Delete what belongs to no job; returns the names.

        First the names are read, then the table: what is made in between is not among them, and what is recorded in
        between is in the table.
        """
        names = [entry.name for entry in self.folder.iterdir()]
        known = queue.results()
        stray = [name for name in names if name.removeprefix(".").removesuffix(PART) not in known]
        for name in stray:
            shutil.rmtree(self.folder / name, ignore_errors=True)
            with suppress(OSError):
                (self.folder / name).unlink()  # if it was no folder
        return stray


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # which opens no folders; a rename is written through there
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
