"""What a newcomer meets: three ways to hear something, a place to drop files, a button to record, a way out of each."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from support.pixels import pixels
from support.windows import Stage, stage

from ui import needs
from ui.demo import Demo
from ui.parts.record import clock, hours
from ui.textures.blend import heard, picture

__all__ = ["stage"]

SMALLEST = 1280 - 2, 720 - 62  # pixels within a frame and a panel of such a screen


def test_it_fits_a_small_screen_and_grows_with_a_large_one(stage: Stage) -> None:
    window = stage.window
    window.resize(*SMALLEST)
    assert (window.width(), window.height()) == SMALLEST
    window.show_banner("no sentence may be as long as this one " * 9)
    stage.qtbot.wait(50)
    assert window.width() == SMALLEST[0]
    assert window.height() == SMALLEST[1]
    assert window.banner.text().endswith("…")
    window.show_device_lost(True, "USB")
    window.show_banner("Making the demo music", mild=True)
    window.show_banner("")
    assert "USB" in window.banner.sentence, "what is still wrong is said again"
    window.show_device_lost(False, "USB")
    assert not window.banner.isVisible()
    tile, pad = window.tiles.tiles["water"].height(), window.morph.height()
    window.resize(1920, 1040)
    stage.qtbot.wait(50)
    assert window.tiles.tiles["water"].height() >= 1.4 * tile
    assert window.morph.height() >= 1.5 * pad


def test_the_three_ways(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    window, went = stage.window, []
    window.greet(muted=True)
    assert window.welcome.isVisible()
    assert window.welcome.muted.isVisible()
    monkeypatch.setattr(window._demo, "start", lambda module, arguments: went.append((module, *arguments)))
    stage.qtbot.mouseClick(window.welcome.buttons[0], Qt.MouseButton.LeftButton)
    assert went == [("ui.demo_music", str(window.songs.path / "demo.wav"))]
    assert not window.welcome.isVisible()
    window.greet(muted=True)
    said: list[object] = []
    window.unmuted.connect(lambda: said.append("unmuted"))
    window.desk.ask.connect(lambda address, arguments: said.append((address, arguments)))
    stage.qtbot.mouseClick(window.welcome.unmute, Qt.MouseButton.LeftButton)
    assert said == [("/device/select", ("", "")), "unmuted"]


def test_escape_closes_what_is_on_top_and_then_it_is_silence(stage: Stage) -> None:
    window, press = stage.window, stage.qtbot.keyClick
    window.greet(muted=False)
    window.sheet.toggle()
    window.desk.learn(True)
    window.scenes.name.setFocus()
    for closed in (
        lambda: not window.sheet.isVisible(),
        lambda: not window.welcome.isVisible(),
        lambda: not window.desk.is_learning,
        lambda: not window.scenes.name.hasFocus(),
    ):
        assert not closed()
        press(window, Qt.Key.Key_Escape)
        assert closed()
    stage.qtbot.wait(50)
    assert ("panic",) not in stage.controls.asked
    press(window, Qt.Key.Key_Escape)
    stage.until(lambda: ("panic",) in stage.controls.asked)


def test_where_a_file_may_be_dropped_lights_up(stage: Stage, tmp_path: Path) -> None:
    window, data = stage.window, QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "song.wav"))])
    action, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    tiles, songs = (window.veils.veils[place] for place in (window.tiles, window.tabs))
    window.veils.eventFilter(window.tiles, QDragEnterEvent(QPoint(5, 5), action, data, left, none))
    assert tiles.isVisible()
    assert songs.isVisible()
    assert (tiles.property("near"), songs.property("near")) == (True, False)
    lit = pixels(window.tiles)
    opened: list[Path] = []
    window.files.open = opened.append  # type: ignore[method-assign]
    window.dropEvent(QDropEvent(QPointF(5, 5), action, data, left, none))
    assert opened == [tmp_path / "song.wav"]
    window.veils.eventFilter(window, QDropEvent(QPointF(5, 5), action, data, left, none))
    stage.until(lambda: not tiles.isVisible() and not songs.isVisible())
    assert (pixels(window.tiles) != lit).mean() > 0.02


def test_the_record_button_says_how_long_and_for_how_long(stage: Stage) -> None:
    record, went = stage.window.record, []
    record.desk.ask.connect(lambda address, arguments: went.append((address, arguments)))
    record.show_status({"recording": "", "recorded": 0.0, "room": 18_000.0})
    assert record.isEnabled()
    assert "5 h left" in record.toolTip()
    stage.qtbot.mouseClick(record, Qt.MouseButton.LeftButton)
    assert went[0] == ("/record/start", ("",))
    assert not record.isChecked(), "the host has not said so yet"
    record.show_status({"recording": "x", "recorded": 760.0, "room": 600.0})
    assert record.isChecked()
    assert record.text() == "● 12:40 · 10 min left"
    stage.qtbot.mouseClick(record, Qt.MouseButton.LeftButton)
    assert went[2] == ("/record/stop", ())
    record.show_status({})
    assert not record.isEnabled()


def test_times_as_people_say_them() -> None:
    assert [clock(s) for s in (7, 760, 3723)] == ["0:07", "12:40", "1:02:03"]
    assert [hours(s) for s in (40, 720, 18_000)] == ["40 s", "12 min", "5 h"]


def test_learn_is_dark_without_midi(stage: Stage) -> None:
    window = stage.window
    window.show_status("midi", False)
    assert not window.learn.isEnabled()
    window.show_status("midi", True)
    assert window.learn.isEnabled()


def test_nothing_old_is_shown_of_a_host_that_is_lost(stage: Stage) -> None:
    window = stage.window
    levels = -12.0, -12.0, -3.0, -9.0, -3.0, -3.0, -9.0, -3.0
    spectrum, waveform = bytes([200] * 128 * 30), bytes([256 - 90, 90] * 2 * 30)
    for feed in (window.meters.feed_output, window.spectrograms.feed_output, window.waveform.feed_output):
        feed(0, spectrum, waveform, *levels)
    window.load.feed(1, 2, 3)
    window.status.show_xruns(7)
    window.record.show_status({"recording": "x", "recorded": 1.0, "room": 9.0})
    full = [pixels(view) for view in (window.meters, window.spectrograms, window.waveform)]
    window.show_connected(False)
    empty = [pixels(view) for view in (window.meters, window.spectrograms, window.waveform)]
    for before, after in zip(full, empty, strict=True):
        assert (before.max(axis=2) > 120).mean() > (after.max(axis=2) > 120).mean() + 0.01, "light went out"
    assert window.meters.output.channels == []
    assert window.load.words() == ("–", "–")
    assert window.status._values["xruns"].text() == "–"
    assert not window.record.isEnabled()


def test_the_picture_beside_the_spectra_is_of_all_that_is_heard() -> None:
    assert heard({"a": 0.0, "b": 0.0}) == []
    assert heard({"a": 0.6, "b": 0.0, "c": 0.2}) == [("a", pytest.approx(0.75)), ("c", pytest.approx(0.25))]
    assert len(heard(dict.fromkeys("abcdefgh", 0.5))) == 3
    red, green = (QImage(320, 200, QImage.Format.Format_RGB32) for _ in range(2))
    red.fill(QColor("#ff0000"))
    green.fill(QColor("#00ff00"))
    assert picture([(red, 1.0)]) == red
    both = picture([(red, 0.8), (green, 0.4), (QImage(), 0.1)]).pixelColor(9, 9)
    assert both.red() > 240
    assert 100 < both.green() < 150


def test_the_picture_follows_what_is_chosen(stage: Stage) -> None:
    window, shown = stage.window, stage.window.spectrograms
    for name, share in (("water", 0.0), ("laser", 1.0), ("future", 0.0)):
        stage.controls[f"/texture/{name}"] = share
    stage.until(lambda: shown._texture_name == "laser")
    window.morph.move_to((0.5, 0.5))
    stage.until(lambda: shown._texture_name.count("\n") == 2)
    assert "laser 2" in shown._texture_name


def test_what_qt_lacks_is_named_with_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> None:
        if name in ("libxcb-icccm.so.4", "libxcb-keysyms.so.1"):
            raise OSError

    assert needs.lacking(needs.X11, load) == ["libxcb-icccm4", "libxcb-keysyms1"]
    monkeypatch.setattr(needs, "lacking", lambda libraries: ["libxcb-icccm4"] if "libX11-xcb.so.1" in libraries else [])
    with pytest.raises(OSError, match="apt install libxcb-icccm4"):
        needs.check(False, {"DISPLAY": ":0"}, "linux")
    needs.check(False, {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, "linux")
    needs.check(True, {}, "linux")
    with pytest.raises(OSError, match="there is no screen"):
        needs.check(False, {}, "linux")
    needs.check(False, {}, "darwin")


def test_the_demo_music_is_made_into_the_songs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui import demo_music

    (tmp_path / "cached.wav").write_bytes(b"sound")
    monkeypatch.setattr(demo_music, "music", lambda: tmp_path / "cached.wav")
    assert demo_music.main([str(tmp_path / "songs" / "demo.wav")]) == 0
    assert (tmp_path / "songs" / "demo.wav").read_bytes() == b"sound"
    assert demo_music.main(["/proc/none/demo.wav"]) == 2


def test_only_a_newcomer_is_muted() -> None:
    code = "import sys, json; from ui import app; from ui.arguments import parse; import PySide6.QtCore as q;"
    code += "app.QSettings = lambda *names: q.QSettings(sys.argv[1], q.QSettings.Format.IniFormat);"
    code += "print(json.dumps([app.is_muted(parse(a)) for a in json.loads(sys.argv[2])]))"
    cases = [
        [],
        ["--", "--mix", "1"],
        ["--", "--device", "null"],
        ["--", "--input=x"],
        ["--demo"],
        ["--connect", "a:1"],
    ]
    done = subprocess.run(
        [sys.executable, "-c", code, "/tmp/none/settings.ini", json.dumps(cases)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert json.loads(done.stdout) == [True, True, False, False, False, False]


def test_the_demo_renders_and_does_not_give_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The button that renders is the one that gives up: it is left alone meanwhile."""
    demo, files, went = Demo("rendering"), stage.window.files, []
    demo.window = stage.window
    monkeypatch.setattr(type(files), "is_rendering", property(lambda self: bool(went)))
    monkeypatch.setattr(files, "render_range", lambda: went.append(files.quality.currentData()))
    monkeypatch.setattr(files, "cancel", lambda: went.append("given up"))
    files.start.setEnabled(True)
    for _ in range(3):
        demo._render()
    demo.close()
    assert went == ["lofi"]
