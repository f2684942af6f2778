"""The service as one value: what its answers are made from."""

import asyncio
import json
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web

from rtengine.jobs.crew import Crew
from rtengine.jobs.hands import Hands
from rtengine.jobs.queue import Job, Queue
from rtengine.jobs.store import Store
from rtengine.jobs.worker import RESULTS, TABLE
from rtengine.service.limits import Rates, client_of, room
from rtengine.service.problem import Problem
from rtengine.service.requests import look_id, own_jobs, packed
from rtengine.service.settings import Settings
from rtengine.service.songs import Songs, Upload

OWN = "service"  # the client of jobs that the service gives itself
GUESS = 0.5  # seconds of work for a second of sound, before any was measured
BYTES = 16_000.0  # a second of sound, about, in a file that nobody has looked at yet
LONG_WORK = 20.0  # seconds of work that make a job a long one
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 3600.0  # seconds in Retry-After


class State:
    """Settings, songs, jobs and counters of a running service; for the thread of its event loop."""

    def __init__(self, settings: Settings) -> None:
        settings.folder.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.queue = Queue(settings.folder / TABLE)
        self.songs = Songs(settings.folder, settings.folder / TABLE, settings.keep)
        self.store = Store(settings.folder / RESULTS)
        self.crew = self._crew()
        self.rates = Rates(settings.rate, settings.burst)
        self.began = time.time()
        self.counts: Counter[tuple[str, ...]] = Counter()  # of what metrics tell
        self.busy: dict[str, web.Request] = {}  # who is writing to which upload
        self.stopping = asyncio.Event()
        self.places = ["textures", *settings.places]  # what the client has pages for
        self.own = own_jobs()
        self.tiles = next(id for id, (kind, _, _) in self.own.items() if kind == "tiles")

    def close(self) -> None:
        """Leave the tables."""
        self.songs.close()
        self.queue.close()

    def _crew(self) -> Hands:
        if not self.settings.scheduler:
            return Crew(self.settings.folder, self.settings.performer, self.settings.workers)
        from rtengine.jobs.cluster import Cluster  # which brings Dask

        return Cluster(self.settings.folder, self.settings.performer, self.settings.scheduler)

    def client(self, request: web.Request) -> str:
        """Who asks."""
        return client_of(request, self.settings.behind_proxy)

    def prepare(self) -> None:
        """Have what the service itself needs made, unless it is there."""
        for id, (kind, spec, seconds) in self.own.items():
            long = kind == "warm"  # which may compile for a minute: who comes meanwhile has another worker
            self.queue.put(id, OWN, kind, packed(spec), seconds=seconds, long=long)

    def used(self) -> set[str]:
        """Songs that jobs still read."""
        return {song for songs in self.queue.songs() for song in songs.split()}

    def look(self, song: str, client: str) -> Job:
        """The job that looks at a song, begun if need be."""
        spec = {"do": "look", "song": f"songs/{song}", "name": "the song", "longest": self.settings.longest}
        try:
            return self.queue.get(look_id(song))
        except KeyError:
            return self.queue.put(look_id(song), client, "look", packed(spec), song=song)

    def forget(self, job: Job) -> None:
        """Delete a job with its result, and with what that was converted to."""
        for copy in self.queue.of(job.id, "convert"):
            self.forget(self.queue.cancel(copy.id))
        self.queue.forget(job.id)
        if job.result:
            self.store.remove(job.result)

    def let_go(self, upload: Upload) -> None:
        """Delete an upload; of a song that nobody else has, also what we saw when we looked, and the song itself.

        Jobs that read it may still end; then the song is swept away.
        """
        if upload.song and self.songs.holders(upload.song) == 1:
            with suppress(KeyError):
                self.forget(self.queue.cancel(look_id(upload.song)))
        self.songs.delete(upload, self.used())

    def about(self, job: Job) -> dict[str, Any]:
        """What the worker wrote about a result; {} if there is none."""
        if not job.result:
            return {}
        try:
            return dict(json.loads((self.store.path(job.result) / "about.json").read_text("utf-8")))
        except (OSError, ValueError):
            return {}

    def seconds(self, song: str) -> float:
        """How long a song is, if anybody has looked; else by its size."""
        try:
            looked = self.about(self.queue.get(look_id(song))).get("seconds")
        except KeyError:
            looked = None
        return float(looked) if looked else self.songs.path(song).stat().st_size / BYTES

    def work(self, kind: str) -> float:
        """Seconds of work for a second of sound."""
        return self.queue.rate(kind, trial=OWN) or GUESS

    def remaining(self, job: Job) -> float | None:
        """Seconds until a job has ended, about."""
        if job.state == "running":
            if job.remaining is not None:
                return job.remaining
            return max(self.work(job.kind) * job.seconds - (time.time() - (job.started or 0)), 0.0)
        if job.state == "queued":
            first = self.queue.before(job) * self.work(job.kind) / self.settings.workers
            return first + self.work(job.kind) * job.seconds
        return None

    def check_turn(self, client: str) -> None:
        """Raise 429 if a client has as many jobs waiting as he may, or all have; says when there is room again."""
        mine, everybody = self.queue.waiting(client), self.queue.waiting()
        if mine < self.settings.waiting and everybody < self.settings.waiting_all:
            return
        who = f"you have {mine}" if mine >= self.settings.waiting else f"there are {everybody}"
        after = min(max(self.queue.took() / self.settings.workers, SHORTEST_WAIT), LONGEST_WAIT)
        raise Problem(429, f"{who} jobs waiting, which is as many as may: try again in {after:.0f} s", "busy", after)

    def check_room(self, more: int = 0) -> None:
        """Raise 507 before the disk is full."""
        if room(self.settings.folder, self.settings.reserve) < more:
            raise Problem(507, "the disk of the service is full: delete songs, or try again later", "full")

    def sweep(self) -> None:
        """Delete what is over, and what belongs to nothing."""
        own = set(self.own)
        for id in self.queue.ended_before(time.time() - self.settings.keep):
            if id not in own:
                self.queue.forget(id)
        self.songs.sweep(self.used())


STATE = web.AppKey("state", State)


def folder_of(path: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else 0
