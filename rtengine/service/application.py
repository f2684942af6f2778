"""The service put together: guards, limits, routes, and what runs beside them."""

import asyncio
import ctypes
import errno
import logging
import secrets
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware

from rtengine.jobs.hands import TRANSIENT
from rtengine.service import events, jobs, media, metrics, openapi, tus
from rtengine.service.events import HUB, Hub
from rtengine.service.problem import Problem
from rtengine.service.state import STATE, State
from rtengine.web.guards import Refusal
from rtengine.web.middleware import carefully, refusal

SWEEP = 15.0  # seconds between two sweeps
SLOW = 60.0  # seconds for which a connection may say nothing
READ = 1 << 14  # bytes of a body that wait for us; twice that many, and no more is read from the network
SHUTDOWN = 3.0  # seconds for open answers when the service stops
PAGES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
FULL = "the disk of the service is full: delete songs, or try again later"
NONCE = "{{nonce}}"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def is_ours(record: logging.LogRecord) -> bool:
    """Whether what is logged is a defect of ours; what strangers send that is no HTTP is no news."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


def application(state: State) -> web.Application:
    """The aiohttp application of a service."""
    app = web.Application(middlewares=[_middleware(state)], client_max_size=jobs.LARGEST_REQUEST)
    app[STATE], app[HUB] = state, Hub(state)
    app.on_response_prepare.append(carefully)
    app.cleanup_ctx.append(_beside)
    for module in (tus, jobs, media, metrics, openapi):
        app.add_routes(module.routes())
    app.router.add_get("/events", events.events, allow_head=False)
    if state.settings.library:
        from rtengine.jukebox import routes as library  # which brings the listener's network: 110 MB

        state.places.append("library")
        library.attach(app, state.settings.library, partial(jobs.address, state), not state.settings.guard.token)
    if state.settings.pages:
        _add_pages(app, state.settings.pages)
    return app


def _middleware(state: State) -> Middleware:
    public = _public(state.settings.pages)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await _answered(state, request, handler, public)
        state.counts["answers", str(response.status)] += 1
        return response

    return check


async def _answered(state: State, request: web.Request, handler: Handler, public: frozenset[str]) -> web.StreamResponse:
    """The answer, or why there is none, in a sentence."""
    try:
        wrong: Refusal | None = refusal(state.settings.guard, request, lambda r: r.path in public)
        if wrong:
            response = Problem(wrong.status, wrong.reason).answer()
            if wrong.status == 401:
                response.headers["WWW-Authenticate"] = "Bearer"
            return response
        wait = state.rates.wait(state.client(request))
        if wait:
            raise Problem(429, "you ask too often", "rate", wait)
        return await handler(request)
    except Problem as problem:
        return problem.answer()
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = Problem(error.status, error.reason.lower()).answer()
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except ConnectionError:
        return Problem(400, "the connection was lost").answer()  # which nobody reads
    except TRANSIENT as error:
        if getattr(error, "errno", errno.ENOSPC) != errno.ENOSPC:
            raise
        return _unwritten(error).answer()


def _unwritten(error: Exception) -> Problem:
    """What a disk, or the table on it, would not take."""
    if isinstance(error, sqlite3.OperationalError) and "full" not in str(error):
        return Problem(503, "the table of jobs cannot be written just now", "table", 1)
    return Problem(507, FULL, "full")


def _public(pages: Path | None) -> frozenset[str]:
    """What is told without a token: the page, that shows nothing before it has one, and whether the service lives."""
    files = (f"/{f.relative_to(pages).as_posix()}" for f in pages.rglob("*") if f.is_file()) if pages else ()
    return frozenset({"/", "/health", "/openapi.json", *files})


def _add_pages(app: web.Application, pages: Path) -> None:
    """Each file of the web client under its own name: no name from outside becomes a path."""
    for file in sorted(f for f in pages.rglob("*") if f.suffix in PAGES):
        app.router.add_get(f"/{file.relative_to(pages).as_posix()}", _page(file))
    app.router.add_get("/", _page(pages / "index.html"))


def _page(file: Path) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        headers = {"Content-Type": f"{PAGES[file.suffix]}; charset=utf-8", "Cache-Control": "no-cache"}
        if file.suffix != ".html":
            return web.FileResponse(file, headers=headers)
        nonce = secrets.token_urlsafe(16)
        text = file.read_text("utf-8").replace(NONCE, nonce)
        policy = {"Content-Security-Policy": POLICY.format(nonce=nonce), "Cache-Control": "no-store"}
        return web.Response(text=text, headers=headers | policy)

    return answer


async def _beside(app: web.Application) -> AsyncIterator[None]:
    """What runs while the application does."""
    state = app[STATE]
    with suppress(*TRANSIENT):  # else the sweep does it
        state.prepare()
    state.crew.start()
    tasks = [asyncio.create_task(app[HUB].run()), asyncio.create_task(_sweep(state))]
    yield
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    await asyncio.to_thread(state.crew.close)


async def _sweep(state: State) -> None:
    while True:
        try:
            state.sweep()
            state.prepare()
        except TRANSIENT as error:
            sys.stderr.write(f"{state.settings.folder} cannot be swept: {error}\n")
        give_back()
        await asyncio.sleep(SWEEP)


def give_back() -> None:
    """Let the system have the memory that many uploads at once have needed, where the C library can do that."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


async def serve(state: State, ready: Callable[[int], None], stop: asyncio.Event) -> None:
    """Listen until `stop` is set; `ready` is told the port. OSError if the address is taken."""
    logging.getLogger("aiohttp.server").addFilter(is_ours)
    app = application(state)
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=SHUTDOWN, handler_cancellation=False, read_bufsize=READ
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, state.settings.host, state.settings.port, backlog=1024).start()
        watch = asyncio.create_task(_close_silent(runner))
        ready(runner.addresses[0][1])
        await stop.wait()
        watch.cancel()
    finally:
        state.stopping.set()
        await runner.cleanup()
        state.close()


async def _close_silent(runner: web.AppRunner) -> None:
    """Close connections that never finish their first line: nothing else would."""
    since: dict[object, float] = {}
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(SLOW / 6)
        server = runner.server
        if server is None:
            return
        idle = {c for c in server.connections if getattr(c, "_current_request", None) is None}
        since = {c: since.get(c, loop.time()) for c in idle}
        for connection, first in since.items():
            if loop.time() - first > SLOW:
                transport = getattr(connection, "transport", None)
                if transport:
                    transport.close()
