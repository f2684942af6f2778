"""Listening closer to a sound that is played: asked for over OSC, in a process that is a stand-in, and once not."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.card import steepest, tone
from support.instrument_stage import SAMPLE_RATE, Stage
from support.osc_peer import send

from rtengine.live import closer, host
from rtengine.live.instrument import Instrument
from rtengine.live.news import News
from rtengine.models.exemplars import exemplar
from rtengine.models.texture import heard
from rtengine.models.texture.model import SHIPPED, load_model
from rtengine.patches import chain
from rtengine.patches.patch import Setup

AT_WORK = "glass is being listened to"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))  # where the stand-in is
    monkeypatch.setenv("LISTENING", "whole")
    stage = Stage(tmp_path)
    yield stage
    stage.engine.close()


def ended(stage: Stage, until: Callable[[], bool] = lambda: False) -> None:
    """Play until the process and what follows from it are over, or until something else is so."""
    end = time.monotonic() + 30
    while stage.engine.closer.now.name and not until():
        assert time.monotonic() < end
        stage.play()
        time.sleep(0.01)
    stage.play()


def told(stage: Stage, peer: object) -> list[tuple[object, ...]]:
    stage.server.tick()
    return peer.heard()  # type: ignore[attr-defined,no-any-return]


def test_a_sound_is_listened_to_and_exchanged(stage: Stage, tmp_path: Path) -> None:
    for name in ("glass.wav", "rain on tin.wav"):
        stage.ask("/clip/add", name)
    stage.ask("/texture/glass", 0.7)
    watcher = send(stage.server, "/notify", 1)
    assert stage.ask("/clip/closer", "glass") == []
    assert "listening closer to glass, about half a minute" in stage.said
    ended(stage)
    new = tmp_path / "clips" / "glass-closer.texture"
    assert new.read_text() == f"{tmp_path / 'clips' / 'glass.wav'} {tmp_path / 'models' / 'one.onnx'}"
    assert stage.built[-1][1] == {"glass": new, "rain_on_tin": tmp_path / "clips" / "rain on tin.wav"}
    assert [*stage.built[-1][1]] == ["glass", "rain_on_tin"], "a tile stays where it is"
    assert stage.engine["/texture/glass"] == pytest.approx(0.7), "the knobs stay where they are"
    sentence = "glass was listened to closely, 0.41 near at once and 0.57 now; it is kept as glass-closer.texture"
    assert ("/log", sentence) in told(stage, watcher)
    assert stage.said[-1] == sentence
    assert stage.ask("/clip/closer/list") == [("/clip/closer/list.reply", "glass")]
    assert stage.engine.kept().files["clip"]["glass"] == str(new), "the next start plays it"
    assert stage.engine.instrument
    assert stage.engine.instrument.about()["files"]["clip"]["glass"][0] == "glass-closer.texture", "so does a replay"
    (refused,) = stage.ask("/clip/closer", "glass")
    assert refused == (
        "/error",
        "/clip/closer",
        "glass was listened to closely already; add its sound again to begin anew",
    )
    stage.ask("/clip/add", "glass.wav")
    assert stage.built[-1][1]["glass"].name == "glass.wav", "in its own place"
    stage.ask("/clip/closer")
    ended(stage)
    assert (tmp_path / "clips" / "rain on tin-closer.texture").exists(), "the last that was added"


def test_a_sound_keeps_its_name_in_any_letters(stage: Stage) -> None:
    stage.ask("/clip/add", "雨声.wav")
    stage.ask("/clip/closer", "sound")
    ended(stage)
    stage.ask("/clip/add", "äö.wav")
    files = {"sound": "雨声-closer.texture", "sound-2": "äö.wav"}
    assert {name: file.name for name, file in stage.built[-1][1].items()} == files


def test_no_file_is_overwritten(stage: Stage, tmp_path: Path) -> None:
    taken = tmp_path / "clips" / "glass-closer.texture"
    taken.write_text("of yesterday")
    stage.ask("/clip/add", "glass.wav")
    stage.ask("/clip/closer")
    ended(stage)
    assert taken.read_text() == "of yesterday"
    assert stage.built[-1][1]["glass"].name == "glass-closer-2.texture"
    stage.ask("/clip/add", "glass.wav")
    stage.ask("/clip/closer")
    ended(stage)
    assert stage.built[-1][1]["glass"].name == "glass-closer-2.texture", "the same once more is no other file"


def test_it_makes_no_click_and_no_gap(stage: Stage) -> None:
    stage.ask("/clip/add", "glass.wav")
    stage.play(1)
    swaps, y = int(stage.engine.memory["swaps"][0]), []
    stage.ask("/clip/closer")
    end = time.monotonic() + 30
    while stage.engine.closer.now.name:
        assert time.monotonic() < end
        y.append(stage.card.play(tone(0.1)))
        time.sleep(0.005)
    y.append(stage.card.play(tone(1)))
    assert int(stage.engine.memory["swaps"][0]) == swaps + 1
    heard_now, slope = np.concatenate(y, axis=1), 2 * np.pi * 100 / SAMPLE_RATE * 0.5
    assert steepest(heard_now) < slope + 1e-4 + 1 / (host.BLEND * SAMPLE_RATE)
    longest = int(np.abs(np.diff(np.flatnonzero(np.abs(heard_now[0]) > 0.01))).max())
    assert longest < SAMPLE_RATE / 200, "half a period of the tone is 5 ms"


def test_how_far_it_is_and_that_it_can_be_stopped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LISTENING", "waits")
    stage.ask("/clip/add", "glass.wav")
    watcher = send(stage.server, "/notify", 1)
    assert ("/clip/closer/progress", "", 0.0, -1.0) in told(stage, watcher)
    stage.ask("/clip/closer")
    assert ("/clip/closer/progress", "glass", 0.0, -1.0) in told(stage, watcher)
    ended(stage, until=lambda: stage.engine.closer.now.done == 0.5)
    (progress,) = [heard for heard in told(stage, watcher) if heard[0] == "/clip/closer/progress"]
    assert progress[1:3] == ("glass", 0.5)
    assert 0 < float(str(progress[3])) < 30
    (refused,) = stage.ask("/clip/closer")
    assert str(refused[2]).startswith(f"{AT_WORK}, ")
    assert str(refused[2]).endswith(" s left: wait for that, or stop it")
    assert stage.ask("/clip/add", "rain on tin.wav") == [], "everything else goes on meanwhile"
    assert stage.ask("/clip/closer/stop") == []
    ended(stage)
    heard_last = told(stage, watcher)
    assert ("/clip/closer/progress", "", 0.0, -1.0) in heard_last
    assert ("/log", "glass is no longer listened to") in heard_last
    assert not [*(tmp_path / "clips").glob("*.texture")]
    (refused,) = stage.ask("/clip/closer/stop")
    assert refused == ("/error", "/clip/closer/stop", "nothing is being listened to")


def test_it_can_be_stopped_in_the_middle_of_its_answer(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTENING", "half")
    stage.ask("/clip/add", "glass.wav")
    stage.ask("/clip/closer")
    ended(stage, until=lambda: stage.engine.closer.now.done == 0.5)
    time.sleep(0.3)  # until the half of it has come
    stage.ask("/clip/closer/stop")
    ended(stage)
    assert stage.said[-1] == "glass is no longer listened to"


def test_a_graph_that_cannot_be_built_of_it_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.ask("/clip/add", "glass.wav")
    graph = stage.engine.graph

    def refuse(*_: object) -> None:
        raise KeyError("/texture/strength is none of these")

    monkeypatch.setattr(stage, "build", refuse)
    stage.ask("/clip/closer")
    ended(stage)
    why = "/texture/strength is none of these; it is kept as glass-closer.texture"
    assert stage.said[-1] == f"glass could not be listened to closely: {why}"
    assert stage.engine.graph is graph


@pytest.mark.parametrize(
    ("does", "sentence"),
    [
        (
            "error:torch is missing: training needs pip install 'rtengine[train]'",
            "torch is missing: training needs pip",
        ),
        ("error:glass.wav is silent", "glass.wav is silent"),
        ("dies", "its process was ended from outside"),
        ("nothing", "its process ended without a word"),
    ],
)
def test_what_fails_is_told_in_a_sentence_and_the_old_sound_plays_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, does: str, sentence: str
) -> None:
    monkeypatch.setenv("LISTENING", does)
    stage.ask("/clip/add", "glass.wav")
    graph, watcher = stage.engine.graph, send(stage.server, "/notify", 1)
    stage.ask("/clip/closer")
    ended(stage)
    (answer,) = [heard for heard in told(stage, watcher) if heard[0] == "/error"]
    assert answer[1] == "/clip/closer"
    assert str(answer[2]).startswith(f"glass could not be listened to closely: {sentence}")
    assert stage.said[-1] == answer[2]
    assert stage.engine.graph is graph
    assert not [*(tmp_path / "clips").glob("*.texture")]


def test_a_folder_that_cannot_be_written_to_is_told(stage: Stage, tmp_path: Path) -> None:
    stage.ask("/clip/add", "glass.wav")
    assert stage.engine.instrument
    folder = tmp_path / "clips" / "glass.wav" / "no folder"
    what = closer.wish(stage.engine.instrument, "clip", "")._replace(folder=folder)
    stage.engine.closer.start(what)
    ended(stage)
    assert stage.said[-1].startswith("glass could not be listened to closely: ")
    assert "glass-closer.texture cannot be written: " in stage.said[-1]


def test_there_must_be_a_sound_of_that_name(stage: Stage) -> None:
    (refused,) = stage.ask("/clip/closer")
    assert refused == ("/error", "/clip/closer", "there is no clip to listen to: add one first")
    stage.ask("/clip/add", "glass.wav")
    (refused,) = stage.ask("/clip/closer", "water")
    assert refused == ("/error", "/clip/closer", "there is no clip 'water': glass")


@pytest.mark.parametrize("meanwhile", [("/clip/remove", "glass"), ("/model/load", "two")])
def test_what_is_not_played_any_more_is_kept_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, meanwhile: tuple[str, str]
) -> None:
    monkeypatch.setenv("LISTENING", "waits")
    stage.ask("/clip/add", "glass.wav")
    stage.ask("/clip/closer")
    ended(stage, until=lambda: stage.engine.closer.now.done == 0.5)
    stage.ask(*meanwhile)
    graph = stage.engine.graph
    process = stage.engine.closer._process
    assert process
    assert process.stdin
    process.stdin.close()  # upon which it ends, as if it had found something
    ended(stage)
    assert stage.engine.graph is graph
    assert "it is kept as glass-closer.texture, and not played, for what plays is another now" in stage.said[-1]
    assert (tmp_path / "clips" / "glass-closer.texture").exists()


def test_the_host_ends_it_with_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTENING", "waits")
    stage.ask("/clip/add", "glass.wav")
    stage.ask("/clip/closer")
    ended(stage, until=lambda: stage.engine.closer.now.done == 0.5)
    process = stage.engine.closer._process
    assert process
    stage.engine.close()
    assert process.returncode == -9


def test_a_real_sound_comes_nearer_and_the_network_stays(tmp_path: Path) -> None:
    """By the process itself; half a minute."""
    folder = tmp_path / "clips"
    folder.mkdir()
    soundfile.write(folder / "night.wav", exemplar("insects", 5, 44_100, 3), 44_100)
    setup = Setup(44_100, files={"clip": {"night": folder / "night.wav"}})
    instrument = Instrument(chain.chained("texture"), setup, {"clip": folder})
    said: list[str] = []
    done: list[Path] = []

    def play(what: closer.Wish, file: Path) -> str:
        assert what.stands(instrument)
        done.append(file)
        return "played"

    listening = closer.Listening(play, News(said.append))
    listening.start(closer.wish(instrument, "clip", "night"))
    listening._thread.join(280)
    assert not listening.now.name, said
    words = said[0].removeprefix("night was listened to closely, ").split()
    assert words[1:5] == ["near", "at", "once", "and"], said
    assert float(words[5]) >= float(words[0]) > 0, "what came nearest is kept"
    assert said[0].endswith("now; played")
    (file,) = done
    model, found = load_model(SHIPPED), heard.read(file)
    assert found.sound == "night.wav"
    assert heard.texture(model, file).embedding == found.closer != found.at_once
    other = replace(model, weights=None)
    at_once, plain = heard.texture(other, file), heard.texture(model, folder / "night.wav")
    assert np.allclose(at_once.embedding, plain.embedding, atol=1e-6), "another network is told what was measured"
    with replace(instrument, setup=setup.with_file("clip", "night", file, True)).graph() as graph:
        assert "/texture/night" in graph.parameters
