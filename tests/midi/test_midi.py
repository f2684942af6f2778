"""MIDI controllers: learning, 14 bits, soft takeover, scenes; and a real port of a JACK server."""

import json
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from support.card import Card, scale, tone
from support.controls import Controls
from support.osc_peer import send

from rtengine.__main__ import main
from rtengine.live.engine import Engine
from rtengine.midi import port, process
from rtengine.midi.controllers import Binding, Controllers
from rtengine.osc.server import Server

HERE = Path(__file__).parents[1] / "support"
PATHS = os.pathsep.join(map(str, HERE.parents[:2]))  # for processes of their own


@pytest.fixture
def controls() -> Controls:
    return Controls()


@pytest.fixture
def told() -> list[tuple[object, ...]]:
    return []


@pytest.fixture
def knobs(controls: Controls, told: list[tuple[object, ...]]) -> Controllers:
    knobs = Controllers(controls, lambda *event: told.append(event))
    knobs.open = True
    return knobs


def turn(knobs: Controllers, controller: int, *positions: int, channel: int = 1) -> None:
    for position in positions:
        knobs.turn(channel, controller, position)


def test_the_next_controller_that_moves_is_bound(
    knobs: Controllers, controls: Controls, told: list[tuple[object, ...]]
) -> None:
    turn(knobs, 7, 10, 20)
    assert controls["/mix/amount"] == 1, "nothing is bound"
    knobs.learn("/mix/amount")
    turn(knobs, 7, 127, channel=3)
    assert told == [("/learned", "/mix/amount", 3, 7)]
    turn(knobs, 7, 100, channel=3)
    turn(knobs, 7, 50, channel=2)
    turn(knobs, 8, 50, channel=3)
    assert controls["/mix/amount"] == pytest.approx(100 / 127)
    knobs.learn("/output/gain")
    turn(knobs, 7, 101, channel=3)
    assert told[-1] == ("/learned", "/output/gain", 3, 7), "one controller may turn two"
    knobs.unlearn("/mix/amount")
    assert told[-1] == ("/unlearned", "/mix/amount")
    assert knobs.learnt() == [("/output/gain", 3, 7)]


def test_the_ends_of_a_controller_are_the_ends_of_every_range(knobs: Controllers, controls: Controls) -> None:
    for number, (address, p) in enumerate(controls.parameters.items()):
        knobs.learn(address)
        turn(knobs, 64 + number, *range(0, 128), *range(127, -1, -1))
        assert controls[address] == pytest.approx(p.low), address
        turn(knobs, 64 + number, *range(128))
        assert controls[address] == pytest.approx(p.high), address
        for position in np.linspace(0, 1, 11):
            assert p.low <= p.value(float(position)) <= p.high
            if p.scale != "step":
                assert p.position(p.value(float(position))) == pytest.approx(position)
    release = controls.parameters["/limiter/release"]
    assert release.value(0.5) == pytest.approx(math.sqrt(release.low * release.high)), "log: the middle is the mean"


def test_14_bits_are_told_by_the_lower_half_right_behind(knobs: Controllers, controls: Controls) -> None:
    controls["/mix/amount"] = 0.5
    knobs.learn("/mix/amount")
    for fine in range(8000, 8400):
        knobs.turn(1, 1, fine >> 7, now=fine)
        knobs.turn(1, 33, fine & 127, now=fine + 0.001)
        if fine > 8300:
            assert controls["/mix/amount"] == pytest.approx(fine / 16383, abs=1e-6)
    assert knobs.kept()["/mix/amount"] == {"channel": 1, "controller": 1, "fine": True}


def test_a_controller_32_above_another_is_its_own_when_it_comes_alone(knobs: Controllers, controls: Controls) -> None:
    knobs.learn("/mix/amount")
    knobs.turn(1, 1, 127, now=1)
    knobs.learn("/output/gain")
    knobs.turn(1, 33, 0, now=2)
    assert knobs.learnt() == [("/mix/amount", 1, 1), ("/output/gain", 1, 33)]
    assert not any(kept["fine"] for kept in knobs.kept().values())


def test_nothing_jumps_and_no_knob_is_dead(knobs: Controllers, controls: Controls) -> None:
    controls["/mix/amount"] = 0.5
    knobs.learn("/mix/amount")
    turn(knobs, 7, 0)
    assert controls["/mix/amount"] == 0.5, "as it was learnt"
    turn(knobs, 7, 10, 20)
    assert controls["/mix/amount"] == pytest.approx(0.5 + 0.5 * 20 / 127), "the way of the hand"
    controls["/mix/amount"] = 0.3  # another surface
    turn(knobs, 7, 90)
    assert controls["/mix/amount"] == pytest.approx(90 / 127), "past it"
    controls["/mix/amount"] = 0.1  # a scene
    turn(knobs, 7, 91)
    assert controls["/mix/amount"] == pytest.approx(0.1 + 2 / 127), "at most twice as fast"
    turn(knobs, 7, 40, 5)
    assert controls["/mix/amount"] == pytest.approx(5 / 127)
    turn(knobs, 7, 127)
    assert controls["/mix/amount"] == 1, "it has it: a fast turn is a fast turn"


@pytest.mark.parametrize("place", [0.0, 0.2, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("start", [3, 64, 120])
def test_hand_and_parameter_meet_and_go_one_way(
    knobs: Controllers, controls: Controls, place: float, start: int
) -> None:
    for ways in ([*range(start, 128), *range(127, -1, -1)], [*range(start, -1, -1), *range(128)]):
        knobs.learn("/mix/amount")
        controls["/mix/amount"] = place
        turn(knobs, 70, ways[0])
        for before, now in pairwise(ways):
            was = controls["/mix/amount"]
            turn(knobs, 70, now)
            step, hand = controls["/mix/amount"] - was, (now - before) / 127
            assert step * hand >= 0 or abs(step) <= 2 / 127, "as they meet"
            assert abs(step) <= 3 / 127
        assert controls["/mix/amount"] == ways[-1] / 127
        knobs.unlearn("/mix/amount")


@pytest.mark.parametrize("message", [(0, 1, 1), (17, 1, 1), (1, 120, 1), (1, -1, 1), (1, 1, 128), (1, 1, -1)])
def test_what_is_no_controller_is_nothing(knobs: Controllers, message: tuple[int, int, int]) -> None:
    knobs.learn("/mix/amount")
    knobs.turn(*message)
    assert knobs.learnt() == []


def test_what_cannot_be_learnt_is_one_sentence(controls: Controls, knobs: Controllers) -> None:
    with pytest.raises(KeyError, match="/nothing is no parameter"):
        knobs.learn("/nothing")
    knobs.open = False
    with pytest.raises(ValueError, match="no MIDI input is open"):
        knobs.learn("/mix/amount")
    for damaged in ({"/mix/amount": {"channel": 0, "controller": 1}}, {"/mix/amount": {"chan": 1}}, {"/mix/amount": 1}):
        with pytest.raises(ValueError, match="are damaged"):
            knobs.restore(damaged)  # type: ignore[arg-type]


def test_controllers_are_kept_in_the_scene_and_told_over_osc(tmp_path: Path) -> None:
    engine = Engine(scale(), presets=tmp_path)
    engine.midi.open, server = True, Server(engine)
    watcher = send(server, "/notify", 1)
    assert send(server, "/learn", "/scale").heard() == []
    engine.midi.turn(2, 21, 16)
    server.tick()
    assert ("/learned", "/tone/scale", 2, 21) in watcher.heard()
    assert send(server, "/learn/list").heard() == [("/learn/list.reply", "/tone/scale", 2, 21)]
    send(server, "/scene/store", "with knobs")
    again = Engine(scale(), presets=tmp_path)
    again.scene_recall("with knobs")
    assert again.midi.learnt() == [("/tone/scale", 2, 21)]
    again.midi.turn(2, 21, 16)
    Card(again).play(tone(0.1))
    assert again["/tone/scale"] == pytest.approx(8 * 16 / 127)
    (answer,) = send(server, "/learn", "/nothing").heard()
    assert answer == ("/error", "/learn", "/nothing is no parameter")
    send(server, "/unlearn", "/tone/scale")
    assert engine.midi.learnt() == []
    kept = json.loads((tmp_path / "with knobs.json").read_text())
    kept["midi"] = [1]
    (tmp_path / "with knobs.json").write_text(json.dumps(kept))
    with pytest.raises(ValueError, match="is no scene"):
        again.scene_recall("with knobs")


def test_a_program_change_is_a_scene(tmp_path: Path) -> None:
    engine = Engine(scale(), presets=tmp_path)
    for name, factor in (("b", 2.0), ("a", 3.0)):
        engine["/tone/scale"] = factor
        engine.scene_store(name)
    for number, factor in ((0, 3), (1, 2)):
        engine.program(number)
        Card(engine).play(tone(0.1))
        assert engine["/tone/scale"] == factor
    with pytest.raises(KeyError, match="there is no scene 2, but 2"):
        engine.program(2)


def test_a_binding_is_what_its_file_says() -> None:
    assert Binding(1, 2) == Binding(1, 2, fine=False)


needs_rtmidi = pytest.mark.skipif(not port.there, reason="needs mido and python-rtmidi")


@needs_rtmidi
def test_a_port_that_is_not_there_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--device", "null", "--osc-port", "0", "--midi", "no such port"]) == 2
    said = capfd.readouterr().err
    assert said.startswith("rtengine: there is no MIDI input no such port: choose from ")
    assert said.count("\n") == 1, "and nothing of what libjack and ALSA have to say"


needs_jack = pytest.mark.skipif(not shutil.which("jackd"), reason="needs the Debian package jackd2")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="JACK is tested on Linux")


def beside_jack(session: str) -> str:
    """What a program of the tests prints beside a JACK server of its own."""
    environment = {**os.environ, "JACK_DEFAULT_SERVER": "rtengine-midi", "JACK_NO_AUDIO_RESERVATION": "1"}
    command = ["jackd", "--no-realtime", "-n", "rtengine-midi", "-d", "dummy", "-r", "48000", "-p", "256"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, **quiet) as server:  # type: ignore[call-overload]
        try:
            time.sleep(0.5)
            done = subprocess.run(
                [sys.executable, HERE / session],
                env={**environment, "PYTHONPATH": PATHS},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        finally:
            server.kill()
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_rtmidi
@on_linux
@needs_jack
def test_a_controller_over_jack_turns_the_live_host() -> None:
    assert beside_jack("midi_session.py").split() == [
        "knobs:out",
        "('/learned',",
        "'/mix/amount',",
        "3,",
        "7)",
        "0.25197",
    ]


@needs_rtmidi
@on_linux
@needs_jack
def test_a_daw_hears_notes_at_their_time_and_a_clock_and_that_it_ends() -> None:
    name, told = beside_jack("midi_out_session.py").splitlines()
    heard = [(at, tuple(message)) for at, message in json.loads(told)]
    assert name == "daw:in"
    messages = [message for _, message in heard]
    notes = [(at, message) for at, message in heard if message[0] < 0xF0]
    assert [message for _, message in notes] == [(0x93, 60, 64), (0x83, 60, 0), (0x93, 64, 127), (0x83, 64, 0)]
    assert [at for at, _ in notes[:3]] == pytest.approx([0, 0.25, 0.25], abs=0.05)
    assert messages[0] == (0xFA,), "Start, and then the clock"
    ticks = [at for at, message in heard if message == (0xF8,)]
    assert len(ticks) == pytest.approx(48, abs=6), "24 a beat, two beats"
    assert messages[-1] == (0xFC,)
    assert ticks[-1] <= heard[-1][0]


def test_whoever_hears_an_input_looks_for_it_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """For to look holds the interpreter's lock while JACK hands over messages, and what comes meanwhile is lost."""
    looked, told = list[str](), StringIO()

    class Backend:
        @contextmanager
        def open_input(self, name: str, callback: object) -> Iterator[None]:
            looked.clear()
            yield

    class Looks:
        stdout = (b"\n", b"\n")

        def __init__(self, command: list[str], **options: object) -> None:
            assert command[-3:] == ["look", "UNIX_JACK", "nano:ctrl"]

        def __enter__(self) -> "Looks":
            return self

        def __exit__(self, *error: object) -> None:
            pass

    def names(api: str) -> list[str]:
        looked.append(api)
        return ["nano:ctrl"]

    def leave(status: int) -> None:
        raise SystemExit(status)

    monkeypatch.setattr(process, "apis", lambda: ["UNIX_JACK"])
    monkeypatch.setattr(process, "backend", lambda api: Backend())
    monkeypatch.setattr(process, "names", names)
    monkeypatch.setattr(process.subprocess, "Popen", Looks)
    monkeypatch.setattr(process.os, "_exit", leave)
    with pytest.raises(SystemExit):
        process.play("NANO", told)
    assert told.getvalue().splitlines() == ['["nano:ctrl"]', "[]", "[]"]
    assert looked == []
