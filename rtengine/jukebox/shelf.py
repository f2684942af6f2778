"""A library for a server's event loop: one thread owns it, and what takes long never holds up an answer to others."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from rtengine.library.choose import Chooser
from rtengine.library.near import load
from rtengine.library.store import Library
from rtengine.library.vectors import index
from rtengine.models.listen.model import load_model

T = TypeVar("T")
SHARE = 20.0  # times as long as it took to make, what was made of the library is kept while a scan changes that


class Opened:
    """The library and what is made of it, for the thread that owns them."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder)
        self._chooser: Chooser | None = None
        self._mark: object = None
        self._made = self._took = 0.0
        self.kept: dict[str, object] = {}  # by name, for as long as the chooser is

    @property
    def chooser(self) -> Chooser:
        """Who chooses, of what is there now, or was a moment ago."""
        sums = "count(*), max(added), total(changed), total(seconds)"
        mark = tuple(self.library.db.execute(f"SELECT {sums} FROM tracks WHERE gone = 0").fetchone())
        now = time.monotonic()
        if self._chooser is None or (mark != self._mark and now - self._made > SHARE * self._took):
            self._chooser = Chooser(
                self.library, index(self.library, load_model()), load(self.library.folder, load_model().digest)
            )
            self._mark, self._made, self._took = mark, now, time.monotonic() - now
            self.kept.clear()
        return self._chooser


class Shelf:
    """Questions to an opened library, answered one after the other."""

    def __init__(self, folder: Path) -> None:
        """OSError or ValueError in a sentence if it cannot be opened."""
        self.folder = folder
        self._thread = ThreadPoolExecutor(1, "library")
        try:
            self._opened = self._thread.submit(Opened, folder).result()
        except BaseException:
            self._thread.shutdown()
            raise

    async def ask(self, question: Callable[[Opened], T]) -> T:
        """What the question finds."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, question, self._opened)

    def close(self) -> None:
        self._thread.submit(self._opened.library.close).result()
        self._thread.shutdown()
