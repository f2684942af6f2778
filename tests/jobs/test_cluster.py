"""A real Dask scheduler with two real workers, of which one is killed while it works."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rtengine.jobs import cluster
from rtengine.jobs.cluster import Cluster
from rtengine.jobs.queue import Queue
from rtengine.jobs.worker import RESULTS, TABLE

JOBS = 30
TESTS = Path(__file__).parent.parent
PATH = os.environ | {"PYTHONPATH": f"{TESTS.parent}:{TESTS}:{os.environ.get('PYTHONPATH', '')}"}


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    known = tmp_path / "scheduler.json"
    dask = [sys.executable, "-W", "ignore", "-m"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    head = subprocess.Popen(
        [*dask, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
         "--scheduler-file", str(known)], env=PATH, **quiet,
    )  # fmt: skip
    end = time.monotonic() + 60
    while not known.exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    address = json.loads(known.read_text())["address"]
    workers = [
        subprocess.Popen(
            [*dask, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
             "--local-directory", str(tmp_path / "dask")], env=PATH, **quiet,
        )
        for _ in range(2)
    ]  # fmt: skip
    yield address, workers
    for process in (*workers, head):
        process.kill()
        process.wait()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_killed_worker_loses_and_doubles_nothing(
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
            killed = False
            while queue.counts().keys() & {"queued", "running"}:
                assert time.monotonic() < end
                time.sleep(0.05)
                if not killed and queue.counts().get("done", 0) >= 8:
                    workers[0].send_signal(signal.SIGKILL)
                    killed = True
        assert killed
        assert queue.counts() == {"done": JOBS, "failed": 1}
        assert queue.get("bad").error == "there is no sound in it"
        for n in range(JOBS):
            made = queue.get(f"job{n}").result
            assert made
            assert (folder / RESULTS / made / "result.txt").read_text() == f"{n} " * 5
        assert len(list((folder / RESULTS).iterdir())) == JOBS


def test_no_scheduler_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    with pytest.raises(OSError, match="there is no Dask scheduler at nowhere:1"):
        Cluster(tmp_path, "support.performers:perform", "nowhere:1")
