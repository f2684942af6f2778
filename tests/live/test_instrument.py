"""Models and sounds exchanged while it plays, asked for over OSC; the graphs here are small stand-ins."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.card import SAMPLE_RATE, steepest, tone
from support.instrument_stage import Shares, Stage
from support.osc_peer import send

from rtengine.graph import Graph
from rtengine.live import host
from rtengine.live.engine import Engine
from rtengine.live.instrument import played_as
from rtengine.osc.server import Server
from rtengine.oscquery.tree import tree


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.wait.set()
    assert stage.server.jobs.wait(10)
    stage.engine.close()


def test_another_model_is_built_beside_and_told(stage: Stage) -> None:
    watcher = send(stage.server, "/notify", 1)
    stage.server.tick()
    assert ("/model", "one") in watcher.heard()
    stage.engine["/texture/scale"] = 0.25
    assert stage.ask("/model/load", "two") == []
    stage.server.tick()
    heard = watcher.heard()
    assert ("/model", "two") in heard
    assert ("/log", "model two loaded") in heard
    assert stage.said == ["model two loaded"]
    assert stage.built[-1][0].name == "two.onnx"
    assert stage.engine["/texture/scale"] == 0.25, "it takes over the values"
    assert int(stage.engine.memory["swaps"][0]) == 1
    stage.ask("/model/load", "one.onnx")
    assert stage.engine.status()["model"] == "one"


def test_a_sound_becomes_a_texture_and_goes_again(stage: Stage) -> None:
    watcher = send(stage.server, "/notify", 1)
    assert stage.ask("/clip/add", "rain on tin.wav") == []
    assert stage.built[-1][1]["rain_on_tin"].name == "rain on tin.wav"
    assert send(stage.server, "/texture/rain_on_tin", 0.5).heard() == []
    stage.play()
    stage.server.tick()
    assert ("/texture/rain_on_tin", 0.5) in watcher.heard()
    assert stage.ask("/clip/list") == [("/clip/list.reply", "rain_on_tin")]
    stage.ask("/clip/add", "glass.wav")
    stage.ask("/clip/add", "rain on tin.wav")
    assert [*stage.built[-1][1]] == ["rain_on_tin", "glass"], "again is anew, for the file may be another"
    assert stage.engine["/texture/rain_on_tin"] == 0.5
    stage.ask("/model/load", "two")
    assert "/texture/glass" in stage.engine.parameters, "sounds outlive the model"
    stage.ask("/clip/remove", "rain_on_tin")
    assert "/texture/rain_on_tin" not in stage.engine.parameters
    assert stage.server.counts["refused"] == 0
    watcher.heard()
    stage.ask("/clip/add", "rain on tin.wav")
    stage.server.tick()
    assert ("/texture/rain_on_tin", 0.0) in watcher.heard(), "a control that comes back is told anew"


def test_changes_of_the_instrument_make_no_click(stage: Stage) -> None:
    stage.play(1)
    y, slope = [stage.card.play(tone(1))], 2 * np.pi * 100 / SAMPLE_RATE * 0.5
    for words in (("/model/load", "two"), ("/clip/add", "glass.wav"), ("/clip/remove", "glass")):
        send(stage.server, *words)
        assert stage.server.jobs.wait(10)
        y.append(stage.card.play(tone(1)))
    assert int(stage.engine.memory["swaps"][0]) == 3
    assert steepest(np.concatenate(y, axis=1)) < slope + 1e-4 + 1 / (host.BLEND * SAMPLE_RATE)


@pytest.mark.parametrize(
    ("address", "arguments", "sentence"),
    [
        ("/model/load", ("gone",), "there is no file gone.onnx in"),
        ("/model/load", ("../models/one",), "'../models/one.onnx' is no file name that ends in .onnx"),
        ("/model/load", ("",), "'.onnx' is no file name"),
        ("/model/load", (1.0,), "this takes one name"),
        ("/model/load", ("bad",), "bad.onnx is not an ONNX model"),
        ("/clip/add", ("/etc/passwd",), "is no file name that ends in .wav"),
        ("/clip/add", ("gone.wav",), "there is no file gone.wav in"),
        ("/clip/remove", ("scale",), "there is no clip 'scale': none was added"),
        ("/input/file", ("gone.wav",), "there is no file gone.wav in"),
        ("/input/seek", (1.0,), "no song is played"),
        ("/input/seek", ("a",), "'a' is no time in seconds"),
        ("/input/loop", (1.0,), "/input/loop takes two times"),
        ("/input/play", (2.0,), "on or off is"),
        ("/scene/recall", ("gone",), "there is no scene gone"),
    ],
)
def test_what_cannot_be_done_is_answered_in_a_sentence(
    stage: Stage, address: str, arguments: tuple[str | float, ...], sentence: str
) -> None:
    graph = stage.engine.graph
    (answer,) = stage.ask(address, *arguments)
    assert answer[0] == "/error"
    assert answer[1] == address
    assert sentence in str(answer[2])
    assert len(str(answer[2])) <= 200
    assert stage.engine.graph is graph
    assert stage.server.counts["refused"] == 1


def test_one_at_a_time_and_meanwhile_everything_else(stage: Stage) -> None:
    stage.wait.clear()
    send(stage.server, "/model/load", "two")
    began = time.monotonic()
    for address, argument in (("/clip/add", "glass.wav"), ("/model/load", "one"), ("/input/file", "song.wav")):
        (answer,) = send(stage.server, address, argument).heard()
        assert answer == ("/error", address, f"{address} has to wait: /model/load is still at work")
    asked = send(stage.server, "/sync", 3)
    stage.play()
    stage.server.run_due()
    assert asked.heard() == [], "the model is not heard yet"
    send(stage.server, "/texture/scale", 0.5)
    assert time.monotonic() - began < 1
    assert stage.engine["/texture/scale"] == 0.5
    stage.wait.set()
    assert stage.server.jobs.wait(10)
    stage.server.run_due()
    assert asked.heard() == []
    stage.play()
    for _ in range(2):
        stage.server.run_due()
        stage.play()
    assert asked.heard() == [("/synced", 3)]
    assert stage.engine.status()["model"] == "two"


def test_a_song_by_osc(stage: Stage) -> None:
    watcher = send(stage.server, "/notify", 1)
    assert stage.ask("/input/list") == [("/input/list.reply", "song.wav")]
    stage.ask("/input/file", "song.wav")
    stage.ask("/input/loop", 0.25, 0.5)
    stage.ask("/input/seek", 0.3)
    stage.ask("/input/play", 0)
    stage.server.tick()
    heard = {address: values for address, *values in watcher.heard()}
    assert heard["/input/file"] == ["song.wav"]
    assert heard["/input/loop"] == [0.25, 0.5]
    assert heard["/input/length"] == [1.0]
    assert heard["/input/play"] == [False]
    assert 0.3 <= heard["/input/position"][0] <= 0.45
    stage.ask("/input/loop")
    stage.ask("/input/file", "")
    stage.server.tick()
    heard = {address: values for address, *values in watcher.heard()}
    assert (heard["/input/file"], heard["/input/length"]) == ([""], [0.0])
    assert stage.server.counts["refused"] == 0


def test_a_file_whose_name_is_taken_is_played_under_the_next(stage: Stage) -> None:
    assert stage.ask("/clip/add", "scale.wav") == []
    assert stage.said == ["clip scale.wav loaded as scale-2, for scale is another"]
    assert "/texture/scale-2" in stage.engine.parameters
    stage.ask("/clip/add", "scale.wav")
    assert [*stage.built[-1][1]] == ["scale-2"]


def test_links_are_refused(stage: Stage, tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    (clips / "link.wav").symlink_to(clips / "glass.wav")
    (tmp_path / "models" / "link.onnx").symlink_to(tmp_path / "models" / "one.onnx")
    for words in (("/clip/add", "link.wav"), ("/model/load", "link")):
        assert "there is no file link" in str(stage.ask(*words)[0][2])
    assert "link.wav" not in stage.ask("/clip/files")[0]


def test_an_engine_of_a_graph_built_by_hand_says_so(tmp_path: Path) -> None:
    server = Server(Engine(Graph(SAMPLE_RATE, 2, texture=Shares({}))))
    peer = send(server, "/model/load", "one")
    assert server.jobs.wait(10)
    assert peer.heard() == [("/error", "/model/load", "there is nothing at /model/load")]


def test_names_of_textures_are_addresses() -> None:
    names = ["Rain.wav", "x" * 50 + ".wav", "#1{2}.wav", "a - b.wav"]
    assert [played_as(Path(name)) for name in names] == ["Rain", "x" * 32, "1_2", "a_-_b"]


def test_a_sound_of_any_name_becomes_a_texture_beside_the_others(stage: Stage) -> None:
    files = {
        "sound": "雨声.wav",
        "sound-2": "äö.wav",
        "rain_on_tin": "rain on tin.wav",
        "rain_on_tin-2": "rain_on_tin.wav",
    }
    for file in (*files.values(), "äö.wav"):  # the last one again: in its own place
        assert stage.ask("/clip/add", file) == []
    assert {name: path.name for name, path in stage.built[-1][1].items()} == files
    assert stage.said == [
        "clip 雨声.wav loaded as sound",
        "clip äö.wav loaded as sound-2, for sound is another",
        "clip rain on tin.wav loaded",
        "clip rain_on_tin.wav loaded as rain_on_tin-2, for rain_on_tin is another",
        "clip äö.wav loaded as sound-2, for sound is another",
    ]
    told = {name: tree(stage.engine)["CONTENTS"]["texture"]["CONTENTS"][name]["SOURCE"] for name in files}
    assert told == {name: [file] for name, file in files.items()}, "so that a surface can call it by its file"
