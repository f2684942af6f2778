"""Hostile requests: each is refused with the right status, and the memory stays. RTENGINE_HOSTILE says how many."""

import gc
import os
import random
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from support import hostile
from support.services import Service

from rtengine.service import application, jobs, tus

COUNT = int(os.environ.get("RTENGINE_HOSTILE", "500"))
GROWTH = 6e6  # bytes
LONGEST = 60.0  # seconds of a song here


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path, rate=1e6, burst=1e6, uploads=100_000, waiting=100_000) as service:
        yield service


def resident() -> int:
    """Bytes that this process has."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="there is no /proc that tells the memory")
def test_each_is_refused_and_the_memory_stays(service: Service) -> None:
    chance, seen = random.Random(1), Counter[tuple[str, int]]()
    before = 0
    for n in range(COUNT):
        kind = hostile.KINDS[n % len(hostile.KINDS)]
        sent, expected = kind(chance)
        got = hostile.answer(service.port, sent, half=0 in expected)
        assert got in expected, (kind.__name__, got, sent[:300])
        seen[kind.__name__, got] += 1
        if n == COUNT // 5:
            before = resident()
    assert resident() - before < GROWTH, (before, resident())
    assert service.json("GET", "/textures")[0] == 200
    assert not [job for job in service_jobs(service) if job["client"] != "service"]
    parts = list((service.settings.folder / "uploads").iterdir())
    assert all(part.stat().st_size == 0 for part in parts), "what did not fit was not kept"
    print(dict(seen), before, resident())


def service_jobs(service: Service) -> list[dict[str, Any]]:
    from rtengine.jobs.queue import Queue

    with Queue(service.settings.folder / "jobs.db") as queue:
        return [{"client": job.client} for job in queue.changes(-1)]


def test_slow_ones_are_sent_away(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tus, "PATIENCE", 0.5)
    monkeypatch.setattr(jobs, "PATIENCE", 0.5)
    monkeypatch.setattr(application, "SLOW", 1.0)
    where = service.ask("POST", "/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "1000"})[1]["location"]
    piece = hostile.request("PATCH", where, hostile.PIECE + "Upload-Offset: 0\r\n", b"abc", 1000)
    wanted = hostile.request(
        "PUT", f"/jobs/{'0' * 8}-0000-4000-8000-{'0' * 12}", "Content-Type: application/json\r\n", b"{", 9
    )
    for sent in (piece, wanted):
        with socket.create_connection(("127.0.0.1", service.port), timeout=10) as slow:
            slow.sendall(sent)
            assert hostile.status(slow.recv(65536)) == 408
    assert service.ask("HEAD", where, headers={"Tus-Resumable": "1.0.0"})[1]["upload-offset"] == "3"


def test_many_who_say_nothing_leave_room_for_others(service: Service) -> None:
    silent = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(300)]
    for connection in silent[::2]:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: loc")
    began = time.monotonic()
    assert service.json("GET", "/textures")[0] == 200
    assert time.monotonic() - began < 1
    for connection in silent:
        connection.close()


def flac(path: Path, seconds: float, told: bool) -> Path:
    """Silence, of which an hour is a few hundred kilobytes; told: whether its header tells the length."""
    soundfile.write(path, np.zeros(round(8000 * seconds), np.int16), 8000, format="FLAC")
    if not told:
        data = bytearray(path.read_bytes())
        data[21] &= 0xF0  # the upper 4 of 36 bits of the number of samples, then the lower
        data[22:26] = bytes(4)
        path.write_bytes(data)
    return path


def mp3(path: Path, seconds: int) -> Path:
    """Silence by 8 kilobits a second, its minutes all the same bytes."""
    with av.open(str(path), "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as output:
        stream = output.add_stream("libmp3lame", rate=8000)
        stream.bit_rate, stream.layout = 8000, "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000 * 60), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 8000, 0
        frames = av.AudioResampler(stream.format, stream.layout, 8000, stream.frame_size)
        for part in (*frames.resample(frame), *frames.resample(None), None):
            output.mux(stream.encode(part))
    path.write_bytes(path.read_bytes() * (seconds // 60))
    return path


def wave(channels: int, rate: int, bits: int, size: int) -> bytes:
    """A header, and nothing after it."""
    form = struct.pack("<HHIIHH", 1, channels, rate, 0, 0, bits)
    return (
        b"RIFF"
        + struct.pack("<I", size)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", size)
    )


def written(data: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return make


HOURS = int(os.environ.get("RTENGINE_HOSTILE_HOURS", "0")) * 3600 or 600  # seconds: 24 hours by hand
MEDIA: dict[str, tuple[Callable[[Path], Path], str]] = {  # and a word of the sentence
    "a FLAC that unfolds": (lambda p: flac(p, min(HOURS, 18_000), True), "longer"),
    "a FLAC that does not tell how far": (lambda p: flac(p, min(HOURS, 18_000), False), "longer"),
    "an MP3 of hours": (lambda p: mp3(p, HOURS), "longer"),
    "a wave of 65535 channels": (written(wave(65535, 44_100, 16, 1 << 31)), ""),
    "a wave of 0 Hz": (written(wave(2, 0, 16, 1 << 20)), ""),
    "a wave of 4 GHz": (written(wave(2, 4_294_967_295, 32, 1 << 20)), ""),
    "a playlist of our files": (written(b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n"), ""),
    "a list to put together": (written(b"ffconcat version 1.0\nfile /etc/passwd\n"), ""),
    "nothing known": (written(random.Random(1).randbytes(100_000)), ""),
    "a movie of zeros": (written(b"\0\0\0\x18ftypisom" + bytes(50_000)), ""),
    "an Ogg of pages": (written(b"OggS" + b"\0\2" + bytes(20) + b"\xff" * 300 + b"OggS" * 5000), ""),
}  # fmt: skip


def test_hostile_media_are_failed_in_a_sentence(tmp_path: Path) -> None:
    with Service(tmp_path / "service", performer="support.performers:real_look", longest=LONGEST) as service:
        for name, (make, word) in MEDIA.items():
            data = make(tmp_path / "media").read_bytes()
            where = service.upload(data)
            song = service.json("GET", where)[1]["song"]
            job = service.ended(service.json("GET", f"/songs/{song}")[1]["look"]["id"], 120)
            assert job["state"] == "failed", name
            assert word in job["error"], (name, job["error"])
            assert str(tmp_path) not in job["error"]
            assert "root:" not in job["error"]
            assert 0 < len(job["error"]) < 200
        assert service.state.crew.died == 0, "no worker was lost to them"
