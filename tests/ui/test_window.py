"""The window on a host: it shows what there is, plays it, and finds the host again."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot
from support.controls import Controls
from support.windows import Stage, stage
from test_patch_page import tree, turned

from rtengine.block import Parameter
from rtengine.files import folders
from rtengine.osc.commands import COMMANDS, Command
from rtengine.osc.packet import Argument, encode
from ui.host.client import Client
from ui.host.client_host import HERE
from ui.host.namespace import controls as controls_of
from ui.look import words
from ui.textures.tiles import Tile
from ui.window import Window

__all__ = ["stage"]


def test_controls_are_those_of_the_namespace(stage: Stage) -> None:
    shown, given = stage.window.desk.controls, stage.controls.parameters
    assert list(shown) == list(given) == list(stage.window.list.rows)
    for address, parameter in given.items():
        c = shown[address]
        assert (c.low, c.high, c.default) == (parameter.low, parameter.high, parameter.default)
        assert (c.scale, c.doc, c.choices, c.share) == (
            parameter.scale, parameter.doc, parameter.choices, parameter.share,
        )  # fmt: skip
    assert list(stage.window.tiles.tiles) == ["water", "laser", "future"]
    assert [c.name for c in stage.window.morph.shares] == ["water", "laser", "future"]


def test_another_graph_is_shown_as_it_is(stage: Stage) -> None:
    stage.controls.values["/echo/time"] = 20.0
    stage.controls.parameters["/echo/time"] = Parameter(20, 1, 1000, "ms", "log", "between two echoes")
    stage.until(lambda: "/echo/time" in stage.window.list.rows)
    del stage.controls.parameters["/texture/future"]
    stage.until(lambda: list(stage.window.tiles.tiles) == ["water", "laser"])
    assert len(stage.window.morph.corners) == 2


def test_a_mix_of_another_surface_is_on_screen_within_a_tenth_of_a_second(stage: Stage) -> None:
    assert stage.window.mix
    stage.until(lambda: stage.window.desk.values["/mix/amount"] == 1)
    delays = []
    for value in (0.25, 0.5, 0.75, 0.125):
        began = time.monotonic()
        stage.controls["/mix/amount"] = value
        stage.until(lambda value=value: stage.window.mix._value == value)
        delays.append(time.monotonic() - began)
    assert np.median(delays) < 0.1  # feedback comes 30 times a second


def test_what_is_turned_reaches_the_host(stage: Stage) -> None:
    window = stage.window
    assert window.mix
    window.mix.move_to(0.3)
    stage.until(lambda: abs(stage.controls["/mix/amount"] - 0.3) < 1e-6)
    stage.qtbot.mouseClick(window.tiles.tiles["laser"], Qt.MouseButton.LeftButton)
    stage.until(lambda: stage.controls["/texture/laser"] == 1 and stage.controls["/texture/water"] == 0)
    stage.qtbot.mouseClick(window.panic, Qt.MouseButton.LeftButton)
    stage.until(lambda: ("panic",) in stage.controls.asked)
    stage.qtbot.mouseClick(window.bypass, Qt.MouseButton.LeftButton)
    stage.until(lambda: ("bypass", True) in stage.controls.asked)


def test_keys_play_everything(stage: Stage) -> None:
    press = stage.qtbot.keyClick
    window = stage.window
    press(window, Qt.Key.Key_2)
    stage.until(lambda: stage.controls["/texture/laser"] == 1)
    press(window, Qt.Key.Key_Comma)
    stage.until(lambda: abs(stage.controls["/mix/amount"] - 0.95) < 1e-6)
    press(window, Qt.Key.Key_Q)
    stage.until(lambda: stage.controls["/texture/quality"] == 2)
    press(window, Qt.Key.Key_Escape)
    stage.until(lambda: ("panic",) in stage.controls.asked)
    press(window, Qt.Key.Key_F1)
    assert window.sheet.isVisible()
    press(window.sheet, Qt.Key.Key_F1)
    assert not window.sheet.isVisible()


def test_a_and_b_keep_two_ways_to_set_everything(stage: Stage) -> None:
    window = stage.window
    assert window.mix
    window.mix.move_to(0.2)
    window.compare.toggle()
    window.mix.move_to(0.9)
    window.compare.toggle()
    assert window.desk.values["/mix/amount"] == pytest.approx(0.2)
    stage.until(lambda: abs(stage.controls["/mix/amount"] - 0.2) < 1e-6)
    window.compare.toggle()
    stage.until(lambda: abs(stage.controls["/mix/amount"] - 0.9) < 1e-6)


def test_a_lost_host_is_shown_and_found_again(stage: Stage) -> None:
    window = stage.window
    stage.end()
    stage.until(lambda: not window.client.is_connected)
    assert window.banner.isVisible()
    assert f"127.0.0.1:{stage.port} is gone. It was not started here" in window.banner.sentence
    of_host = [window.mix, window.tiles, window.live, window.list, window.scenes, window.status, window.panic]
    assert not any(widget.isEnabled() for widget in of_host)
    assert window.log.isEnabled()
    stage.controls["/mix/amount"] = 0.5
    stage.begin()
    stage.until(lambda: window.client.is_connected)
    assert not window.banner.isVisible()
    assert all(widget.isEnabled() for widget in of_host)
    stage.until(lambda: window.desk.values["/mix/amount"] == 0.5)
    assert sum("lost" in line for line in window.log.lines()) == 1


def test_files_are_worked_on_while_there_is_no_host(stage: Stage, tmp_path: Path) -> None:
    window, file = stage.window, tmp_path / "song.wav"
    soundfile.write(file, np.random.default_rng(0).uniform(-0.1, 0.1, (44_100, 2)), 44_100)
    stage.end()
    stage.until(lambda: not window.client.is_connected)
    window.files.open(file)
    assert window.tabs.currentWidget() is window.files
    stage.qtbot.waitUntil(lambda: window.files.song.survey is not None, timeout=100_000)
    assert window.files.start.isEnabled()
    assert not window.files.play.isEnabled(), "that is what a host does"
    stage.begin()
    stage.until(window.files.play.isEnabled)


def test_a_window_that_waits_says_for_whom(qtbot: QtBot, tmp_path: Path) -> None:
    window = Window(Client(HERE, 9), tmp_path / "clips", tmp_path / "songs")
    qtbot.addWidget(window)
    window.client.open()
    assert window.banner.sentence.startswith("No host at 127.0.0.1:9 yet")
    window.is_ours = True
    window.show_absent()
    assert window.banner.sentence.startswith("Waiting for the host")
    window.close()


def test_a_click_and_a_knob_make_a_midi_control(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    learned: list[Argument] = []

    def learn(controls: Controls, arguments: Sequence[Argument]) -> bytes:
        learned.extend(arguments)
        return encode("/learned", str(arguments[0]), 1, 21)

    def known() -> list[Argument]:
        return [part for address in learned for part in (address, 1, 21)]

    monkeypatch.setitem(COMMANDS, "/learn", Command("s", "", learn))
    monkeypatch.setitem(COMMANDS, "/learn/list", Command("I", "", lambda *_: encode("/learn/list.reply", *known())))
    window = stage.window
    stage.until(window.learn.isEnabled)
    stage.qtbot.mouseClick(window.learn, Qt.MouseButton.LeftButton)
    assert window.mix
    before = window.desk.values["/mix/amount"]
    stage.qtbot.mouseClick(window.mix, Qt.MouseButton.LeftButton)
    stage.until(lambda: window.desk.controllers == {"/mix/amount": (1, 21)})
    assert learned == ["/mix/amount"]
    assert window.desk.values["/mix/amount"] == before
    stage.qtbot.mouseClick(window.learn, Qt.MouseButton.LeftButton)
    assert not window.desk.is_learning
    learned.clear()
    window.ask()
    stage.until(lambda: not window.desk.controllers)


@pytest.mark.parametrize(
    "name", ["What's up?: live.wav", "雨声.wav", "é" * 120 + ".wav", ".rain\n.wav", "<" * 200 + ".wav"]
)
def test_whatever_a_sound_is_called_the_host_takes_it(stage: Stage, tmp_path: Path, name: str) -> None:
    sound = tmp_path / name
    sound.write_bytes(b"a sound, as far as anybody looks")
    taken = stage.window.clips.take(sound)
    found = folders.find(stage.window.clips.path, taken, (".wav",), 1 << 20)
    assert found.read_bytes() == sound.read_bytes()
    assert taken == name or not name.isprintable() or set(name) & folders.FORBIDDEN or name.startswith(".")
    assert [f.name for f in stage.window.clips.path.iterdir()] == [taken]


def test_what_cannot_be_copied_is_told_and_leaves_nothing(stage: Stage, tmp_path: Path) -> None:
    told: list[str] = []
    stage.window.clips.failed.connect(told.append)
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "folder.wav").mkdir()
    for name in ("pipe.wav", "folder.wav", "gone.wav"):
        assert stage.window.clips.take(tmp_path / name) == ""
    assert len(told) == 3
    assert all(str(tmp_path) in sentence and "None" not in sentence for sentence in told)
    assert [*stage.window.clips.path.iterdir()] == []


def test_a_tile_is_that_of_its_file(stage: Stage) -> None:
    """Not that of another whose name happens to be the same, and by its own name, whatever its address can say."""
    shares = [turned(f"/texture/{name}", 0, 1) for name in ("water", "water-2", "sound", "kitchen_noise")]
    files = ["", "water.wav", "雨声.wav", "kitchen noise.wav"]
    for node, file in zip(shares, files, strict=True):
        node["TAGS"].append("share")
        node |= {"SOURCE": [file]} if file else {}
    stage.window.clips.path.mkdir()
    for file in files[1:]:
        soundfile.write(stage.window.clips.path / file, np.zeros(10), 8000)
    stage.window.desk.offer(tree(*shares))
    gallery, tiles = stage.window.gallery, stage.window.tiles.tiles
    assert [Path(gallery.source(name)).name for name in tiles] == ["water", *files[1:]]
    assert [words.name(tile.control) for tile in tiles.values()] == ["water", "water-2", "雨声", "kitchen noise"]


def test_a_dropped_sound_becomes_a_texture(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def add(controls: Controls, arguments: Sequence[Argument]) -> None:
        (name,) = arguments
        assert (stage.window.clips.path / str(name)).is_file()
        address = f"/texture/{Path(str(name)).stem}"
        controls.values[address] = 0.0
        controls.parameters[address] = Parameter(0, 0, 1, share=True)

    monkeypatch.setitem(COMMANDS, "/clip/add", Command("s", "", add))
    files = {"rain": stage.window.clips.path / "rain.wav"}
    monkeypatch.setattr(stage.controls, "file_of", files.get, raising=False)
    song = tmp_path / "rain.wav"
    soundfile.write(song, np.random.default_rng(0).uniform(-0.1, 0.1, (8000, 2)), 8000)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(song))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    stage.window.tiles.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, none))
    stage.until(lambda: "rain" in stage.window.tiles.tiles)
    assert len(stage.window.morph.corners) == 4
    tile: Tile = stage.window.tiles.tiles["rain"]
    assert tile.control.source == "rain.wav"
    stage.qtbot.waitUntil(lambda: not tile.picture.isNull(), timeout=30_000)  # made by a process of its own


def test_a_namespace_that_is_none_is_left_out() -> None:
    good = {"FULL_PATH": "/a/b", "TAGS": ["parameter"], "RANGE": [{"MIN": 0, "MAX": 1}], "DEFAULT": [0]}
    bad = [
        {**good, "DEFAULT": [2]},
        {**good, "RANGE": [{"MIN": float("nan"), "MAX": 1}]},
        {**good, "RANGE": "no"},
        {**good, "FULL_PATH": 7},
        {"FULL_PATH": "/x"},
        "nothing",
    ]
    tree = {"FULL_PATH": "/", "CONTENTS": {str(i): node for i, node in enumerate([*bad, good])}}
    assert list(controls_of(tree)) == ["/a/b"]
    deep: dict[str, object] = dict(good)
    for _ in range(1000):
        deep = {"FULL_PATH": "/", "CONTENTS": {"x": deep}}
    assert controls_of(deep) == {}
