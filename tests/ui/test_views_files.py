import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from support.needs import portaudio
from support.pixels import pixels, rgb, share

from ui.look import theme
from ui.textures import audition
from ui.views.files import Files
from ui.views.job import UNTOLD, Job, sentence
from ui.views.plot import Plot, clock
from ui.views.song import SHORTEST, Song
from ui.views.spectrogram import LEFT
from ui.views.still import Still
from ui.views.survey import Survey, load

ROOT = Path(__file__).parents[2]
RATE = 44_100  # Hz
PATIENCE = 100_000  # milliseconds: kernels may have to be compiled


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Three seconds: silence, a tone of 440 Hz, noise."""
    file, n = tmp_path / "song.wav", np.arange(RATE)
    parts = [
        np.zeros(RATE),
        0.5 * np.sin(2 * np.pi * 440 * n / RATE),
        np.random.default_rng(0).uniform(-0.5, 0.5, RATE),
    ]
    soundfile.write(file, np.tile(np.concatenate(parts)[:, None], (1, 2)), RATE)
    return file


@pytest.fixture
def files(qtbot: QtBot) -> Iterator[Files]:
    view = Files()
    qtbot.addWidget(view)
    view.resize(620, 460)
    view.show()
    view.show_textures(["water", "laser", "future"])
    view.show_host(True)
    yield view
    view.close_all()


@pytest.fixture
def opened(qtbot: QtBot, files: Files, song: Path) -> Files:
    files.open(song)
    qtbot.waitUntil(lambda: files.song.survey is not None, timeout=PATIENCE)
    return files


def area(view: Plot) -> QRectF:
    """Where the sound is shown."""
    return view.view.mapRectToScene(view.view.rect())


def x_of(view: Plot, seconds: float) -> int:
    """Seconds as pixels."""
    return round(view.view.mapViewToScene(QPointF(seconds, 0)).x())


def choose(files: Files, texture: str, quality: str = "lofi") -> None:
    files.texture.setCurrentIndex(files.texture.findData(texture))
    files.quality.setCurrentIndex(files.quality.findData(quality))


def test_a_song_that_is_dropped_is_looked_at(qtbot: QtBot, files: Files, song: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(song))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    files.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, buttons, keys))
    assert files.file == song
    qtbot.waitUntil(lambda: files.song.survey is not None, timeout=PATIENCE)
    assert files.song.seconds == pytest.approx(3, abs=1e-6)
    assert (files.song.begin, files.song.end) == (0, files.song.seconds)
    shown = pixels(files.before, area(files.before)).sum(axis=2)
    third = shown.shape[1] // 3
    assert shown[30:, 10 : third - 20].max() < 120, "silence is dark"
    tone = shown[:, third + 20 : 2 * third - 20].mean(axis=1)
    expected = (1 - np.log(440 / 30) / np.log(20_000 / 30)) * len(tone)
    assert tone.argmax() == pytest.approx(expected, abs=4)
    assert shown[20:60, 2 * third + 20 :].mean() > 300, "noise is bright in the treble"


def test_a_stretch_is_rendered_and_again_with_another_texture(qtbot: QtBot, opened: Files, song: Path) -> None:
    opened.song.select(0.5, 2.5)
    busy: list[bool] = []
    opened.busy.connect(busy.append)
    looks: list[str] = []
    opened._look.progress.connect(lambda share: looks.append("again"))
    for number, texture in enumerate(("water", "laser"), 1):
        choose(opened, texture)
        QTest.mouseClick(opened.start, Qt.MouseButton.LeftButton)
        assert busy[-1]
        qtbot.waitUntil(lambda n=number: len(opened.results) == n, timeout=PATIENCE)
        assert not busy[-1]
    assert not looks, "the song is not read again to be looked at"
    water, laser = (soundfile.read(result.file)[0] for result in opened.results)
    assert len(water) == len(laser) == 2 * RATE
    assert np.abs(water - laser).max() > 0.01
    assert opened.results[1].name == "laser · lofi"
    assert opened.results[0].after.seconds == pytest.approx(2)
    assert pixels(opened.after, area(opened.after)).max() > 150
    command = [sys.executable, "-m", "offline", "render", str(song), str(song.with_name("other.wav"))]
    command += ["-t", "water", "-q", "lofi", "--start", "0.5", "--duration", "2"]
    subprocess.run(command, cwd=ROOT, check=True)
    assert np.array_equal(soundfile.read(song.with_name("other.wav"))[0], water), "as the command line does it"


def test_the_blend_that_is_played_is_rendered(qtbot: QtBot, opened: Files) -> None:
    opened.show_blend({"water": 0.75, "laser": 0.25, "future": 0.0})
    opened.show_mix(0.0)
    opened.quality.setCurrentIndex(0)
    opened.render_range()
    qtbot.waitUntil(lambda: bool(opened.results), timeout=PATIENCE)
    assert opened.results[0].name == "water+laser · lofi"
    wet, dry = soundfile.read(opened.results[0].file)[0], soundfile.read(opened.file)[0]
    tone = slice(0, round(1.95 * RATE))  # what follows is too loud for the limiter
    assert np.abs(wet - dry)[tone].max() < 1e-4, "at a mix of 0 it is the song itself"


def test_a_render_can_be_given_up(qtbot: QtBot, opened: Files) -> None:
    choose(opened, "water", "hifi")
    opened.render_range()
    assert opened.start.text() == "Cancel"
    QTest.mouseClick(opened.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not opened._render.is_running, timeout=20_000)
    assert not opened.results
    assert opened.message.text() == "Given up"
    assert opened.start.text() == "Render"
    assert not [f for f in Path(opened._folder.name).iterdir() if f.suffix in (".wav", ".part")], "nothing half written"


def test_a_result_is_kept_in_the_format_of_its_name(qtbot: QtBot, opened: Files, tmp_path: Path) -> None:
    choose(opened, "water")
    opened.render_range()
    qtbot.waitUntil(lambda: bool(opened.results), timeout=PATIENCE)
    opened.save_as(tmp_path / "kept.flac")
    qtbot.waitUntil(lambda: "Saved" in opened.message.text(), timeout=PATIENCE)
    kept, made = soundfile.read(tmp_path / "kept.flac")[0], soundfile.read(opened.results[0].file)[0]
    assert np.array_equal(kept, made), "24 bits in both"
    opened.save_as(tmp_path / "kept.xyz")
    qtbot.waitUntil(lambda: ".xyz" in opened.message.text(), timeout=PATIENCE)
    heard: list[Path] = []
    opened.heard.connect(heard.append)
    opened.hear.click()
    assert heard == [opened.results[0].file]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"no sound at all " * 100, "is no sound file"), (None, "does not exist")],
)
def test_what_is_no_song_is_refused_in_a_sentence(
    qtbot: QtBot, files: Files, tmp_path: Path, content: bytes | None, words: str
) -> None:
    file = tmp_path / "broken.wav"
    if content is not None:
        file.write_bytes(content)
    files.open(file)
    qtbot.waitUntil(lambda: bool(files.message.text()), timeout=PATIENCE)
    assert words in files.message.text()
    assert "\n" not in files.message.text()
    assert files.song.survey is None
    assert not files.start.isEnabled()


def test_of_a_damaged_song_what_is_whole_is_shown(qtbot: QtBot, files: Files, song: Path) -> None:
    song.write_bytes(song.read_bytes()[: 44 + 2 * 4 * RATE])
    files.open(song)
    qtbot.waitUntil(lambda: files.song.survey is not None, timeout=PATIENCE)
    assert files.song.seconds == pytest.approx(2, abs=0.01)
    assert "damaged" in files.message.text()


def test_the_player_is_asked_for_what_the_buttons_say(qtbot: QtBot, opened: Files, song: Path) -> None:
    asked: list[tuple[object, ...]] = []
    for name in ("played", "stopped", "paused", "looped", "sought"):
        getattr(opened, name).connect(lambda *what, name=name: asked.append((name, *what)))
    QTest.mouseClick(opened.play, Qt.MouseButton.LeftButton)
    assert asked.pop() == ("played", song)
    opened.loop.setChecked(True)
    assert not asked, "the host has not got it yet"
    opened.show_file("song.wav")
    assert asked[-2:] == [("looped", 0.0, opened.song.seconds), ("sought", 0.0)]
    opened.show_position(1.2)
    opened.loop.setChecked(False)
    assert asked.pop() == ("looped", 0.0, opened.song.seconds)
    asked.clear()
    opened.show_playing(True)
    assert opened.play.text() == "Pause"
    QTest.mouseClick(opened.play, Qt.MouseButton.LeftButton)
    assert asked.pop() == ("paused", True)
    opened.song.select(1, 2)
    assert not asked, "a range is not a loop until it is said so"
    opened.loop.setChecked(True)
    assert asked.pop() == ("looped", 1.0, 2.0)
    opened.song.select(1, 2.5)
    assert asked.pop() == ("looped", 1.0, 2.5)
    opened.song.select(1.5, 2)
    assert asked[-2:] == [("looped", 1.5, 2.0), ("sought", 1.5)], "it is outside"
    asked.clear()
    QTest.mouseClick(opened.song.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x_of(opened.song, 1.2), 10))
    name, at = asked.pop()
    assert (name, at) == ("sought", pytest.approx(1.2, abs=0.01))
    QTest.mouseClick(opened.device, Qt.MouseButton.LeftButton)
    assert asked == [("stopped",)]


@portaudio
def test_a_result_is_heard_as_it_is(song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sounddevice

    x, heard = soundfile.read(song, dtype="float32")[0], []
    monkeypatch.setattr(sounddevice, "play", lambda x, rate, blocking: heard.append((x, rate, blocking)))
    for subtype in ("PCM_16", "PCM_24", "FLOAT"):
        soundfile.write(tmp_path / "x.wav", x, RATE, subtype)
        assert audition.main([str(tmp_path / "x.wav")]) == 0
        played, rate, blocking = heard.pop()
        whole = slice(round(audition.FADE * RATE), -round(audition.FADE * RATE))
        assert np.abs(played - x)[whole].max() < 1e-4
        assert (rate, blocking) == (RATE, True)
    assert audition.main([str(tmp_path / "none.wav")]) == 2


# The parts


def survey(seconds: float = 10) -> Survey:
    level = np.zeros((1000, 320), np.uint8)
    level[:500] = 255
    return Survey(np.full(1000, -0.5, np.float32), np.full(1000, 0.5, np.float32), level, seconds)


def test_a_part_of_a_survey_is_its_time() -> None:
    part = survey().part(4, 6)
    assert len(part.low) == 200
    assert (part.level[:100] == 255).all()
    assert not part.level[100:].any()
    assert len(survey().part(9.9999, 10).low) >= 1


def test_a_still_shows_its_sound_over_the_whole_width(qtbot: QtBot) -> None:
    view = Still("BEFORE", "nothing")
    qtbot.addWidget(view)
    view.resize(420, 120)
    view.show()
    view.show_survey(survey())
    shown = pixels(view, area(view)).sum(axis=2)
    half = shown.shape[1] // 2
    assert shown[60, : half - 3].min() > 600
    assert shown[60, half + 3 :].max() < 120


@pytest.fixture
def strip(qtbot: QtBot) -> Song:
    view = Song()
    qtbot.addWidget(view)
    view.resize(634, 64)
    view.show()
    view.show_survey(survey())
    return view


def drag(view: Song, first: float, last: float) -> None:
    ends = [QPoint(x_of(view, t), 20) for t in (first, last)]
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=ends[0])
    for n in (0.5, 1.0):
        QTest.mouseMove(view.viewport(), ends[0] + (ends[1] - ends[0]) * n)
        QTest.qWait(12)  # a plot looks at the mouse 100 times a second
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=ends[1])


def test_a_stretch_is_dragged_and_its_edges_are_caught(strip: Song) -> None:
    drag(strip, 2, 5)
    assert (strip.begin, strip.end) == pytest.approx((2, 5), abs=0.02)
    drag(strip, 5, 7)
    assert (strip.begin, strip.end) == pytest.approx((2, 7), abs=0.02)
    drag(strip, 2, 9)
    assert (strip.begin, strip.end) == pytest.approx((7 - SHORTEST, 7), abs=0.02)
    drag(strip, 9, 6)
    assert (strip.begin, strip.end) == pytest.approx((6, 9), abs=0.02)
    lit, dim = (pixels(strip)[20, x_of(strip, t)].sum() for t in (8, 3))
    assert lit > 2 * dim


def test_no_stretch_is_too_short_or_outside(strip: Song) -> None:
    strip.select(-5, 50)
    assert (strip.begin, strip.end) == (0, 10)
    strip.select(10, 10)
    assert strip.end == 10
    assert strip.end - strip.begin == pytest.approx(SHORTEST)


def test_keys_seek_and_set_the_edges(strip: Song, qtbot: QtBot) -> None:
    strip.show_position(4.0)
    with qtbot.waitSignal(strip.sought) as sought:
        QTest.keyClick(strip, Qt.Key.Key_Right)
    assert sought.args == [5.0]
    QTest.keyClick(strip, Qt.Key.Key_BracketLeft)
    assert (strip.begin, strip.end) == (4, 10)


def test_the_wheel_zooms_around_the_mouse_and_two_clicks_show_all(strip: Song, qtbot: QtBot) -> None:
    at = QPointF(x_of(strip, 7), 20)
    turn = QWheelEvent(
        at,
        strip.mapToGlobal(at),
        QPoint(),
        QPoint(0, 600),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(strip.viewport(), turn)
    shown = strip.view.viewRange()[0]
    assert shown[1] - shown[0] < 6
    assert x_of(strip, 7) == pytest.approx(at.x(), abs=1)
    strip.select(6.5, 7.5)
    drag(strip, 6.8, 7.2)
    assert (strip.begin, strip.end) == pytest.approx((6.8, 7.2), abs=0.02)
    for act in (QTest.mouseDClick, QTest.mouseRelease):
        act(strip.viewport(), Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert strip.view.viewRange()[0] == [0, 10]
    assert (strip.begin, strip.end) == (0, 10)


def test_before_and_after_show_the_same_time(files: Files) -> None:
    for view in (files.before, files.after):
        view.show_survey(survey().part(4, 6), begin=4.0)
    assert files.before.view.viewRange()[0] == [4, 6]
    files.after.setXRange(4.5, 5)
    assert files.before.view.viewRange()[0] == pytest.approx([4.5, 5], abs=0.01)
    files.before.setXRange(5, 5.5)
    assert files.after.view.viewRange()[0] == pytest.approx([5, 5.5], abs=0.01)


def test_the_position_is_a_line(strip: Song) -> None:
    strip.show_position(2.5)
    x = x_of(strip, 2.5)
    assert share(pixels(strip, area(strip))[:, x - LEFT - 1 : x - LEFT + 1], theme.TEXT) > 0.9
    assert rgb(theme.TEXT) != pixels(strip)[20, x + 5].tolist()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, "0.5"), (59, "59"), (65, "1:05"), (65.5, "1:05.5"), (119.999, "2:00"), (3750, "1:02:30")],
)
def test_times_are_written_as_people_do(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_a_job_tells_how_far_it_is_and_what_is_wrong(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "worker.py").write_text(
        "import sys, time\n"
        'print(\'{"done": 1, "of": 4}\\nnonsense\\n{"done": "x", "of": 0}\\n{"done": 9, "of": 4}\', file=sys.stderr)\n'
        "if 'wait' in sys.argv: time.sleep(60)\n"
        "print('offline render: it broke', file=sys.stderr)\n"
        "sys.exit(len(sys.argv) - 1)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    job, shares = Job(), list[float]()
    job.progress.connect(shares.append)
    with qtbot.waitSignal(job.done, timeout=PATIENCE) as done:
        job.start("worker", [])
    assert done.args == ["it broke"]
    assert shares == [-1, 0.25, 1]
    with qtbot.waitSignal(job.failed, timeout=PATIENCE) as failed:
        job.start("worker", ["bad"])
    assert failed.args == ["it broke"]
    job.start("worker", ["wait"])
    qtbot.waitUntil(lambda: len(shares) > 7, timeout=PATIENCE)
    began = time.monotonic()
    with qtbot.waitSignal(job.failed, timeout=PATIENCE) as failed:
        job.cancel()
    assert failed.args == [""]
    assert time.monotonic() - began < 10
    assert sentence("offline render: a: b") == "a: b"
    assert UNTOLD


def test_render_tells_programs_its_progress_and_what_it_saw(song: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "offline", "render", str(song), str(tmp_path / "out.wav"), "-q", "lofi"]
    command += ["--progress", "json", "--overview", str(tmp_path / "seen.npz")]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stderr
    told = [json.loads(line) for line in said.splitlines()]
    assert all(line["of"] == 3 * RATE for line in told)
    assert 0 < told[0]["done"] <= told[-1]["done"] <= 3 * RATE
    before, after = (load(tmp_path / "seen.npz", name) for name in ("before", "after"))
    assert before.seconds == after.seconds == pytest.approx(3)
    assert before.level.shape == after.level.shape
    assert before.high.max() == pytest.approx(0.5, abs=0.01)
    refused = subprocess.run(
        [*command[:-1], str(tmp_path / "seen.txt")], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert ".npz" in refused.stderr
