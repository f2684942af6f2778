"""SIGKILL of the server, of its workers and of its clients, at random moments. RTENGINE_KILLS says how many of each."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rtengine.jobs.queue import Queue
from rtengine.service.songs import Songs

KILLS = int(os.environ.get("RTENGINE_KILLS", "3"))
SONGS = max(8, KILLS // 2)
TESTS = Path(__file__).parent.parent
PATH = os.environ | {"PYTHONPATH": f"{TESTS.parent}:{TESTS}:{os.environ.get('PYTHONPATH', '')}"}


class Run:
    """The server and the clients of a test, begun again whenever they are gone."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.chance = folder, random.Random(1)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.songs = []
        for n in range(SONGS):
            song = folder / f"song{n}.wav"
            song.write_bytes(self.chance.randbytes(200_000 + n))
            self.songs.append(song)
        self.server: subprocess.Popen[bytes] | None = None
        self.clients: dict[Path, subprocess.Popen[bytes]] = {}
        self.kills = {"server": 0, "worker": 0, "client": 0}

    def keep_going(self) -> bool:
        """See that server and clients run; False when all is done."""
        if self.server is None or self.server.poll() is not None:
            self.server = self._start(
                "serve", "--port", str(self.port), "--folder", str(self.folder / "service"), "--workers", "2",
                "--performer", "support.performers:serve", "--reserve", "0",
            )  # fmt: skip
        for song in self.songs:
            out = song.with_suffix(".flac")
            client = self.clients.get(song)
            if not out.exists() and (client is None or client.poll() is not None) and self._running() < 4:
                remote = ["--remote", f"http://127.0.0.1:{self.port}", "--duration", "1.5"]
                self.clients[song] = self._start("render", str(song), str(out), *remote)
        return not all(song.with_suffix(".flac").exists() for song in self.songs)

    def kill(self) -> None:
        """End somebody."""
        kind = self.chance.choice([kind for kind, count in self.kills.items() if count < KILLS] or ["none"])
        assert self.server
        if kind == "server":
            self.server.kill()
            self.server.wait()
        elif kind == "worker" and (workers := children(self.server.pid)):
            os.kill(self.chance.choice(workers), signal.SIGKILL)
        elif kind == "client" and (live := [c for c in self.clients.values() if c.poll() is None]):
            victim = self.chance.choice(live)
            victim.kill()
            victim.wait()
        else:
            return
        self.kills[kind] += 1

    def close(self) -> None:
        """End all."""
        for client in self.clients.values():
            client.kill()
            client.wait()
        if self.server:
            self.server.terminate()
            assert self.server.wait(30) == 0

    def _running(self) -> int:
        return sum(client.poll() is None for client in self.clients.values())

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        cache = {"RTENGINE_CACHE": str(self.folder / "cache")}
        return subprocess.Popen([sys.executable, "-m", "offline", *words], env=PATH | cache, stdout=subprocess.DEVNULL)


def children(pid: int) -> list[int]:
    try:
        return [int(w) for task in Path(f"/proc/{pid}/task").glob("*/children") for w in task.read_text().split()]
    except OSError:
        return []


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no /proc to find the workers by")
def test_nothing_is_lost_nothing_doubled_and_nothing_left(tmp_path: Path) -> None:
    run = Run(tmp_path)
    end = time.monotonic() + 60 + 12 * KILLS
    try:
        while run.keep_going():
            assert time.monotonic() < end, run.kills
            time.sleep(run.chance.uniform(0.1, 0.6))
            run.kill()
        while any(count < KILLS for count in run.kills.values()) and time.monotonic() < end:
            run.keep_going()
            time.sleep(0.2)
            run.kill()
            if run.kills["client"] < KILLS:  # one result more is wanted again
                run.chance.choice(run.songs).with_suffix(".flac").unlink()
        run.keep_going()
        time.sleep(0.5)
    finally:
        run.close()
    for song in run.songs:
        if song.with_suffix(".flac").exists():
            assert song.with_suffix(".flac").read_bytes() == song.read_bytes()[::-1]
    folder = tmp_path / "service"
    with Queue(folder / "jobs.db") as queue:
        renders = [job for job in queue.changes(-1) if job.kind.startswith("render") and job.client != "service"]
        assert len(renders) == SONGS, "each song is one job, however often it was asked for"
        assert {job.state for job in renders} == {"done"}
        results = {entry.name for entry in (folder / "results").iterdir()}
        assert results == {job.result for job in queue.changes(-1)}
        songs = Songs(folder, folder / "jobs.db", 3600)
        rows = songs._table.execute("SELECT id, song FROM upload").fetchall()
        songs.close()
        assert {entry.name for entry in (folder / "songs").iterdir()} == {row["song"] for row in rows if row["song"]}
        parts = {entry.name for entry in (folder / "uploads").iterdir()}
        assert parts <= {f"{row['id']}.part" for row in rows if not row["song"]}
    print(run.kills, sum(job.attempts for job in renders), "attempts for", SONGS)
