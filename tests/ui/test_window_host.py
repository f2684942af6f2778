"""The host as a process of its own: started by the window, started again when it ends, ended with the window."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from support.needs import portaudio

from ui.host.client import Client
from ui.host.client_host import HERE, Host, free, free_ports, is_running
from ui.window import Window

ROOT = Path(__file__).parents[2]
LONG = 120_000  # milliseconds: a first start compiles


def test_a_host_that_dies_is_started_again_and_played_on(qtbot: QtBot, tmp_path: Path) -> None:
    osc_port, port = free(socket.SOCK_DGRAM, 0), free(socket.SOCK_STREAM, 0)
    host = Host(["--device", "null", "--presets", str(tmp_path)], osc_port, port, tmp_path / "log")
    window = Window(Client(HERE, port), tmp_path / "clips", tmp_path / "songs")
    qtbot.addWidget(window)
    host.said.connect(window.log.say)
    window.client.connected.connect(lambda on: host.reached() if on else None)
    host.start()
    window.client.open()
    try:
        qtbot.waitUntil(lambda: window.client.is_connected, timeout=LONG)
        assert is_running(HERE, port)
        first = host.pid
        os.kill(first, signal.SIGKILL)
        qtbot.waitUntil(lambda: not window.client.is_connected, timeout=LONG)
        qtbot.waitUntil(lambda: window.client.is_connected, timeout=LONG)
        assert host.pid not in (0, first)
        assert window.mix
        window.mix.move_to(0.25)
        qtbot.waitUntil(lambda: window.mix._value == 0.25, timeout=LONG)
    finally:
        window.close()
        host.close()
    assert host.pid == 0
    assert not is_running(HERE, port)


@portaudio
def test_a_host_that_cannot_start_is_not_tried_for_ever(qtbot: QtBot, tmp_path: Path) -> None:
    said: list[str] = []
    host = Host(["--device", "no such device"], *free_ports(), tmp_path / "log")
    host.said.connect(said.append)
    with qtbot.waitSignal(host.failed, timeout=LONG) as failed:
        host.start()
    assert "no such device" in failed.args[0]
    host.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--connect", "nowhere"], "'nowhere' is not HOST:PORT"),
        (["--connect", "a:99999"], "1 to 65535"),
        (["--screenshot", "picture.jpg"], "picture.jpg does not end in .png"),
        (["--demo", "dancing"], "dancing"),
        (["--seconds", "-1"], "outside 0 to 3600"),
        (["--connect", "a:1", "--demo"], "--connect joins a host"),
        (["--screenshot", "/no/such/folder/x.png"], "/no/such/folder is no folder"),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments: list[str], words: str) -> None:
    command = [sys.executable, "-m", "ui", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


@portaudio
def test_a_picture_of_a_window_without_a_host_fails_in_a_sentence(tmp_path: Path) -> None:
    picture = tmp_path / "x.png"
    command = [sys.executable, "-m", "ui", "--screenshot", str(picture), "--", "--device", "no such device"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LONG / 1000)
    assert done.returncode == 2
    assert "no such device" in done.stderr
    assert not picture.exists()
