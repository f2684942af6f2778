"""A client of the service, with the standard library alone.

    remote = Remote("http://studio.local:8770", token)
    song = remote.upload(Path("song.mp3"))
    job = remote.render(Request(song, {"water": 1.0}, quality="hifi"))
    remote.save(remote.wait(job), Path("song-water.flac"))

Everything may be broken off and begun again: uploads go on where they stopped, a request that was sent twice is done
once, events are taken up after the last, and a result that is half here is fetched from there on.
"""

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import Request as HTTPRequest
from urllib.request import urlopen

PIECE = 4 << 20  # bytes of a request
TIMEOUT = 60.0  # seconds without an answer; the service says something every 15
TRIES = 10  # in a row that fail, the last after about two minutes
LONGEST_WAIT = 60.0  # seconds between two tries
AGAIN = (408, 409, 423, 425, 429, 460, 500, 502, 503, 504)  # statuses after which the same may go well
TUS = {"Tus-Resumable": "1.0.0"}

Progress = Callable[[float], None]  # told how much is done, 0 to 1


class RefusedError(OSError):
    """The service refuses, in a sentence. status: HTTP's. code: a word for programs."""

    def __init__(self, status: int, detail: str, code: str = "") -> None:
        super().__init__(detail)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Request:
    """What is asked for, as `Render` of rtengine.service.requests has it. song: the SHA-256 that `upload` returned."""

    song: str
    textures: Mapping[str, float] = field(default_factory=lambda: {"water": 1.0})
    mix: float = 1.0
    quality: str = "standard"
    start: float = 0.0
    duration: float | None = None
    loudness: float | None = None
    seed: int = 0
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """How far a job is. remaining in seconds; error: why there is no result; files: where what was made is."""

    id: str
    state: str
    progress: float
    remaining: float | None
    error: str | None
    files: Mapping[str, str]

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("queued", "running")


def nothing(done: float) -> None:
    """Nobody wants to know."""


class Remote:
    """A service at an address. memory: a file in which half uploads are remembered, or None."""

    def __init__(self, url: str, token: str = "", memory: Path | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"{url} is no address of a service, as http://HOST:8770")
        self.url, self._token, self._memory = f"{parts.scheme}://{parts.netloc}/", token, memory

    def upload(self, file: Path, progress: Progress = nothing) -> str:
        """Send a file, unless the service has it; returns its SHA-256."""
        digest, size = sha256(file), file.stat().st_size
        where = self._remembered(digest)
        for attempt in tries():
            try:
                where, offset = self._offset(where) if where else self._begin(file.name, size, digest)
                self._remember(digest, where)
                with file.open("rb") as data:
                    data.seek(offset)
                    while offset < size:
                        piece = data.read(PIECE)
                        more = TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
                        with self._open("PATCH", where, piece, more) as answer:
                            offset = int(answer.headers["Upload-Offset"])
                        progress(offset / size)
                        attempt.clear()
                self._remember(digest, None)
                return digest
            except RefusedError as error:
                if error.status == 404 and where:
                    where = None  # its time was over
                elif error.status not in AGAIN:
                    raise
                attempt.append(error)
            except (URLError, HTTPException, OSError) as error:
                attempt.append(error)
        raise AssertionError("tries ends by raising")

    def render(self, request: Request, id: str | None = None) -> Job:
        """Begin a job. id: the job's UUID, so that the same call finds the same job; a new one, if None."""
        body = {"do": "render", **asdict(request)}
        return self._job("PUT", f"/jobs/{id or uuid.uuid4()}", body)

    def convert(self, job: Job, format: str, bit_depth: str | None = None, id: str | None = None) -> Job:
        """Begin to make another format of a result."""
        body = {"do": "convert", "job": job.id, "format": format, "bit_depth": bit_depth}
        return self._job("PUT", f"/jobs/{id or uuid.uuid4()}", body)

    def job(self, id: str) -> Job:
        """How far a job is; RefusedError with status 404 if there is none."""
        return self._job("GET", f"/jobs/{id}")

    def facts(self) -> dict[str, Any]:
        """Its textures, qualities with their seconds of work for a second of sound, formats and limits."""
        with self._open("GET", "/textures", None, {}) as answer:
            return dict(json.loads(answer.read()))

    def metrics(self) -> dict[str, float]:
        """Its figures for Prometheus by name, as `rtengine_jobs{state="done"}`."""
        with self._open("GET", "/metrics", None, {}) as answer:
            lines = answer.read().decode().splitlines()
        return {name: float(value) for name, _, value in (w.rpartition(" ") for w in lines if not w.startswith("#"))}

    def cancel(self, job: Job) -> None:
        """End a job."""
        self._job("DELETE", f"/jobs/{job.id}")

    def wait(self, job: Job, tell: Callable[[Job], None] = lambda job: None) -> Job:
        """The job when it has ended; `tell` is given it at every change."""
        last = ""
        for attempt in tries():
            try:
                for number, now in self._events(job.id, last):
                    last, job = number, now
                    tell(job)
                    attempt.clear()
                job = self.job(job.id)
                if not job.open:
                    return job
                attempt.append(OSError("the service stopped telling"))
            except RefusedError as error:
                if error.status not in AGAIN:
                    raise
                attempt.append(error)
            except (URLError, HTTPException, OSError) as error:
                attempt.append(error)
        raise AssertionError("tries ends by raising")

    def save(self, job: Job, file: Path, what: str = "result", progress: Progress = nothing) -> None:
        """Write what a job made; what of it is here is not fetched again."""
        if job.state != "done":
            raise OSError(job.error or f"the job is {job.state}")
        for attempt in tries():
            have = file.stat().st_size if file.exists() else 0
            try:
                self._fetch(job.files[what], file, have, progress)
                return
            except RefusedError as error:
                if error.status == 416:
                    return  # all of it was here
                if error.status not in AGAIN:
                    raise
                attempt.append(error)
            except (URLError, HTTPException, OSError) as error:
                attempt.append(error)

    def _fetch(self, where: str, file: Path, have: int, progress: Progress) -> None:
        with self._open("GET", where, None, {"Range": f"bytes={have}-"} if have else {}) as answer:
            left = int(answer.headers["Content-Length"])
            total = left + have
            with file.open("ab" if answer.status == 206 else "wb") as out:
                while piece := answer.read(1 << 16):
                    out.write(piece)
                    left -= len(piece)
                    progress(1 - left / total)
        if left:
            raise OSError("the connection was lost")

    def _begin(self, name: str, size: int, digest: str) -> tuple[str, int]:
        told = ",".join(f"{key} {base64.b64encode(v.encode()).decode()}" for key, v in
                        (("filename", name), ("sha256", digest)))  # fmt: skip
        with self._open(
            "POST", "/uploads", None, TUS | {"Upload-Length": str(size), "Upload-Metadata": told}
        ) as answer:
            return answer.headers["Location"], int(answer.headers.get("Upload-Offset", "0"))

    def _offset(self, where: str) -> tuple[str, int]:
        with self._open("HEAD", where, None, TUS) as answer:
            return where, int(answer.headers["Upload-Offset"])

    def _events(self, id: str, last: str) -> Iterator[tuple[str, Job]]:
        with self._open("GET", f"/events?job={id}", None, {"Last-Event-ID": last} if last else {}) as answer:
            number = ""
            for line in answer:
                key, _, value = line.decode().rstrip("\r\n").partition(": ")
                if key == "id":
                    number = value
                elif key == "data":
                    yield number, read(json.loads(value))

    def _job(self, method: str, path: str, body: dict[str, Any] | None = None) -> Job:
        data = None if body is None else json.dumps(body).encode()
        for attempt in tries():
            try:
                with self._open(method, path, data, {"Content-Type": "application/json"} if data else {}) as answer:
                    return read(json.loads(answer.read() or b"{}"))
            except RefusedError as error:
                if error.status == 409 or error.status not in AGAIN:
                    raise
                attempt.append(error)
            except (URLError, HTTPException, OSError) as error:
                attempt.append(error)
        raise AssertionError("tries ends by raising")

    def _open(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> HTTPResponse:
        """The answer, if it is a good one."""
        allowed = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        request = HTTPRequest(urljoin(self.url, path), data, {**headers, **allowed}, method=method)
        try:
            answer: HTTPResponse = urlopen(request, timeout=TIMEOUT)
        except HTTPError as error:
            with error:
                raise _refusal(error) from None
        return answer

    def _remembered(self, digest: str) -> str | None:
        known = self._notes().get(f"{self.url} {digest}")
        return str(known) if known else None

    def _remember(self, digest: str, where: str | None) -> None:
        if self._memory is None:
            return
        notes = self._notes()
        notes.pop(f"{self.url} {digest}", None)
        if where:
            notes[f"{self.url} {digest}"] = where
        self._memory.parent.mkdir(parents=True, exist_ok=True)
        part = self._memory.with_suffix(f".{uuid.uuid4().hex}.part")
        part.write_text(json.dumps(dict(list(notes.items())[-100:])))
        part.replace(self._memory)

    def _notes(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self._memory.read_text())) if self._memory else {}
        except (OSError, ValueError):
            return {}


def read(told: Mapping[str, Any]) -> Job:
    """A job as the service tells it."""
    names = ("id", "state", "progress", "remaining", "error")
    id, state, progress, remaining, error = (told.get(name) for name in names)
    return Job(str(id or ""), str(state or "deleted"), float(progress or 0), remaining, error, told.get("files") or {})


def sha256(file: Path) -> str:
    """Of a file, hexadecimal."""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def tries() -> Iterator[list[Exception]]:
    """Lists to put what failed in; after TRIES in a row that are not cleared, the last is raised."""
    failed: list[Exception] = []
    while True:
        yield failed
        if len(failed) >= TRIES:
            raise failed[-1]
        time.sleep(min(0.25 * 2 ** len(failed), LONGEST_WAIT))


def _refusal(error: HTTPError) -> RefusedError:
    try:
        told = json.loads(error.read())
        return RefusedError(error.code, str(told["detail"]), str(told.get("code", "")))
    except (ValueError, KeyError, TypeError):
        return RefusedError(error.code, f"the service answers {error.code} {error.reason}")
