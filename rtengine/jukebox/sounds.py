"""Samples for browsers: made by processes, kept for a while, and given out while they are still being made."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from os import getpid
from pathlib import Path
from typing import Any, NamedTuple

from rtengine.jukebox import played
from rtengine.library.decoding import begin

WORKERS, OTHERS = 2, 1  # processes for the piece that plays and the next; and for what is only looked at
KEPT = 1 << 30  # bytes
PATIENCE = 60.0  # seconds for samples to come
LOOK = 0.02  # seconds between two looks whether they have


class Wanted(NamedTuple):
    """What is played: a file, known by its digest, at a rate in Hz, with textures by their shares."""

    file: Path
    digest: str
    rate: int
    textures: Mapping[str, float]
    mix: float

    @property
    def name(self) -> str:
        """Of its file of samples."""
        sound = json.dumps([sorted(self.textures.items()), self.mix]) if self.textures else ""
        return hashlib.sha256(f"{self.digest} {self.rate} {sound}".encode()).hexdigest()[:40]


class Sounds:
    """For the thread of an event loop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for left in (*folder.glob(f"*{played.PART}"), *folder.glob("*.lease")):
            left.unlink(missing_ok=True)
        self._pools: dict[int, ProcessPoolExecutor] = {}  # by how many processes each has
        self._running: dict[str, tuple[Future[str], float]] = {}  # by name: and when somebody last asked

    async def samples(self, wanted: Wanted, first: int, count: int) -> bytes:
        """Up to `count` frames from `first` on, fewer at the end; OSError in a sentence if it cannot be played."""
        whole, end = self.folder / f"{wanted.name}.pcm", time.monotonic() + PATIENCE
        need, new = played.FRAME * (first + count), not whole.exists()
        while not whole.exists():
            future = self._asked(wanted, whole)
            part = whole.with_suffix(played.PART)
            if part.exists() and part.stat().st_size >= need:
                with suppress(FileNotFoundError):
                    return _slice(part, first, count)
            if future.done():
                trouble = self._ended(wanted.name, future)
                if trouble:
                    raise OSError(trouble)
                continue
            if time.monotonic() > end:
                raise OSError("this computer is too busy to play it: try again")
            await asyncio.sleep(LOOK)
        self._running.pop(wanted.name, None)
        whole.touch()
        if new:
            self._sweep(whole)
        return _slice(whole, first, count)

    def run(self, function: Callable[..., Any], *values: object, workers: int = OTHERS) -> Future[Any]:
        """Have something done by another process: not by those that play, unless so many are asked for as play."""
        if workers not in self._pools:
            context = get_context("spawn")
            self._pools[workers] = ProcessPoolExecutor(
                workers, context, initializer=begin, initargs=(getpid(), workers != WORKERS)
            )
        try:
            return self._pools[workers].submit(function, *values)
        except BrokenProcessPool:
            del self._pools[workers]
            return self.run(function, *values, workers=workers)

    def warm(self) -> None:
        """Have those who play begin, before anybody waits for them."""
        if WORKERS not in self._pools:
            for _ in range(WORKERS):
                self.run(played.ready, workers=WORKERS)

    def _asked(self, wanted: Wanted, whole: Path) -> Future[str]:
        if wanted.name not in self._running:
            self._make_room()
            lease = self._lease(wanted.name)
            lease.touch()
            future = self.run(
                played.write, wanted.file, wanted.rate, dict(wanted.textures), wanted.mix, whole, lease, workers=WORKERS
            )
            self._running[wanted.name] = future, 0.0
        future = self._running[wanted.name][0]
        self._running[wanted.name] = future, time.monotonic()
        return future

    def _make_room(self) -> None:
        """Give up what nobody has asked for longest, if all are busy: who skips waits for no piece he has left."""
        going = [(asked, name) for name, (future, asked) in self._running.items() if not future.done()]
        for _, name in sorted(going)[: max(len(going) - WORKERS + 1, 0)]:
            self._lease(name).unlink(missing_ok=True)
            self._running.pop(name)

    def _ended(self, name: str, future: Future[str]) -> str:
        """What went wrong with what has ended, or ""."""
        self._running.pop(name, None)
        self._lease(name).unlink(missing_ok=True)
        try:
            return future.result()
        except BrokenProcessPool:
            return "the decoder crashed on it"

    def _lease(self, name: str) -> Path:
        return self.folder / f"{name}.lease"

    def _sweep(self, but: Path) -> None:
        """Delete what was not played for longest, beyond KEPT bytes."""
        files = sorted(((f.stat().st_mtime, f.stat().st_size, f) for f in self.folder.glob("*.pcm")), reverse=True)
        total = 0
        for _, size, file in files:
            total += size
            if total > KEPT and file != but:
                file.unlink(missing_ok=True)

    def close(self) -> None:
        for name in self._running:
            self._lease(name).unlink(missing_ok=True)
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)


def _slice(file: Path, first: int, count: int) -> bytes:
    with file.open("rb") as data:
        data.seek(played.FRAME * first)
        return data.read(played.FRAME * count)
