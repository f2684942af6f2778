"""A score on the stage: notes come before they are due, at their very sample; a bar that is not written is a rest."""

import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from support.films import Scene, pictures, write_film

from rtengine.block import Parameter
from rtengine.blocks.sampler.conductor import SHOWN, Conductor
from rtengine.events import CUE, NOTE_ON
from rtengine.score import stage as staging
from rtengine.score.character import pace
from rtengine.score.improvise import Improviser
from rtengine.score.running import Now, Running
from rtengine.score.stage import Stage, placed

RATE = 48_000


class Player:
    """An engine whose clock is turned by hand."""

    def __init__(self) -> None:
        self.clock, self.sample_rate = 0, float(RATE)
        self.inboxes = {"/score": 0, "/sampler": 1}
        self.sent: list[tuple[int, str, int, int, float, float, int]] = []
        declared = {n: p for n, p in vars(Conductor).items() if isinstance(p, Parameter)}
        self.values = {f"/score/{name}": p.default for name, p in declared.items()}

    def __getitem__(self, address: str) -> float:
        return self.values[address]

    def send(self, inbox: str, kind: int, channel: int = 0, a: float = 0, b: float = 0, sample_time: int = 0) -> None:
        self.sent.append((self.clock, inbox, kind, channel, a, b, sample_time))

    def notes(self) -> list[tuple[int, int]]:
        """(when it was handed over, when it sounds) of each note."""
        return [(c, t) for c, inbox, kind, *_, t in self.sent if (inbox, kind) == ("/sampler", NOTE_ON)]


class Out:
    """Somebody outside."""

    def __init__(self) -> None:
        self.count = self.stops = 0
        self.ticks: list[float] = []

    def note(self, at: float, until: float, channel: int, pitch: int, velocity: float) -> None:
        self.count += 1
        assert until > at

    def beats(self, at: float, tempo: float) -> None:
        self.ticks.append(at)

    def stop(self) -> None:
        self.stops += 1


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenes = (Scene(60, 1), Scene(45, 2, ball=12), Scene(45, 3))
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", pictures(scenes, 160, 90))


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread does anything by itself."""
    for name in ("_send", "_write", "_follow"):
        monkeypatch.setattr(Stage, name, lambda self: None)


def test_a_film_is_played_to_the_sample_and_never_late(film: Path, quiet: None) -> None:
    player, out = Player(), Out()
    stage = Stage(player, print, out)
    stage.open(film)
    origin = stage._origin
    while player.clock < origin + 6 * RATE:
        stage._step()
        player.clock += 960
    notes = player.notes()
    expected = sorted(origin + round(n.start * RATE) for n in stage.session.piece.notes)
    assert sorted(t for _, t in notes)[: len(expected)] == expected
    assert all(handed <= sounds for handed, sounds in notes if sounds < origin + 6 * RATE)
    assert stage.late == 0
    assert out.count >= len(expected)
    assert len(out.ticks) >= stage.session.piece.grid.last
    stage.play(False)
    assert out.stops
    count = len(player.notes())
    player.clock += RATE
    stage._step()
    assert len(player.notes()) == count, "paused"
    stage.close()


def test_a_film_that_begins_again_is_not_late(film: Path, quiet: None) -> None:
    """Over three turns every note of each is handed over before its sample, and once."""
    player = Player()
    stage = Stage(player, print)
    stage.open(film)
    origin, turn = stage._origin, round(stage.session.film.end * RATE)
    while player.clock < origin + 3 * turn:
        stage._step()
        player.clock += 960
    expected = sorted(round(n.start * RATE) for n in stage.session.piece.notes)
    assert expected[0] < 960, "something sets in at the film's very beginning"
    notes = player.notes()
    assert all(handed <= sounds for handed, sounds in notes)
    assert stage.late == 0
    due = sorted(origin + k * turn + at for k in range(3) for at in expected)
    assert sorted(sounds for _, sounds in notes if sounds < origin + 3 * turn) == due
    stage.close()


def test_a_part_that_is_off_is_not_heard(film: Path, quiet: None) -> None:
    player = Player()
    player.values["/score/drums"] = 0.0
    stage = Stage(player, print)
    stage.open(film)
    drums = placed(stage.session.piece.instruments).get("drums")
    while player.clock < stage._origin + 5 * RATE:
        stage._step()
        player.clock += 960
    assert not any(s[3] == drums and s[2] == NOTE_ON for s in player.sent)
    assert player.notes()
    stage.close()


def test_controls_that_rest_write_the_piece_anew(film: Path, quiet: None) -> None:
    player = Player()
    stage = Stage(player, print)
    stage.open(film)
    version = stage.version
    player.values["/score/tempo"] = 128.0
    for _ in range(3):
        stage._look()
    assert stage.session.piece.grid.tempo == 128.0
    assert stage.version == version + 1
    stage.close()


def test_a_bar_that_is_not_written_is_a_rest(quiet: None) -> None:
    player = Player()
    player.values["/score/tempo"] = 120.0
    stage = Stage(player, print)
    stage.running = type("Still", (), {"now": lambda self: Now(0.5, 0, 0, 0), "close": lambda self: None})()
    stage._improviser = Improviser(0, 120.0)
    stage._tempo, stage._begins, stage._where = 120.0, RATE, placed({"melody": "flute", "pad": "pad", "bass": "bass"})
    for written in (True, False, True):
        if written:
            stage._bars.append(stage._bar_of(stage._improviser, Now(0.5, 0, 0, 0)))
        begin = stage._begins
        before = len(player.notes())
        while stage._begins == begin:
            stage._step()
            player.clock += 960
        assert (len(player.notes()) > before) == written
        assert stage._begins == begin + 2 * RATE, "the next bar is where it always was"
    assert (stage.rests, stage.late) == (1, 0)
    stage.close()


def test_the_tempo_of_a_camera_follows_its_picture_and_the_hand(quiet: None) -> None:
    """Slowly, at most 2 % a bar, and no note of a bar lies in the next; a hand's tempo holds at once."""
    player = Player()
    stage = Stage(player, print)
    improviser = Improviser(0, 100.0)
    stirred = Now(0.9, 0.2, 0.9, 0)
    bars = [stage._bar_of(improviser, stirred) for _ in range(24)]
    tempi = [bar.tempo for bar in bars]
    assert all(1 <= b / a <= 1.0201 for a, b in pairwise([100.0, *tempi]))
    assert tempi[-1] == pytest.approx(pace(0.9), rel=0.06)
    assert len(set(tempi[-4:])) == 1, "it comes to rest"
    assert all(first < 4 * 60 / bar.tempo * RATE for bar in bars for first, *_ in bar.notes)
    calm = [stage._bar_of(improviser, Now(0.0, 0.2, -0.6, 0)).tempo for _ in range(6)]
    assert calm[-1] < calm[0] < tempi[-1]
    player.values["/score/tempo"] = 133.0
    assert stage._bar_of(improviser, stirred).tempo == 133.0
    stage.close()


def test_bars_of_several_tempi_follow_one_another_without_a_gap(quiet: None) -> None:
    player, out = Player(), Out()
    stage = Stage(player, print, out)
    stage.running = type("Still", (), {"now": lambda self: Now(0.5, 0, 0, 0), "close": lambda self: None})()
    stage._improviser, stage._begins, stage._where = Improviser(0, 96.0), RATE, placed({"bass": "bass", "pad": "pad"})
    stage._bars.extend(stage._bar_of(stage._improviser, Now(1, 0, 1, 0)) for _ in range(4))
    tempi = [bar.tempo for bar in stage._bars]
    begins = [stage._begins]
    while stage._bars:
        stage._step()
        if stage._begins != begins[-1]:
            begins.append(stage._begins)
        player.clock += 960
    assert len(set(tempi)) == 4
    assert np.allclose(np.diff(begins), [4 * 60 / tempo * RATE for tempo in tempi], atol=1)
    assert (stage.rests, stage.late) == (0, 0)
    stage.close()


def test_readings_are_shown_by_cues(film: Path, quiet: None) -> None:
    player = Player()
    stage = Stage(player, print)
    stage.open(film)
    stage._show()
    shown = {SHOWN[int(a)]: b for _, inbox, kind, _, a, b, _ in player.sent if (inbox, kind) == ("/score", CUE)}
    assert shown["length"] == pytest.approx(6.0, abs=0.05)
    assert shown["missed"] == 0
    stage.close()


def test_a_running_film_tells_its_motion_and_drops_what_is_too_late(film: Path) -> None:
    running = Running(film)
    end = time.monotonic() + 10
    while running.frames < 15 and time.monotonic() < end:
        time.sleep(0.02)
    assert running.frames >= 15
    assert 0 <= running.now().motion <= 1
    running.close()
    assert not any(t.is_alive() for t in running._threads)


def test_a_camera_that_is_not_there_is_told_in_a_sentence() -> None:
    running = Running(Path("camera:9"))
    end = time.monotonic() + 10
    while not running.trouble and time.monotonic() < end:
        time.sleep(0.02)
    assert "there is no camera camera:9" in running.trouble
    running.close()


def test_each_part_has_a_channel_of_its_instrument() -> None:
    found = placed({"melody": "piano", "harmony": "piano", "bass": "bass", "drums": "kit"})
    assert found["melody"] != found["harmony"]
    assert found["drums"] == 9
    assert staging.CHANNELS[found["bass"]] == "bass"
