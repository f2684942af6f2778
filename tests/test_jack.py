"""On a real server: `jackd -d dummy` is a sound card without a sound. Debian: jackd2, libportaudio2."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rtengine import devices

HERE = Path(__file__).parent
RETURN = 10  # seconds after its return until a device is heard again: 2 on a quiet machine, more where tests share it

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="JACK is tested on Linux"),
    pytest.mark.skipif(not shutil.which("jackd"), reason="needs the Debian package jackd2"),
    pytest.mark.skipif(devices.sounddevice is None, reason="needs sounddevice and the Debian package libportaudio2"),
]


class Server:
    """A JACK server of its own name, that can be killed."""

    def __init__(self, name: str) -> None:
        self.environment = {**os.environ, "JACK_DEFAULT_SERVER": name, "JACK_NO_AUDIO_RESERVATION": "1"}
        self._name, self._process = name, None

    def start(self) -> None:
        command = ["jackd", "--no-realtime", "-n", self._name, "-d", "dummy", "-r", "48000", "-p", "256"]
        self._process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process = None


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """One for each test, with the test's name: JACK keeps eight names of servers that were killed, so no new ones."""
    server = Server(f"rtengine-{request.node.name.split('_')[-1]}")
    yield server
    server.kill()


@contextmanager
def session(server: Server, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The player of jack_session.py; it must leave with status 0."""
    command = [sys.executable, HERE / "jack_session.py", *arguments]
    environment = {**server.environment, "PYTHONPATH": str(HERE.parent)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
            assert process.wait(10) == 0, process.stderr.read() if process.stderr else ""
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    """The next line, waited for a minute at most."""
    assert process.stdout is not None
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    line = process.stdout.readline().strip()
    watchdog.cancel()
    return line


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_server_that_is_killed_and_comes_back_is_played_again(server: Server) -> None:
    with session(server) as player:
        assert said(player) == "there is no output device JACK; playing without a device, and looking for one"
        assert said(player) == "1"
        for _ in range(2):
            server.start()
            time.sleep(0.5)  # the server's own start
            began = time.monotonic()
            assert said(player) == "system is back"
            assert time.monotonic() - began < RETURN
            server.kill()
            assert said(player) == "system is gone; playing on without it, and looking for it"
        server.start()
        assert said(player) == "system is back"
        time.sleep(0.5)
        go(player)
        device, sizes, callbacks, peak = said(player).split("|")
        assert (device, sizes) == ("system", "(128, 128)")
        assert int(callbacks) > 100
        assert float(peak) == pytest.approx(-6, abs=0.1), "heard again: the level is open"


@pytest.mark.skipif(not shutil.which("jack_iodelay"), reason="needs jack_iodelay, of the Debian package jackd2")
def test_latency_is_what_jack_iodelay_measures(server: Server) -> None:
    server.start()
    time.sleep(0.5)
    with session(server, "dry") as player:
        latency = int(said(player))
        with subprocess.Popen(
            ["stdbuf", "-oL", "jack_iodelay"], env=server.environment, stdout=subprocess.PIPE, text=True
        ) as meter:
            time.sleep(0.5)
            for pair in (("jack_delay:out", "PortAudio:in_0"), ("PortAudio:out_0", "jack_delay:in")):
                subprocess.run(["jack_connect", *pair], env=server.environment, check=True)
            time.sleep(2)
            meter.terminate()
            assert meter.stdout is not None
            measured = [line.split()[0] for line in meter.stdout.read().splitlines() if "total roundtrip" in line]
        go(player)
        said(player)
    frames = float(max(set(measured), key=measured.count))
    assert (frames - latency) % 128 == 0, "to the sample, but for the buffers that JACK and PortAudio pass on"
    assert 0 <= frames - latency <= 4 * 256
