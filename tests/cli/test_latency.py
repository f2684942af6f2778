"""Measuring the way out of a device and back in, without a device, and on JACK in test_jack."""

import json
from pathlib import Path

import numpy as np
import pytest

from rtengine.__main__ import main
from rtengine.cli import measure_latency
from rtengine.devices import loopback, portaudio, round_trips
from rtengine.devices.portaudio import Device
from rtengine.devices.round_trips import Setting
from rtengine.files import folders
from rtengine.listing import Callback

CARD = Device(3, "card", "ALSA", 2, 2, 48_000, 0.01, 0.01)


def cable(late: int, gain: float = 1.0, noise: float = 0.0, rounds: int = 3, size: int = 480) -> np.ndarray:
    """The record after so many rounds through a cable of this delay in samples."""
    memory = loopback.prepare(2, 1, 48_000)
    callback = Callback(loopback.compile_loopback(memory.dtype).address)
    random, played = np.random.default_rng(0), np.zeros((late, 1), np.float32)
    for _ in range(rounds * len(loopback.sequence()) // size + 1):
        source = np.repeat(gain * played[:size], 2, axis=1) / 2 + noise * random.standard_normal((size, 2))
        source, sink = np.ascontiguousarray(source, np.float32), np.zeros((size, 1), np.float32)
        callback(source.ctypes.data, sink.ctypes.data, size, None, 0, memory.ctypes.data)
        played = np.concatenate((played[size:], sink))
    return memory


@pytest.mark.parametrize("late", [480, 481, 1237, 40_000])
@pytest.mark.parametrize(("gain", "noise"), [(1, 0), (-0.01, 0), (0.05, 0.05)], ids=["cable", "quiet", "noisy"])
def test_it_finds_the_delay_to_the_sample(late: int, gain: float, noise: float) -> None:
    assert loopback.round_trip(cable(late, gain, noise)) == (3, late)


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_what_is_not_connected_has_no_delay(noise: float) -> None:
    assert loopback.round_trip(cable(480, 0, noise)) == (3, None)
    assert loopback.round_trip(cable(480, rounds=1))[1] is None, "the first round is not to be trusted"


def test_two_rounds_must_agree() -> None:
    rounds = iter([(1, None), (2, 700), (2, 700), (3, 701), (4, 701)])
    assert measure_latency.listen(lambda: next(rounds), 60) == 701
    assert measure_latency.listen(lambda: (2, None), 0.2) is None


def test_it_says_what_the_device_adds() -> None:
    said = measure_latency.sentences("card", 720, 48_000, 128, 0.01)
    assert "takes 720 samples, 15.0 ms" in said
    assert "That is 5.0 ms more than it declares" in said
    assert "That is 5.0 ms less than it declares" in measure_latency.sentences("card", 240, 48_000, 128, 0.01)
    assert "That is what it declares" in measure_latency.sentences("card", 480, 48_000, 128, 0.01)


def test_it_is_kept_for_the_device_and_what_is_no_entry_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "default", lambda kind: tmp_path / "new" / kind)
    setting, other = Setting(CARD, CARD, 48_000.0, 128), Setting(CARD, CARD, 48_000.0, 64)
    assert round_trips.measured(setting) is None
    assert round_trips.newest(CARD) == ""
    round_trips.keep(setting, 480)
    round_trips.keep(other, 240)
    assert (round_trips.measured(setting), round_trips.measured(other)) == (480, 240)
    assert round_trips.newest(CARD) == "5.0 (48000 Hz, 64)"
    assert [f.name for f in (tmp_path / "new").iterdir()] == ["latencies.json"]
    file = tmp_path / "new" / "latencies.json"
    for hostile in ("", "[1]", '{"a": 1}', "{" * 10_000, json.dumps({setting.key: "x"}), json.dumps({setting.key: -1})):
        file.write_text(hostile)
        assert round_trips.measured(setting) is None
        assert round_trips.newest(CARD) == ""


def test_no_device_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(portaudio, "devices", list)
    assert main(["latency", "--device", "no such card"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "no such card" in said or "there is no PortAudio" in said
