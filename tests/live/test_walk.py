"""At random through all that a device can do: chosen, lost, back, two at once, measured, a JACK server that is killed.

Beside it the player turns, bypasses, panics and lets another graph take over; the recording is replayed from its log.
"""

import gc
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.card import SAMPLE_RATE, Scale
from support.jack_server import Server

from rtengine.block import Block
from rtengine.devices import stream
from rtengine.graph import Graph
from rtengine.live import replay
from rtengine.live.engine import Engine
from rtengine.native.kernel import kernel
from rtengine.take import automation

SECONDS = float(os.environ.get("WALK_SECONDS", "25"))  # 600 by hand: WALK_SECONDS=600 pytest tests/live/test_walk.py
SILENT = 8.0  # seconds without a callback, or a sound: longer than it takes to find that a device does not answer
DEATHS = 3  # at least
HEARD = -26.0  # dBFS; what is played is never softer
GROWTH = 50_000_000  # bytes, from a tenth of the time on
TARGETS = [("JACK", "JACK"), ("null", "null"), ("JACK", "null"), ("null", "JACK"), ("nope", "nope"), (None, None)]
PATHS = os.pathsep.join(map(str, Path(__file__).parents[1:3]))  # for processes of their own

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="JACK is tested on Linux"),
    pytest.mark.skipif(not shutil.which("jackd"), reason="needs the Debian package jackd2"),
    pytest.mark.skipif(stream.sounddevice is None, reason="needs sounddevice and the Debian package libportaudio2"),
]


class Raised(Block):
    """A constant on top: the dummy server has no sound of its own."""

    @staticmethod
    @kernel
    def process(state, params, x):
        for c in range(x.shape[0]):
            for n in range(x.shape[1]):
                x[c, n] += np.float32(0.25)


def raised() -> Graph:
    return Graph(SAMPLE_RATE, raised=Raised(), tone=Scale())


class Walk:
    """One engine, one server, and what was done to them."""

    def __init__(self, engine: Engine, server: Server, folder: Path) -> None:
        self.engine, self.server, self.folder = engine, server, folder
        self.chance = random.Random(1)
        self.deaths = 0
        self.used: list[tuple[int, int]] = []  # bytes and descriptors, as time goes on
        self._alive = True  # the server
        self._measuring: subprocess.Popen[bytes] | None = None
        self._callbacks, self._played, self._heard = -1, time.monotonic(), time.monotonic()

    def device(self) -> None:
        """Something that devices do."""
        chosen = self.chance.random()
        if chosen < 0.25:
            self.deaths += self._alive
            self._alive = False
            self.server.kill()
        elif chosen < 0.5:
            self.server.start()
            self._alive = True
        elif chosen < 0.55:
            self.measure()
        else:
            self.engine.select_device(*self.chance.choice(TARGETS))

    def measure(self) -> None:
        """`python -m rtengine latency` beside the host, one at a time; whether it hears anything does not matter."""
        if self._measuring and self._measuring.poll() is None:
            return
        command = [sys.executable, "-m", "rtengine", "latency", "--device", "JACK", "--seconds", "2"]
        environment = {**self.server.environment, "XDG_DATA_HOME": str(self.folder), "PYTHONPATH": PATHS}
        with (self.folder / "latency.log").open("ab") as said:
            self._measuring = subprocess.Popen(command, env=environment, stdout=said, stderr=said)

    def hands(self) -> None:
        """Something that players do."""
        engine, chosen = self.engine, self.chance.random()
        engine["/tone/scale"] = self.chance.uniform(0.5, 3)
        if chosen < 0.05:
            engine.bypass(self.chance.random() < 0.3)
        elif chosen < 0.08:
            engine.panic()
        elif chosen < 0.12:
            with suppress(ValueError):  # the last one is being faded in
                engine.swap(raised())

    def look(self) -> None:
        """Whether somebody plays, and something is heard."""
        engine, now = self.engine, time.monotonic()
        callbacks = engine.status()["callbacks"]
        if callbacks != self._callbacks:
            self._callbacks, self._played = callbacks, now
        if max(engine.reading("/meter/peak")) > HEARD or engine.memory["bypass"][0]:
            self._heard = now
        assert now - self._played < SILENT, "nobody plays"
        assert now - self._heard < SILENT, "nothing is heard"

    def weigh(self) -> None:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.used.append((pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir("/proc/self/fd"))))  # noqa: PTH208

    def end(self) -> None:
        if self._measuring:
            self._measuring.wait(60)


def walk(way: Walk, seconds: float) -> None:
    """So long, and until as many servers died as must."""
    end = time.monotonic() + seconds
    steps: list[tuple[float, float, Callable[[], None]]] = [
        (0, 3.0, way.device), (0, 0.5, way.hands), (0, seconds / 20, way.weigh)
    ]  # fmt: skip
    while (now := time.monotonic()) < end or way.deaths < DEATHS:
        way.look()
        for i, (due, pause, step) in enumerate(steps):
            if now > due:
                step()
                wait = pause if step == way.weigh else pause * way.chance.choice((0.02, 0.2, 0.5, 1))
                steps[i] = (now + wait, pause, step)
        time.sleep(0.02)


def come_back(way: Walk, said: list[str]) -> None:
    """With a server that lives, the device that was chosen plays in the end."""
    end = time.monotonic() + 30
    way.server.start()
    way.engine.bypass(False)
    way.engine.select_device("JACK", "JACK")
    while way.engine.status()["device_state"] != "connected" or way.engine.memory["level"][0] < 1:
        assert time.monotonic() < end, f"it does not come back: {said[-5:]}"
        time.sleep(0.05)
    while max(way.engine.reading("/meter/peak")) < HEARD:
        assert time.monotonic() < end, "it is not heard again"
        time.sleep(0.05)


def differs(record: Path, log: Path) -> list[int]:
    """The samples at which what the log gives again is not what was recorded."""
    performance = automation.read(log)
    assert (performance.late, performance.lost) == (0, 0)
    with (
        soundfile.SoundFile(record.with_stem(f"{record.stem}-dry")) as dry,
        soundfile.SoundFile(record) as wet,
    ):
        assert dry.frames == wet.frames > 10 * SAMPLE_RATE
        blocks = (np.ascontiguousarray(x.T) for x in dry.blocks(SAMPLE_RATE, dtype="float32", always_2d=True))
        done, found, loudest = 0, list[int](), 0.0
        for again in replay.performed(lambda number: raised(), performance, blocks):
            y = wet.read(again.shape[1], dtype="float32", always_2d=True).T
            found += (done + np.flatnonzero(np.any(again != y, axis=0))).tolist()
            done, loudest = done + again.shape[1], max(loudest, float(np.abs(y).max()))
        assert done == wet.frames
        assert 20 * np.log10(loudest) > HEARD
    return found


def test_no_order_of_choosing_losing_and_return_stops_the_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = Server("rtengine-walk")
    for name in ("JACK_DEFAULT_SERVER", "JACK_NO_AUDIO_RESERVATION"):
        monkeypatch.setenv(name, server.environment[name])
    crashed: list[object] = []
    monkeypatch.setattr(threading, "excepthook", crashed.append)
    said: list[str] = []
    record, log = tmp_path / "walk.wav", tmp_path / "walk.log"
    loop = np.random.default_rng(0).uniform(-0.1, 0.1, (SAMPLE_RATE, 2)).astype(np.float32)
    server.start()
    try:
        with Engine(raised(), "JACK", "JACK", loop=loop, record=record, log=log, say=said.append) as engine:
            way = Walk(engine, server, tmp_path)
            try:
                walk(way, SECONDS)
                come_back(way, said)
                status = engine.status()
            finally:
                way.end()
    finally:
        server.stop()
    print(f"{way.deaths} deaths, {len(said)} sentences, bytes and descriptors {way.used}")
    assert not crashed
    assert not [sentence for sentence in said if "has failed" in sentence or "went wrong" in sentence]
    assert "Traceback" not in (tmp_path / "latency.log").read_text() if (tmp_path / "latency.log").exists() else True
    assert status["unrecorded"] == 0
    settled = way.used[len(way.used) // 10 :]
    assert max(b for b, _ in settled) - settled[0][0] < GROWTH, f"memory is flat: {way.used}"
    assert max(d for _, d in settled) < settled[0][1] + 20, f"so are its descriptors: {way.used}"
    assert differs(record, log) == []
