"""A disk that takes no more: everything goes on, the player is told, and what was written can be read."""

import errno
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from support.card import SAMPLE_RATE, Card, scale, tone

from rtengine.live import recorder
from rtengine.live.control import Control
from rtengine.live.engine import Engine
from rtengine.take import automation
from rtengine.take.writing import Lines, reason, replace, time_of_day

SENTENCES = {
    errno.ENOSPC: "the disk is full",
    errno.EROFS: "the disk cannot be written to",
    errno.EACCES: "writing there is not allowed",
}


class Disk:
    """Has room for so many bytes more, and then fails as it is told."""

    def __init__(self) -> None:
        self.room, self.error = 10**9, errno.ENOSPC
        self._write = os.pwrite

    def pwrite(self, file: int, data: bytes, offset: int) -> int:
        taken = min(len(data), self.room)
        self.room -= taken
        if not taken:
            raise OSError(self.error, os.strerror(self.error))
        return self._write(file, data[:taken], offset)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk = Disk()
    monkeypatch.setattr(os, "pwrite", disk.pwrite)
    yield disk
    disk.room = 10**9


def wait(done: Callable[[], Any]) -> None:
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("error", SENTENCES)
def test_lines_wait_for_room_and_the_file_ends_with_a_whole_one(tmp_path: Path, disk: Disk, error: int) -> None:
    said: list[str] = []
    disk.error = error
    lines = Lines(tmp_path / "log", "the log", lambda: time_of_day(760 * 48_000, 48_000), said.append)
    lines.add("one")
    wait(lambda: (tmp_path / "log").read_text() == "one\n")
    disk.room = 6
    lines.add("two")
    lines.add("three")
    wait(lambda: said)
    assert said == [f"{SENTENCES[error]}: the log stopped at 00:12:40, and goes on when it can"]
    assert (tmp_path / "log").read_text() == "one\ntwo\n"
    disk.room = 10**9
    wait(lambda: len(said) == 2)
    lines.close()
    assert (tmp_path / "log").read_text() == "one\ntwo\nthree\n"
    assert (said[1:], lines.lost) == (["the log goes on, with all that happened meanwhile"], 0)


def test_a_full_disk_stops_neither_fades_nor_a_panic_and_its_log_is_whole_at_last(tmp_path: Path, disk: Disk) -> None:
    said: list[str] = []
    log = tmp_path / "take.log"
    with Engine(scale(), sink="null", presets=tmp_path / "scenes", log=log, say=said.append) as engine:
        engine["/tone/scale"] = 3
        engine.scene_store("loud")
        engine["/tone/scale"] = 1
        disk.room = 0
        wait(lambda: said)
        engine.scene_recall("loud", 0.2)
        wait(lambda: engine["/tone/scale"] == 3)
        engine.panic()
        wait(lambda: not engine.memory["alarm"][0] and engine.memory["level"][0] == 1)
        disk.room = 10**9
    assert "the disk is full: the log stopped at 00:00:0" in said[0]
    performance = automation.read(log)
    assert (performance.lost, performance.late) == (0, 0)
    assert [e for e in performance.events if isinstance(e, automation.Change) and e.value == 3]


def test_a_recording_can_be_read_up_to_where_the_disk_was_full_and_goes_on_in_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "AGAIN", 0.05)
    room, said, write = [SAMPLE_RATE], list[str](), soundfile.SoundFile.write

    def limited(sound: soundfile.SoundFile, x: np.ndarray) -> None:
        if room[0] < len(x):
            raise soundfile.LibsndfileError(2)
        room[0] -= len(x)
        write(sound, x)

    monkeypatch.setattr(soundfile.SoundFile, "write", limited)
    file, x = tmp_path / "take.wav", tone(1)
    engine = Engine(scale(), record=file, say=said.append)
    card = Card(engine)
    card.play(x)
    wait(lambda: said)
    assert said[0].startswith("the disk is full: recording stopped at 00:00:00; take.wav can be read up to there")
    kept = [soundfile.read(tmp_path / name, dtype="float32")[0].T for name in ("take-dry.wav", "take.wav")]
    assert 0.3 * SAMPLE_RATE < kept[1].shape[1] < SAMPLE_RATE
    assert np.array_equal(kept[0], x[:, : kept[0].shape[1]])
    room[0] = 10**9
    wait(lambda: len(said) == 2)
    assert "recording goes on at 00:00:" in said[1]
    assert said[1].endswith("in take-2.wav")
    card.play(x)
    engine.close()
    assert np.array_equal(soundfile.read(tmp_path / "take-2-dry.wav", dtype="float32")[0].T, x)
    assert np.any(card.play(tone(0.1)))


def test_a_recording_that_is_cut_off_has_its_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "AGAIN", 0.05)
    engine = Engine(scale(), record=tmp_path / "take.wav")
    Card(engine).play(tone(1))
    wait(lambda: soundfile.info(tmp_path / "take.wav").frames == SAMPLE_RATE)
    engine.close()


@pytest.mark.parametrize("error", SENTENCES)
def test_what_cannot_be_replaced_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    replace(tmp_path / "a" / "scene.json", "old")

    def full(descriptor: int) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=os.strerror(error)) as raised:
        replace(tmp_path / "a" / "scene.json", "new")
    assert reason(raised.value) == SENTENCES[error]
    assert [(f.name, f.read_text()) for f in (tmp_path / "a").iterdir()] == [("scene.json", "old")]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_control_thread_is_started_again_whatever_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    said, runs, ends = list[str](), [0], [SystemExit(1), KeyboardInterrupt(), ValueError("odd")]
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    monkeypatch.setattr("rtengine.live.control.AGAIN", 0.01)

    def fails() -> None:
        if ends:
            raise ends.pop(0)

    def counts() -> None:
        runs[0] += 1

    control = Control([fails, counts], lambda: 0.001, said.append)
    control.start()
    wait(lambda: runs[0] > 10)
    control.stop()
    assert said == [
        "the control thread has ended, and was started again",
        "something went wrong, and everything else goes on: ValueError('odd')",
    ]


def test_a_terminal_that_is_gone_keeps_nobody_from_playing() -> None:
    def say(sentence: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    engine = Engine(scale(), say=say)
    engine.say("a sentence")
    assert engine.say.since(0)[1] == [("/log", ("a sentence",))]


def test_each_time_that_a_worker_is_late_is_in_the_log(tmp_path: Path) -> None:
    lines = [{"sample_rate": 48_000, "inputs": 2, "outputs": 2, "latency": 1, "start": {}, "about": {}}]
    lines += [{"time": 480, "host": "late", "graph": 0, "samples": 127}]
    (tmp_path / "log").write_text("\n".join(map(json.dumps, lines)))
    assert automation.read(tmp_path / "log").lapses == (automation.Lapse(480, 127),)
