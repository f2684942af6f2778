"""A disk that is full while jobs run: they wait, nothing is lost, and all goes on when there is room again."""

import errno
import json
import os
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from support import needs

from rtengine.service.remote import Remote

HERE = Path(__file__).parents[1]
DISK = HERE / "support" / "failing_disk.c"

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="what is loaded before the C library is Linux's"),
    needs.program("gcc", "gcc"),
]


class Full:
    """A service in a process of its own, on a disk that is full when it is told."""

    def __init__(self, folder: Path) -> None:
        self._failure, self._said = folder / "failure", folder / "said"
        disk, library = folder / "disk", folder / "disk.so"
        self.fill(False)
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, DISK, "-ldl"], check=True)
        failing = {"LD_PRELOAD": library, "FAILING": disk, "FAILURE": self._failure}
        paths = os.pathsep.join(map(str, (HERE, HERE.parent)))
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "offline", "serve", "--port", "0", "--folder", disk, "--workers", "1",
                 "--performer", "support.performers:serve", "--reserve", "0"],
                env=os.environ | {"PYTHONPATH": paths} | {name: str(path) for name, path in failing.items()},
                stdout=said, stderr=said, cwd=HERE.parent,
            )  # fmt: skip
        end = time.monotonic() + 30
        while "http://" not in self.said:
            assert time.monotonic() < end, self.said
            time.sleep(0.05)
        self.url = self.said.split()[-1].rstrip("/")

    def fill(self, full: bool) -> None:
        self._failure.write_bytes(struct.pack("i", errno.ENOSPC if full else 0))

    @property
    def said(self) -> str:
        return self._said.read_text()

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        connection = HTTPConnection(self.url.rpartition("/")[2], timeout=20)
        headers = {"Content-Type": "application/json"} if body else {}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None

    def put(self, song: str, seconds: float) -> tuple[int, str]:
        id = str(uuid.uuid4())
        return self.ask("PUT", f"/jobs/{id}", {"do": "render", "song": song, "duration": seconds})[0], id

    def state(self, id: str) -> str:
        return str(self.ask("GET", f"/jobs/{id}")[1]["state"])

    def until(self, id: str, wanted: str) -> None:
        end = time.monotonic() + 30
        while (state := self.state(id)) != wanted:
            assert state in ("queued", "running"), self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.05)


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Full]:
    service = Full(tmp_path)
    yield service
    service.process.kill()
    service.process.wait()


def test_jobs_wait_for_room_and_are_done(full: Full, tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_bytes(b"a song" * 1000)
    song = Remote(full.url).upload(tmp_path / "song.wav")
    begun, running = full.put(song, 10)
    also, waiting = full.put(song, 1)
    assert (begun, also) == (201, 201)
    full.until(running, "running")
    full.fill(True)
    time.sleep(8)  # longer than a lease
    assert full.process.poll() is None
    assert full.state(waiting) == "queued"
    refused, _ = full.put(song, 1)
    assert refused == 507
    full.fill(False)
    full.until(running, "done")
    full.until(waiting, "done")
    assert full.ask("DELETE", f"/jobs/{waiting}")[0] == 204
    full.process.terminate()
    assert full.process.wait(20) == 0
    assert "Traceback" not in full.said
    assert len({line for line in full.said.splitlines() if "wait: " in line}) <= 2, "it is said, and not each time"
