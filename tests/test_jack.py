"""On a real server: `jackd -d dummy` is a sound card without a sound. Debian: jackd2, libportaudio2."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtengine import devices

HERE = Path(__file__).parent
RETURN = 2.0  # seconds after its return that a device may take to be heard again

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
def server() -> Iterator[Server]:
    server = Server("rtengine-test")  # always the same: JACK remembers eight names of servers that were killed
    yield server
    server.kill()


def test_a_server_that_is_killed_and_comes_back_is_played_again(server: Server) -> None:
    command = [sys.executable, HERE / "jack_session.py"]
    environment = {**server.environment, "PYTHONPATH": str(HERE.parent)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as session:
        assert session.stdin is not None
        assert session.stdout is not None

        def said() -> str:
            assert session.stdout is not None
            return session.stdout.readline().strip()

        assert said() == "there is no output device JACK; playing without a device, and looking for one"
        for _ in range(2):
            server.start()
            time.sleep(0.5)  # the server's own start
            began = time.monotonic()
            assert said() == "system is back"
            assert time.monotonic() - began < RETURN
            server.kill()
            assert said() == "system is gone; playing on without it, and looking for it"
        server.start()
        assert said() == "system is back"
        time.sleep(0.5)
        session.stdin.write("\n")
        session.stdin.flush()
        device, sizes, callbacks, peak = said().split("|")
        assert (device, sizes) == ("system", "(128, 128)")
        assert int(callbacks) > 100
        assert float(peak) == pytest.approx(-6, abs=0.1), "heard again: the level is open"
        assert session.wait(10) == 0, session.stderr.read() if session.stderr else ""
