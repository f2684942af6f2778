"""A real Dask scheduler with two real workers, which are killed while they work."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from support.services import Service

from rtengine.jobs import cluster
from rtengine.jobs.cluster import Cluster
from rtengine.jobs.queue import Queue
from rtengine.jobs.worker import RESULTS, TABLE

JOBS = 30
TESTS = Path(__file__).parent.parent
PATH = os.environ | {"PYTHONPATH": f"{TESTS.parent}:{TESTS}:{os.environ.get('PYTHONPATH', '')}"}


DASK = [sys.executable, "-W", "ignore", "-m"]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def working(address: str, folder: Path) -> subprocess.Popen[bytes]:
    """A worker of the cluster."""
    words = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder / "dask")]
    return subprocess.Popen([*DASK, "distributed.cli.dask_worker", address, *words], env=PATH, **QUIET)


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    known = tmp_path / "scheduler.json"
    head = subprocess.Popen(
        [*DASK, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
         "--scheduler-file", str(known)], env=PATH, **QUIET,
    )  # fmt: skip
    end = time.monotonic() + 60
    address = ""
    while not address:
        assert time.monotonic() < end
        time.sleep(0.1)
        with suppress(OSError, ValueError):  # it is not there, or not whole
            address = json.loads(known.read_text())["address"]
    workers = [working(address, tmp_path) for _ in range(2)]
    yield address, workers
    for process in (*workers, head):
        process.kill()
        process.wait()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_killed_workers_lose_and_double_nothing(
    scheduler: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    address, workers = scheduler
    folder = tmp_path / "jobs"
    folder.mkdir()
    with closing(Queue(folder / TABLE)) as queue:
        for n in range(JOBS):
            queue.put(f"job{n}", "me", "test", json.dumps({"text": f"{n} ", "steps": 5}))
        queue.put("bad", "me", "test", json.dumps({"end": "refuse"}))
        with Cluster(folder, "support.performers:perform", address):
            end = time.monotonic() + 90
            killed = 0
            while queue.counts().keys() & {"queued", "running"}:
                assert time.monotonic() < end
                time.sleep(0.05)
                if killed < 2 and queue.counts().get("done", 0) >= (6, 16)[killed]:
                    workers[killed].send_signal(signal.SIGKILL)
                    workers.append(working(address, tmp_path))
                    killed += 1
        assert killed == 2
        assert queue.counts() == {"done": JOBS, "failed": 1}
        assert queue.get("bad").error == "there is no sound in it"
        for n in range(JOBS):
            made = queue.get(f"job{n}").result
            assert made
            assert (folder / RESULTS / made / "result.txt").read_text() == f"{n} " * 5
        assert len(list((folder / RESULTS).iterdir())) == JOBS


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_service_sends_its_jobs_there(scheduler: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path) -> None:
    address, workers = scheduler
    with Service(tmp_path / "service", scheduler=address) as service:
        first = service.render(b"a song", duration=1.0)
        assert service.ended(first, 60)["state"] == "done"
        others = [service.render(b"song %d" % n, duration=5.0) for n in range(4)]
        time.sleep(0.5)
        workers[0].send_signal(signal.SIGKILL)
        for n, id in enumerate(others):
            job = service.ended(id, 60)
            assert service.ask("GET", job["files"]["result"])[2] == (b"song %d" % n)[::-1]
        assert service.json("GET", "/health")[0] == 200


def test_no_scheduler_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    with pytest.raises(OSError, match="there is no Dask scheduler at nowhere:1"):
        Cluster(tmp_path, "support.performers:perform", "nowhere:1")
