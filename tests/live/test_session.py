"""A host that ends, however it does, is followed by one that plays as it did."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from support.card import Card, scale, tone

from rtengine.cli.compiling import Work, told
from rtengine.cli.refusals import check_port
from rtengine.live.engine import Engine
from rtengine.live.session import Kept, Session
from rtengine.native.awaited import compiling, name_of, note
from rtengine.osc.packet import decode, encode

ROOT = Path(__file__).parents[2]
TRIAL = """
import sys
from pathlib import Path
from support.card import scale
from rtengine.live.engine import Engine
from rtengine.live.session import Session
with Session(Path(sys.argv[1]), print) as session, Engine(scale(), "null", "null") as engine:
    session.keep(engine.kept)
    engine["/tone/scale"] = 3
    print("plays", flush=True)
    sys.stdin.read()
"""


def wait(done: Callable[[], Any]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_is_kept_is_what_is_restored(tmp_path: Path) -> None:
    songs = tmp_path / "songs"
    songs.mkdir()
    soundfile.write(songs / "song.wav", np.full((96_000, 2), 0.1), 48_000)
    engine = Engine(scale(), "null", "null", songs=songs)
    engine["/tone/scale"] = 2.5
    engine.bypass(True)
    engine.midi.restore({"/tone/scale": {"channel": 1, "controller": 7, "fine": True}})
    engine.song.file("song.wav")
    engine.song.loop(0.5, 1.5)
    engine.song.seek(1.25)
    Card(engine).play(tone(0.1))
    with Session(tmp_path / "session.json", print) as session:
        session.keep(engine.kept)
        session.write()
        kept = Session(tmp_path / "session.json", lambda _: None).read()
        assert kept is None, "another host keeps it"
    with Session(tmp_path / "session.json", print) as session:
        kept = session.read()
    assert kept
    assert kept.device == ("null", "null")
    assert kept.values == {"/tone/scale": 2.5, "/tone/broken": 0}
    again = Engine(scale(), "null", "null", songs=songs)
    again.restore(kept)
    Card(again).play(tone(0.05))
    assert again.status()["bypass"]
    assert again.midi.kept() == engine.midi.kept()
    song = again.status()["song"]
    assert (song["file"], song["loop"]) == ("song.wav", (0.5, 1.5))
    assert 1.25 < song["position"] < 1.5


def test_what_is_gone_is_told_and_the_rest_is_taken_back(tmp_path: Path) -> None:
    said: list[str] = []
    engine = Engine(scale(), songs=tmp_path, say=said.append)
    song = {"file": "gone.wav", "play": True, "loop": [0, 1], "position": 0}
    engine.restore(Kept(bypass=True, song=song, midi={"/tone/scale": {"channel": 1, "controller": 7}}))
    assert engine.status()["bypass"]
    assert engine.midi.learnt() == [("/tone/scale", 1, 7)]
    assert len(said) == 1
    assert said[0].startswith("the song of the last time could not be taken back: there is no file gone.wav")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_after_kill_9_what_was_played_a_second_ago_is_there(tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    command = [sys.executable, "-c", TRIAL, str(file)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as host:
        assert host.stdout
        assert host.stdout.readline() == "plays\n"
        time.sleep(2)
        host.send_signal(signal.SIGKILL)
        host.wait()
    with Session(file, print) as session:
        kept = session.read()
    assert kept
    assert kept.values["/tone/scale"] == 3


def test_a_file_that_is_damaged_begins_anew(tmp_path: Path) -> None:
    said: list[str] = []
    for damaged in ("", "{", "[]", '{"version": 1}', '{"version": 1, "device": [null, null], "values": 3}'):
        (tmp_path / "session.json").write_text(damaged)
        with Session(tmp_path / "session.json", said.append) as session:
            assert session.read() is None
    assert len(said) == 5
    assert all("begins anew" in sentence for sentence in said)


def test_a_full_disk_keeps_nobody_from_playing_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, values, fsync = list[str](), {"/tone/scale": 1.0}, os.fsync
    session = Session(tmp_path / "session.json", said.append)
    session.keep(lambda: Kept(values=dict(values)))
    session.write()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    values["/tone/scale"] = 2.0
    session.write()
    session.write()
    assert said == ["the disk is full: what is played is not kept for the next start, until it can be"]
    kept = session.read()
    assert kept
    assert kept.values == {"/tone/scale": 1}
    monkeypatch.setattr(os, "fsync", fsync)
    session.close()
    with Session(tmp_path / "session.json", said.append) as again:
        kept = again.read()
    assert kept
    assert kept.values == {"/tone/scale": 2}


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_port_that_is_taken_is_one_sentence(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        sentence = f"OSC cannot listen at 127.0.0.1:{port}: Address already in use; --osc-port 0 plays without it"
        with pytest.raises(ValueError, match=sentence):
            check_port("127.0.0.1", port, kind, "OSC", "--osc-port")
    check_port("127.0.0.1", port, kind, "OSC", "--osc-port")


def test_it_is_said_how_far_compiling_is_and_nothing_if_nothing_is_compiled() -> None:
    said: list[str] = []
    with told(said.append, 0.05, 0.05), compiling([first, second]):
        time.sleep(0.2)
        assert not said, "nothing can be said of the time left yet"
        note(name_of(first))
        time.sleep(0.2)
    assert said[0].startswith("compiling for this processor, once: 1 of 2 functions, about 0 s left")
    count = len(said)
    with told(said.append, 0.05, 0.05):
        time.sleep(0.2)
    assert len(said) == count


def test_of_the_first_few_nobody_knows_how_long_the_rest_takes() -> None:
    said, done = list[str](), [1]
    work = Work(begin=lambda: lambda: (done[0], 100))
    with told(said.append, 0.05, 0.05, work):
        time.sleep(0.2)
        done[0] = 50
        time.sleep(0.2)
    assert said[0] == "compiling for this processor, once: 1 of 100 functions"
    assert said[-1].startswith("compiling for this processor, once: 50 of 100 functions, about 0 s left")


def first() -> None:
    """Stands for a kernel."""


def second() -> None:
    """Stands for another."""


HOST = ["-m", "rtengine", "--device", "null", "--oscquery-port", "0"]


def test_the_shipped_host_comes_back_after_kill_9(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(tmp_path)}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as surface:
        surface.bind(("127.0.0.1", 0))
        surface.settimeout(0.3)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

        def ask(address: str, *arguments: float | str) -> tuple[object, ...]:
            for _ in range(600):
                try:
                    surface.sendto(encode(address, *arguments), ("127.0.0.1", port))
                    return decode(surface.recv(65_536))[0].arguments
                except OSError:
                    time.sleep(0.2)
            raise AssertionError("no answer")

        command = [sys.executable, *HOST, "--osc-port", str(port)]
        for first in (True, False):
            with subprocess.Popen(command, env=environment) as host:
                try:
                    assert ask("/sync", 1) == (1,)
                    if first:
                        surface.sendto(encode("/mix", 0.25), ("127.0.0.1", port))
                        surface.sendto(encode("/texture", "laser"), ("127.0.0.1", port))
                    else:
                        surface.sendto(encode("/scene/store", "found"), ("127.0.0.1", port))
                    time.sleep(2)
                finally:
                    host.kill()
    kept = (tmp_path / "rtengine" / "presets" / "found.json").read_text()
    assert '"/mix/amount": 0.25' in kept
    assert '"/texture/laser": 1.0' in kept
