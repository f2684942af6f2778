"""A service in a thread, and a client that speaks to it by hand."""

import asyncio
import base64
import hashlib
import json
import threading
import time
import uuid
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rtengine.service.application import serve
from rtengine.service.settings import Settings
from rtengine.service.state import State

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = TUS | {"Content-Type": "application/offset+octet-stream"}


class Service:
    """A service that listens at a free port of 127.0.0.1."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        settings = {"performer": "support.performers:serve", "port": 0, "workers": 1, "reserve": 0} | settings
        self.settings = Settings(folder=folder, **settings)

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)))
        self._thread.start()
        assert ready.wait(20)
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self.state = State(self.settings)

        def listening(port: int) -> None:
            self.port = port
            ready.set()

        await serve(self.state, listening, self._stop)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers in small letters, and body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def json(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        status, _, text = self.ask(method, path, None if body is None else json.dumps(body).encode(), headers)
        return status, json.loads(text) if text else None

    def upload(self, data: bytes, name: str = "song.wav") -> str:
        """The address of the upload."""
        told = {
            "Upload-Length": str(len(data)),
            "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}",
        }
        status, headers, _ = self.ask("POST", "/uploads", headers=TUS | told)
        assert status == 201
        if headers.get("upload-offset") != str(len(data)):
            status, after, _ = self.ask("PATCH", headers["location"], data, PIECE | {"Upload-Offset": "0"})
            assert (status, after["upload-offset"]) == (204, str(len(data)))
        return headers["location"]

    def render(self, data: bytes, **request: Any) -> str:
        """The id of a job."""
        self.upload(data)
        id = str(uuid.uuid4())
        song = hashlib.sha256(data).hexdigest()
        status, answer = self.json("PUT", f"/jobs/{id}", {"do": "render", "song": song} | request)
        assert status == 201, answer
        return id

    def ended(self, id: str, seconds: float = 20.0) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while True:
            job: dict[str, Any] = self.json("GET", f"/jobs/{id}")[1]
            if job["state"] not in ("queued", "running"):
                return job
            assert time.monotonic() < end
            time.sleep(0.02)
