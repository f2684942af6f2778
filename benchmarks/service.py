"""The service as its users find it: how soon it is there, ten seconds from upload to sound, and 200 people at once."""

import asyncio
import csv
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import aiohttp
import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.table import Row
from rtengine.jobs.queue import Queue
from rtengine.jobs.table import connect
from rtengine.models.exemplars.music import music
from rtengine.service.remote import Remote, Request

RATE, SECONDS = 44_100, 10.0
CLIENTS, QUALITY = 200, "lofi"
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True)
class Server:
    """A service in a process of its own; started: seconds until it answered."""

    url: str
    pid: int
    folder: Path
    started: float

    def resident(self, what: str = "VmRSS") -> float:
        """MB that the server has, or had at most (VmHWM), beside those of its workers."""
        return resident(self.pid, what)


def resident(pid: int, what: str = "VmRSS") -> float:
    """MB of a process."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1e3 if found else 0.0


@contextmanager
def serving(*words: str) -> Iterator[Server]:
    """`offline serve` in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "offline", "serve", "--port", "0", "--folder", folder, *words]
        began = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                url = process.stdout.readline().split()[-1]
                yield Server(url, process.pid, Path(folder), time.perf_counter() - began)
            finally:
                process.send_signal(signal.SIGTERM)


def warm(server: Server) -> float:
    """Wait until the workers have measured all qualities; seconds that took."""
    began, remote = time.perf_counter(), Remote(server.url)
    while True:
        facts = remote.facts()
        if facts["ready"] and all(quality["measured"] for quality in facts["qualities"].values()):
            return time.perf_counter() - began
        time.sleep(0.05)


def song(folder: Path, seconds: float, seed: int) -> Path:
    """A part of the piece of the demo that no other has: each begins 43 ms later than the one before."""
    file = folder / f"{seed}.wav"
    x = np.resize(np.roll(piece(), -seed * round(0.043 * RATE), axis=0), (round(seconds * RATE), 2))
    soundfile.write(file, x, RATE, subtype="PCM_16")
    return file


@cache
def piece() -> NDArray[np.float32]:
    """The piece, (samples, 2)."""
    return np.ascontiguousarray(music(RATE).T)


def one(server: Server, file: Path, quality: str) -> float:
    """Seconds from the beginning of the upload to the last byte of the result."""
    remote, out = Remote(server.url), file.with_suffix(".flac")
    began = time.perf_counter()
    job = remote.wait(remote.render(Request(remote.upload(file), {"water": 1.0}, quality=quality)))
    remote.save(job, out)
    return time.perf_counter() - began


def alone() -> list[Row]:
    """One person, nobody else there."""
    with serving() as server:
        ready = warm(server)
        idle = server.resident()
        first = one(server, song(server.folder, SECONDS, 1), "hifi")
        took = sorted(one(server, song(server.folder, SECONDS, n), "hifi") for n in range(2, 7))
        rate = Remote(server.url).facts()["qualities"]["hifi"]["seconds"]
    note = f"<= 1.5 s; median of 5, {took[0]:.2f} to {took[-1]:.2f}; the first {first:.2f}"
    return [
        Row("server there", server.started, "s", "", None, "<= 1 s"),
        Row("workers warm and measured", ready, "s", "", None, ""),
        Row("server, idle", idle, "MB", "", None, "<= 150 MB, beside the workers'"),
        Row("10 s at hifi, upload to sound", took[2], "s", "render", rate * SECONDS, note),
    ]


async def visit(session: aiohttp.ClientSession, url: str, data: bytes) -> tuple[float, str, bytes]:
    """One of many: seconds from the upload's beginning, the job, and its result."""
    began = time.perf_counter()
    headers = TUS | {"Upload-Length": str(len(data)), "Content-Type": "application/offset+octet-stream"}
    async with session.post(f"{url}uploads", data=data, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
    id, digest = str(uuid.uuid4()), sha256(data).hexdigest()
    wanted = {"do": "render", "song": digest, "quality": QUALITY}
    async with session.put(f"{url}jobs/{id}", json=wanted) as answer:
        assert answer.status == 201, await answer.text()
    async with session.get(f"{url}events", params={"job": id}) as answer:
        told = (await answer.read()).decode()
    assert '"state": "done"' in told.rstrip().rsplit("\n\n", 1)[-1], told[-500:]
    async with session.get(f"{url}jobs/{id}/result") as answer:
        sound = await answer.read()
    return time.perf_counter() - began, id, sound


async def visitor(number: int, url: str, data: bytes) -> tuple[float, str, bytes]:
    """A client with an address of his own."""
    connector = aiohttp.TCPConnector(local_addr=(f"127.1.{number // 200}.{number % 200 + 1}", 0))
    timeout = aiohttp.ClientTimeout(total=3600)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        return await visit(session, url, data)


async def together(url: str, songs: list[bytes]) -> list[tuple[float, str, bytes]]:
    """All at once."""
    return list(await asyncio.gather(*(visitor(n, url, data) for n, data in enumerate(songs))))


def crowd(clients: int = CLIENTS) -> list[Row]:
    """So many people at once, each with ten seconds."""
    with serving() as server:
        warm(server)
        idle = server.resident()
        rate = Remote(server.url).facts()["qualities"][QUALITY]["seconds"]
        songs = [song(server.folder, SECONDS, n).read_bytes() for n in range(clients)]
        began = time.perf_counter()
        ended = asyncio.run(together(server.url, songs))
        took = time.perf_counter() - began
        peak = server.resident("VmHWM")
        counted = Remote(server.url).metrics()
    waits = sorted(wait for wait, _, _ in ended)
    assert len({id for _, id, _ in ended}) == clients
    assert len({sha256(sound).digest() for _, _, sound in ended}) == clients, "each has his own"
    assert counted['rtengine_jobs{state="failed"}'] == 0
    work = rate * SECONDS * clients / (os.cpu_count() or 1)
    return [
        Row(f"{clients} at once, wait p50", waits[clients // 2], "s", "", None, f"each 10 s at {QUALITY}"),
        Row(f"{clients} at once, wait p99", waits[clients * 99 // 100], "s", "", None, ""),
        Row(f"{clients} at once, all", took, "s", "renders alone", work, "none lost, none doubled"),
        Row(f"server, peak with {clients}", peak, "MB", "idle", idle, ""),
    ]


def batch(count: int = 24, seconds: float = 10.0, quality: str = "standard") -> list[Row]:
    """A folder by one worker and by two: sound rendered a second of the time between the first result and the last."""
    rates = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "in"
        folder.mkdir()
        for n in range(count):
            song(folder, seconds, n)
        for workers in (1, 2):
            out = Path(name) / f"out{workers}"
            command = ["batch", str(folder), "--out", str(out), "--quality", quality, "--workers", str(workers)]
            began = time.perf_counter()
            subprocess.run([sys.executable, "-m", "offline", *command], check=True, stdout=subprocess.DEVNULL)
            whole = time.perf_counter() - began
            ends = sorted(file.stat().st_mtime for file in out.glob("*.flac"))
            assert len(ends) == count
            rates[workers] = (count - workers) * seconds / (ends[-1] - ends[workers - 1])
            print(f"{workers} workers: {whole:.1f} s, {rates[workers]:.2f} x real time", flush=True)
    return [Row("batch, two workers", rates[2], "x real time", "one", rates[1], ">= 1.9 x", more=True)]


def killed(count: int = 1000, seconds: float = 2.0, kills: int = 20) -> list[Row]:
    """A folder of short songs, while a worker is killed now and then: whether the manifest is exact in the end."""
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name) / "in", Path(name) / "out"
        folder.mkdir()
        for n in range(count):
            song(folder, seconds, n)
        command = ["batch", str(folder), "--out", str(out), "--quality", QUALITY]
        began, done = time.perf_counter(), 0
        with subprocess.Popen([sys.executable, "-m", "offline", *command], stdout=subprocess.DEVNULL) as batch:
            while batch.poll() is None:
                time.sleep(0.2)
                due = len(list(out.glob("*.flac"))) * (kills + 1) >= count * (done + 1)  # spread over the folder
                if due and done < kills and (workers := children(batch.pid)):
                    os.kill(chance.choice(workers), signal.SIGKILL)
                    done += 1
        took = time.perf_counter() - began
        check(folder, out, count)
        assert batch.returncode == 0
        assert done == kills
    return [Row(f"{count} songs of {seconds:g} s, {kills} workers killed", took, "s", note="the manifest is exact")]


def check(folder: Path, out: Path, count: int) -> None:
    """Each song has one line and one result of its own length, and nothing else is there."""
    with (out / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len({row["song"] for row in rows}) == len({row["sha256"] for row in rows}) == len(rows) == count
    assert {row["state"] for row in rows} == {"done"}
    for row in rows:
        assert sha256((folder / row["song"]).read_bytes()).hexdigest() == row["sha256"]
        assert sha256((out / row["result"]).read_bytes()).hexdigest() == row["result_sha256"]
        assert soundfile.info(out / row["result"]).frames == soundfile.info(folder / row["song"]).frames
    assert {f.name for f in out.glob("[!.]*")} == {"manifest.tsv", *(row["result"] for row in rows)}
    assert not list((out / ".batch" / "results").iterdir())


def children(pid: int) -> list[int]:
    """The processes that any thread of a process has started."""
    with suppress(OSError):
        return [int(w) for task in Path(f"/proc/{pid}/task").glob("*/children") for w in task.read_text().split()]
    return []


def ledger(jobs: int = 2000, waiting: int = 10_000) -> list[Row]:
    """The table of jobs under a cluster: how many it gives out, keeps and records a second, with many that wait."""
    rates = {}
    with tempfile.TemporaryDirectory() as name, Queue(Path(name) / "jobs.db") as queue:
        with closing(connect(Path(name) / "jobs.db")) as table, table:
            table.execute("BEGIN")
            table.executemany(
                "INSERT INTO job (id, client, kind, spec, song, seconds, long, made) "
                "VALUES (?, ?, 'file', '{}', '', 10, 0, 0)",
                [(str(n), f"client {n % 20}") for n in range(waiting)],
            )
            table.execute("COMMIT")
        began, claimed = time.perf_counter(), [queue.claim("me") for _ in range(jobs)]
        rates["given out"] = jobs / (time.perf_counter() - began)
        began, kept = time.perf_counter(), [queue.renew(job.id, "me", 0.5) for job in claimed if job]
        rates["kept"] = len(kept) / (time.perf_counter() - began)
        began, ended = time.perf_counter(), [queue.finish(job.id, "me", job.id, 1) for job in claimed if job]
        rates["recorded"] = len(ended) / (time.perf_counter() - began)
    return [Row(f"jobs {what}", rate, "a second", note=f"{waiting} wait", more=True) for what, rate in rates.items()]


def dask(tasks: int = 1000) -> list[Row]:
    """What a Dask scheduler gets done a second, if there is nothing to do."""
    from distributed import Client, LocalCluster

    with LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        client.gather(client.map(abs, range(50), pure=False))
        began = time.perf_counter()
        client.gather(client.map(abs, range(tasks), pure=False))
        took = time.perf_counter() - began
    return [Row("empty tasks of Dask", tasks / took, "a second", more=True)]


def rows() -> list[Row]:
    """All of it."""
    return [*alone(), *crowd(), *batch(), *killed(), *ledger(), *dask()]
