"""Whoever does the jobs of a folder: a thread of ours sees to it, between start and close."""

import sqlite3
import sys
import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from rtengine.jobs.queue import Queue
from rtengine.jobs.store import Store
from rtengine.jobs.worker import RESULTS, TABLE

LOOK = 0.1  # seconds between two looks
SWEEP = 15.0  # seconds between two sweeps
TRANSIENT = sqlite3.OperationalError, OSError  # a full disk, or no process to be had: it is tried again


class Hands(ABC):
    """Sees ten times a second how things are, and sweeps away what belongs to no job. died: workers so far."""

    def __init__(self, folder: Path, performer: str) -> None:
        self.folder, self.performer = folder.absolute(), performer
        self.died = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)

    @property
    @abstractmethod
    def processes(self) -> list[int] | list[str]:
        """The workers' numbers, or addresses."""

    def start(self) -> None:
        """Begin; whatever others held before is free again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def close(self) -> None:
        """End; what is not finished waits in the table."""
        self._stop.set()
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @abstractmethod
    def _look(self, queue: Queue, store: Store) -> None:
        """See how the workers are, and give them what there is."""

    @abstractmethod
    def _leave(self, queue: Queue) -> None:
        """Let the workers go, and give back what they had."""

    def _run(self) -> None:
        store, said, self._swept = Store(self.folder / RESULTS), "", 0.0
        with Queue(self.folder / TABLE) as queue:
            try:
                with suppress(*TRANSIENT):  # their leases run out as well
                    queue.release()
                while not self._stop.wait(LOOK):
                    try:
                        self._round(queue, store)
                        said = ""
                    except TRANSIENT as error:
                        if said != str(error):
                            said = str(error)
                            sys.stderr.write(f"the jobs of {self.folder} wait: {said}\n")
            finally:
                with suppress(*TRANSIENT):
                    self._leave(queue)
                    store.sweep(queue)

    def _round(self, queue: Queue, store: Store) -> None:
        self._look(queue, store)
        if time.monotonic() > self._swept + SWEEP:
            self._swept = time.monotonic()
            queue.give_up()
            store.sweep(queue)
