"""On a real server: `jackd -d dummy` is a sound card without a sound. Debian: jackd2, libportaudio2."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.jack_server import Server

from rtengine.devices import stream

HERE = Path(__file__).parents[1] / "support"
PATHS = os.pathsep.join(map(str, HERE.parents[:2]))  # for processes of their own
RETURN = 10  # seconds after its return until a device is heard again: 2 on a quiet machine, more where tests share it

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="JACK is tested on Linux"),
    pytest.mark.skipif(not shutil.which("jackd"), reason="needs the Debian package jackd2"),
    pytest.mark.skipif(stream.sounddevice is None, reason="needs sounddevice and the Debian package libportaudio2"),
]


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """One for each test, with the test's name: JACK keeps eight names of servers that were killed, so no new ones."""
    name = request.node.name.split("_")[-1]
    server = Server("rtengine-" + "".join(c for c in name if c.isalnum()))
    yield server
    server.stop()


@contextmanager
def session(server: Server, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The player of jack_session.py; it must leave with status 0."""
    command = [sys.executable, HERE / "jack_session.py", *arguments]
    environment = {**server.environment, "PYTHONPATH": PATHS}
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


def connect(server: Server, *pairs: tuple[str, str]) -> None:
    """Connect ports, each as soon as both are there."""
    for pair in pairs:
        end = time.monotonic() + 30
        command = ["jack_connect", *pair]
        while subprocess.run(command, env=server.environment, capture_output=True, check=False).returncode:
            assert time.monotonic() < end, f"{pair} cannot be connected"
            time.sleep(0.1)


def iodelay(server: Server) -> int:
    """What jack_iodelay measures through the player, in samples."""
    command = ["stdbuf", "-oL", "jack_iodelay"]
    with subprocess.Popen(command, env=server.environment, stdout=subprocess.PIPE, text=True) as meter:
        connect(server, ("jack_delay:out", "rtengine:in_0"), ("rtengine:out_0", "jack_delay:in"))
        time.sleep(2)
        meter.terminate()
        assert meter.stdout is not None
        measured = [line.split()[0] for line in meter.stdout.read().splitlines() if "total roundtrip" in line]
    return round(float(max(set(measured), key=measured.count)))


def sequence(server: Server) -> int:
    """What a maximum-length sequence from another program measures, in samples."""
    command = [sys.executable, "-m", "rtengine", "latency", "--device", "JACK", "--seconds", "40"]
    data = {"XDG_DATA_HOME": str(Path(tempfile.mkdtemp()))}
    environment = {**server.environment, **data, "PYTHONPATH": PATHS}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as meter:
        connect(server, ("rtengine-01:out_0", "rtengine:in_0"), ("rtengine:out_0", "rtengine-01:in_0"))
        said, complaint = meter.communicate(timeout=60)
    assert meter.returncode == 0, complaint
    return int(said.split(" takes ")[1].split()[0])


METERS = [
    pytest.param(
        iodelay,
        marks=pytest.mark.skipif(
            not shutil.which("jack_iodelay"), reason="needs jack_iodelay, of the Debian package jackd2"
        ),
    ),
    sequence,
]


@pytest.mark.parametrize("meter", METERS)
def test_declared_latency_is_what_is_measured_to_the_sample(server: Server, meter: Callable[[Server], int]) -> None:
    server.start()
    time.sleep(0.5)
    measured, declared = [], []
    for graph in ("wire", "dry"):
        with session(server, graph) as player:
            declared.append(int(said(player)))
            measured.append(meter(server))
            go(player)
            said(player)
    assert declared[0] == 1
    assert measured[1] - measured[0] == declared[1] - declared[0], "beside what JACK and PortAudio need for a wire"
    assert (measured[0] - 1) % 128 == 0, "which is whole buffers"
    assert measured[0] - 1 <= 4 * 256


def test_the_latency_command_measures_what_jack_and_portaudio_take(server: Server) -> None:
    server.start()
    time.sleep(0.5)
    command = [sys.executable, "-m", "rtengine", "latency", "--device", "JACK", "--seconds", "40"]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**server.environment, "XDG_DATA_HOME": folder, "PYTHONPATH": PATHS}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as meter:
            connect(server, ("rtengine:out_0", "rtengine:in_0"))
            answer = meter.communicate(timeout=60)[0]
        assert meter.returncode == 0
        assert "takes 384 samples, 8.0 ms" in answer, "a period of JACK and a buffer of ours"
        assert "That is what it declares" in answer
        kept = json.loads((Path(folder) / "rtengine" / "latencies.json").read_text())
        assert list(kept.values()) == [384]
        silent = subprocess.run([*command[:-1], "4"], env=environment, capture_output=True, text=True, check=False)
    assert silent.returncode == 2
    assert "system: nothing came back in 4 s" in silent.stderr


def test_an_input_with_a_clock_of_its_own_is_played_by_another(server: Server) -> None:
    server.start()
    time.sleep(0.5)
    with session(server, "bridge") as player:
        assert said(player) == "1"
        time.sleep(3)
        go(player)
        device, sizes, callbacks, _ = said(player).split("|")
    assert (device, sizes) == ("system -> null", "(128, 128)")
    assert int(callbacks) > 300
