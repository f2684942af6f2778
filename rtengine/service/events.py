"""Changes of jobs as they happen, by server-sent events.

    GET /events?job=UUID&job=UUID...

Each event is a job as it is, with the clock's number as its id: who was away and says Last-Event-ID gets what has
changed since, at once, in its last state. The stream ends when all its jobs have ended.
Source: WHATWG HTML, section 9.2 (server-sent events).
"""

import asyncio
import json
import re
import sqlite3
from contextlib import suppress

from aiohttp import web

from rtengine.jobs.queue import Job
from rtengine.service.jobs import UUID, view
from rtengine.service.problem import Problem
from rtengine.service.state import STATE, State

LOOK = 0.05  # seconds between two looks at the table while anybody listens
ALIVE = 15.0  # seconds without an event after which a comment is sent, so that proxies keep the connection
MOST_JOBS = 100  # jobs of one stream
STREAMS = 8  # of one client


class Hub:
    """Tells who listens which jobs have changed; what he has not taken yet is kept by job, the last state only."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._listeners: dict[object, tuple[frozenset[str], dict[str, Job], asyncio.Event]] = {}
        self.streams: dict[str, int] = {}  # by client

    async def run(self) -> None:
        """Watch, for ever."""
        clock = self._state.queue.clock()
        while True:
            await asyncio.sleep(LOOK)
            try:
                if not self._listeners:
                    clock = self._state.queue.clock()
                    continue
                changes = self._state.queue.changes(clock)
            except sqlite3.OperationalError:  # the disk is full, say: later
                continue
            for job in changes:
                clock = job.changed
                for jobs, news, wake in self._listeners.values():
                    if job.id in jobs:
                        news[job.id] = job
                        wake.set()

    def listen(self, key: object, jobs: frozenset[str]) -> tuple[dict[str, Job], asyncio.Event]:
        """The news of these jobs from now on, and what is set when there are any."""
        news: dict[str, Job] = {}
        wake = asyncio.Event()
        self._listeners[key] = jobs, news, wake
        return news, wake

    def leave(self, key: object) -> None:
        """No more news."""
        self._listeners.pop(key, None)

    def __len__(self) -> int:
        return len(self._listeners)


HUB = web.AppKey("hub", Hub)


async def events(request: web.Request) -> web.StreamResponse:
    """The stream."""
    state, hub = request.app[STATE], request.app[HUB]
    jobs = _wanted(request)
    last = request.headers.get("Last-Event-ID", "")
    after = int(last) if last.isascii() and last.isdecimal() and len(last) < 16 else -1
    client = state.client(request)
    if hub.streams.get(client, 0) >= STREAMS:
        raise Problem(429, f"you have {STREAMS} streams of events, which is as many as may be", "streams", 5)
    hub.streams[client] = hub.streams.get(client, 0) + 1
    key = object()
    news, wake = hub.listen(key, jobs)  # before the look, or a change in between would be lost
    try:
        now = _open(state, jobs, after)
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        with suppress(ConnectionResetError):
            await _tell(request, response, now, news, wake)
        return response
    finally:
        hub.leave(key)
        hub.streams[client] -= 1
        if not hub.streams[client]:
            del hub.streams[client]


async def _tell(
    request: web.Request, response: web.StreamResponse, now: list[Job], news: dict[str, Job], wake: asyncio.Event
) -> None:
    """Send what is, and then what changes, until all has ended or the service stops."""
    state = request.app[STATE]
    going = {job.id for job in now if job.open}
    told = {job.id: job.changed for job in now}
    for job in now:
        await response.write(_event(request, job))
    while going and not state.stopping.is_set():
        try:
            await asyncio.wait_for(wake.wait(), ALIVE)
        except TimeoutError:
            await response.write(b": still here\n\n")
            continue
        wake.clear()
        changed = sorted(news.values(), key=lambda job: job.changed)
        news.clear()
        for job in changed:
            if job.changed > told.get(job.id, -1):
                await response.write(_event(request, job))
            if not job.open:
                going.discard(job.id)


def _open(state: State, jobs: frozenset[str], after: int) -> list[Job]:
    """The jobs as they are; those that ended before `after` need not be told again."""
    found = []
    for id in jobs:
        with suppress(KeyError):
            found.append(state.queue.get(id))
    if not found:
        raise Problem(404, "there are no such jobs, or their time is over", "gone")
    return sorted((job for job in found if job.changed > after or job.open), key=lambda job: job.changed)


def _event(request: web.Request, job: Job) -> bytes:
    return f"id: {job.changed}\nevent: job\ndata: {json.dumps(view(request, job))}\n\n".encode()


def _wanted(request: web.Request) -> frozenset[str]:
    jobs = frozenset(request.query.getall("job", []))
    if not 1 <= len(jobs) <= MOST_JOBS or not all(re.fullmatch(UUID, id) for id in jobs):
        raise Problem(400, f"name 1 to {MOST_JOBS} jobs, as ?job=UUID&job=UUID")
    return jobs
