"""What is wrong with the arguments is told before anything is compiled, which takes minutes at a first start."""

import socket
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.needs import portaudio

from offline.__main__ import main as offline
from rtengine import graph
from rtengine.__main__ import main as live
from rtengine.cli.arguments import parse
from rtengine.live import host
from rtengine.midi import port

UNWRITABLE = ["/proc/take.wav"] if sys.platform == "linux" else []
LIVE = {  # options, each with what is wrong of it; what the parser refuses is in test_arguments.py
    "device": [pytest.param("no such card", marks=portaudio), "bad.wav"],
    "input": ["bad.wav"],
    "output": [pytest.param("no such card", marks=portaudio)],
    "inputs": ["1,x", "0"],
    "outputs": ["1,x"],
    "patch": ["nothing", "texture,texture"],
    "setting": ["nothing=1", "quality=best"],
    "texture": ["nothing", "bad.wav", "nothing.wav"],
    "set": ["/nothing=1", "/mix/amount=7", "/mix/amount=x"],
    "model": ["bad.onnx", "nothing.onnx"],
    "record": ["take.mp3", "nofolder/take.wav", "bad.wav", "half.wav", *UNWRITABLE],
    "log": ["nofolder/take.log", "bad.wav", *UNWRITABLE],
    "preset": ["nothing", "a/b", "broken"],
    "midi": ["no such input"],
    "film": ["nothing.mp4", "bad.wav"],
    "soundfont": ["bad.wav", "nothing.sf2"],
    "midi-out": ["no such output"],
    "osc-port": ["TAKEN"],
    "xair-port": ["TAKEN"],
    "osc-host": ["name.invalid"],
}
HARMLESS = {"channels", "sample_rate", "block_size", "mix", "quality", "seconds", "oscquery_port", "allow_host"}
FLAGS = {"list_devices", "list_patches", "fresh", "low_latency", "force"}
FOLDERS = {
    "presets",
    "models",
    "clips",
    "songs",
    "takes",
    "films",
}  # one that is not there is empty, until something is kept
RENDER = [
    *(["--texture", "nothing"], ["--texture", "bad.wav"], ["--model", "bad.onnx"], ["--model", "nothing.onnx"]),
    *(["--set", "/nothing=1"], ["--set", "/mix/amount=7"], ["--set", "/mix/amount=x"], ["--patch", "nothing"]),
    *(["--setting", "nothing=1"], ["--automation", "bad.wav"], ["--automation", "nothing.log"], ["--start", "100"]),
    *(["--stream", "5"], ["--picture", "a.xyz"], ["--picture", "nofolder/a.png"], ["--overview", "a.xyz"]),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with bad files, in which nothing can be compiled."""

    def compiled(*arguments: object) -> None:
        raise AssertionError("something was compiled")

    for owner, name in ((graph.Graph, "compiled"), (host, "compile_host")):
        monkeypatch.setattr(owner, name, compiled)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    noise = np.random.default_rng(0).normal(0, 0.1, (4800, 2))
    for name in ("in.wav", "half-dry.wav"):
        soundfile.write(name, noise, 48_000)
    for name in ("bad.wav", "bad.onnx", "data/rtengine/presets/broken.json"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("nothing")
    yield tmp_path
    assert Path("bad.wav").read_text() == "nothing"
    assert not {f.name for f in tmp_path.iterdir()} - {"in.wav", "half-dry.wav", "bad.wav", "bad.onnx", "data"}


def cases() -> Iterator[object]:
    for option, values in LIVE.items():
        for value in values:
            marks = getattr(value, "marks", ())
            yield pytest.param(option, *getattr(value, "values", (value,)), marks=marks)


def test_no_option_of_the_host_is_left_out() -> None:
    options: Namespace = parse([])
    known = {name.replace("-", "_") for name in LIVE} | HARMLESS | FLAGS | FOLDERS
    assert set(vars(options)) == known


@pytest.mark.parametrize(("option", "value"), list(cases()))
def test_the_host_refuses_before_it_compiles(
    option: str, value: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if option in ("midi", "midi-out") and not port.there:
        pytest.skip("needs mido and python-rtmidi")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        value = value.replace("TAKEN", str(taken.getsockname()[1]))
        device = [] if option in ("device", "input", "output") else ["--device", "null"]
        listening = [] if option in ("osc-port", "osc-host") else ["--osc-port", "0"]
        assert live([*device, *listening, f"--{option}", value]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("rtengine: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("wrong", RENDER, ids=" ".join)
def test_a_render_is_refused_before_it_compiles(
    wrong: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offline(["render", "in.wav", "out.wav", *wrong]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("offline render: ")
    assert err.count("\n") == 1


def test_a_log_of_another_graph_is_refused_before_it_compiles(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("data/take.log").write_text(
        '{"sample_rate": 48000, "inputs": 2, "outputs": 2, "latency": 1, "start": {},'
        ' "about": {"patches": ["nothing"], "settings": {}, "files": {}}}\n'
    )
    assert offline(["render", "in.wav", "out.wav", "--automation", "data/take.log"]) == 2
    assert "there is no patch 'nothing'" in capsys.readouterr().err
