"""python -m rtengine, without a device."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.every_block import small_model
from support.needs import portaudio
from support.osc_peer import send

from offline.__main__ import main as offline
from rtengine.__main__ import main
from rtengine.cli.terminal import WIDTH, bar, line
from rtengine.devices.null_clock import NullClock
from rtengine.live.engine import Engine
from rtengine.live.instrument import Instrument
from rtengine.osc.packet import decode, encode
from rtengine.osc.server import Server
from rtengine.patches import Setup, find
from rtengine.take import automation

ROOT = Path(__file__).parents[2]
RATE = 48_000


def song(file: Path, seconds: float = 0.5, sample_rate: int = 44_100, channels: int = 2) -> Path:
    x = np.random.default_rng(0).uniform(-0.1, 0.1, (round(seconds * sample_rate), channels))
    soundfile.write(file, x, sample_rate, "FLOAT")
    return file


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, rtengine.__main__\ntry: rtengine.__main__.main(['--help'])\nfinally: print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "--block-size" in run.stdout
    assert not {"numba", "numpy", "sounddevice", "rich"} & set(run.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--block-size", "31"], "31 is not a whole number from 32 to 2048"),
        (["--sample-rate", "nan"], "nan is outside 8000 to 384000"),
        (["--mix", "1.5"], "1.5 is outside 0 to 1"),
        (["--texture", "water:x"], "'x' is not a number"),
        (["--texture", "stone", "--device", "null"], "there is no texture stone, nor a file: choose from water"),
        (["--set", "mix=1"], "'mix=1' is not /path=value"),
        (["--set", "/mix/much=1", "--device", "null"], "/mix/much is none of"),
        (["--set", "/output/gain=99", "--device", "null"], "/output/gain = 99 is outside -60 to 24 dB"),
        (["--set", "/output/gain=x", "--device", "null"], "/output/gain = x is not a number"),
        pytest.param(["--device", "no such card"], "there is no input device no such card", marks=portaudio),
        (["--device", "null", "--record", "take.mp3"], "does not end in .wav or .flac"),
        (["--device", "null", "--record", "no/folder/take.wav"], "is no folder"),
        (["--device", "null", "--preset", "gone"], "there is no scene gone"),
        (["--device", "null", "--model", "none.onnx"], "there is no model file none.onnx"),
        (["--device", __file__], "test_live.py is no sound file that can be read"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        status = main([*arguments, "--osc-port", "0"])
    except SystemExit as leaving:
        status = int(leaving.code or 0)
    lines = capsys.readouterr().err.splitlines(keepends=True)
    said = "".join(line for line in lines if "compiling for this processor" not in line)  # as a first start says
    assert status == 2
    assert said.count("\n") == 1
    assert sentence in said
    assert said.startswith("rtengine: ")


def test_a_file_is_played_in_a_loop_and_the_take_is_what_its_log_says(tmp_path: Path) -> None:
    file, take, log = song(tmp_path / "song.wav"), tmp_path / "take.wav", tmp_path / "take.log"
    arguments = ["--device", str(file), "--seconds", "1", "--record", str(take), "--log", str(log), "--osc-port", "0"]
    assert main([*arguments, "--texture", "laser", "--set", "/texture/quality=lofi"]) == 0
    dry, rate = soundfile.read(tmp_path / "take-dry.wav", dtype="float32")
    wet, _ = soundfile.read(take, dtype="float32")
    loop = soundfile.read(file, dtype="float32")[0]
    assert rate == 44_100
    assert len(dry) == len(wet) > 0.5 * rate
    assert np.array_equal(dry, np.resize(loop, dry.shape))
    start = automation.read(log).graphs[0].start
    assert (start["/texture/laser"], start["/texture/water"], start["/texture/quality"]) == (1, 0, 0)
    assert main(arguments) == 2, "what exists is not overwritten"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_with_status_0(number: signal.Signals, tmp_path: Path) -> None:
    take = tmp_path / "take.wav"
    command = [sys.executable, "-m", "rtengine", "--device", "null", "--osc-port", "0", "--record", str(take)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 100
        while not take.exists() or take.stat().st_size < 10_000:  # it plays
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == "", "quiet when not a terminal"
    assert soundfile.info(take).frames > 0, "the file was finished"


def test_it_is_played_over_osc_and_the_log_has_what_was_played(tmp_path: Path) -> None:
    log, deadline = tmp_path / "take.log", time.monotonic() + 100
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    options = ["--osc-port", str(port), "--oscquery-port", "0"]
    options += ["--log", str(log), "--presets", str(tmp_path / "scenes")]
    command = [sys.executable, "-m", "rtengine", "--device", "null", *options]
    refused: list[object] = []
    with (
        subprocess.Popen(command, cwd=ROOT) as process,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as surface,
        ExitStack() as stack,
    ):
        surface.connect(("127.0.0.1", port))
        surface.settimeout(0.2)

        def answer(address: str, *arguments: int | float | str) -> tuple[object, ...]:
            while True:  # until it listens
                assert time.monotonic() < deadline
                assert process.poll() is None
                try:
                    surface.send(encode(address, *arguments))
                    while (reply := decode(surface.recv(65_536))[0]).address == "/error":
                        refused.append(reply.arguments[0])
                    return reply.arguments
                except OSError:
                    time.sleep(0.1)

        stack.callback(process.kill)  # or a failure would wait for it for ever
        assert answer("/sync", 7) == (7,)
        turns = {"/mix": 0.25, "/texture": "laser", "/quality": "HiFi", "/mixx": 7.0, "/scene/store": "one"}
        for address, argument in turns.items():
            surface.send(encode(address, argument))
        status = answer("/status")
        assert dict(zip(status[::2], status[1::2], strict=True))["device"] == "null"
        assert answer("/scene/list") == ("one",)
        assert refused == ["/mixx"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    played = {
        change.address: change.value for change in automation.read(log).events if isinstance(change, automation.Change)
    }
    assert (played["/mix/amount"], played["/texture/laser"], played["/texture/water"]) == (0.25, 1, 0)
    assert played["/texture/quality"] == 2


def test_the_null_clock_keeps_time_and_goes_round_its_loop() -> None:
    from support.card import scale

    graph = scale()
    loop = np.random.default_rng(0).uniform(-1, 1, (1000, 2)).astype(np.float32)
    began = time.monotonic()
    clock = NullClock(graph.callback.address, graph.memory.ctypes.data, (2, 2), 64, 48_000, loop)
    while graph.memory["clock"][0] < 12_000 and time.monotonic() < began + 60:
        time.sleep(0.01)
    took = time.monotonic() - began
    clock.stop()
    played = int(graph.memory["clock"][0])
    assert 12_000 <= played <= 48_000 * took + 4 * 64, "never faster than time"
    assert np.array_equal(graph.state("tone")["last"], loop[(played - 1) % 1000])


def test_the_status_line_shows_what_matters() -> None:
    status = {
        "peak_in": [-30.0, -12.6], "peak_out": [-0.6, -3.2], "load": 0.05, "load_worst": 0.31, "late": 64, "xruns": 2,
        "latency": 2400, "device_latency": (0.002, 0.003), "device_latency_measured": None,
        "sample_rate": 48_000.0, "device": "UMC204", "bypass": True,
    }  # fmt: skip
    text = line(status)
    for part in (
        "  -13  ",
        "   -1  ",
        "load 5% (31%)",
        "late 64",
        "xruns 2",
        "50.0+5.0 ms",
        "bypass",
        "UMC204 48000 Hz",
    ):
        assert part in text.plain
    assert text.plain.index("bypass") <= 80
    assert "50.0+12.5 ms" in line(status | {"device_latency_measured": 0.0125}).plain
    assert bar([-60.0, -90.0]) == " " * WIDTH
    assert bar([0.0]) == "█" * WIDTH
    assert bar([-30.0]) == "█" * (WIDTH // 2) + " " * (WIDTH // 2)


def test_a_performance_is_rendered_from_its_log_to_the_same_samples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way: played live with threads and OSC, models swapped, then `python -m offline render --automation`."""
    models = tmp_path / "models"
    models.mkdir()
    shutil.copy(small_model(), models / "small.onnx")
    take, log, presets = tmp_path / "take.wav", tmp_path / "take.log", tmp_path / "scenes"

    setup = Setup(RATE, headroom=RATE)  # a second of patience: it is about bits, not about time
    instrument = Instrument((find("texture"),), setup, {"model": models, "clip": tmp_path})
    source = np.random.default_rng(0).uniform(-0.2, 0.2, (RATE, 2)).astype(np.float32)
    with Engine(
        instrument.graph(),
        sink="null",
        block_size=2048,
        loop=source,
        record=take,
        log=log,
        presets=presets,
        instrument=instrument,
    ) as engine:
        server = Server(engine)
        send(server, "/scene/store", "start")
        for words in (
            ("/mix", 0.3),
            ("/texture", "laser"),
            ("/model/load", "small"),
            ("/bypass", 1),
            ("/bypass", 0),
            ("/texture/strength", 0.2),
            ("/scene/recall", "start", 0.3),
            ("/panic",),
            ("/quality", "lofi"),
        ):
            assert send(server, *words).heard() == []
            assert server.jobs.wait(60)
            time.sleep(0.3)
        time.sleep(1)
        status = engine.status()
    assert (status["late"], status["unrecorded"]) == (0, 0)
    again = tmp_path / "again.wav"
    words = ["render", tmp_path / "take-dry.wav", again, "--automation", log, "--models", models, "--threads", "1"]
    assert offline([str(word) for word in words]) == 0, capsys.readouterr().err
    assert capsys.readouterr().err == ""
    live, offline_again = (soundfile.read(file, dtype="float32")[0] for file in (take, again))
    assert np.array_equal(offline_again, live)
    assert np.abs(live).max() > 0.05
    kinds = {event.kind for event in automation.read(log).events if isinstance(event, automation.HostEvent)}
    assert kinds == {*automation.HOST_EVENTS}
    (models / "small.onnx").write_bytes(b"another")
    assert offline([*map(str, words), "--force"]) == 2
    assert "is not the small.onnx that was played" in capsys.readouterr().err
    for option in (["--mix", "0.5"], ["--texture", "water"], ["--start", "1"]):
        assert offline([*map(str, words), "--force", *option]) == 2
        assert f"{option[0]} and --automation exclude each other" in capsys.readouterr().err
