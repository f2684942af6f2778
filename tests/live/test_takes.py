"""Recordings that begin and end while the host plays."""

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.card import SAMPLE_RATE, Card, scale, tone

from rtengine.live.engine import Engine


def test_a_take_has_what_was_heard_while_it_was_asked_for(tmp_path: Path) -> None:
    engine = Engine(scale(), takes=tmp_path / "takes")
    card, x = Card(engine), tone(1)
    card.play(x)
    assert str(tmp_path) in engine.takes.start("one")
    with pytest.raises(ValueError, match="recorded already"):
        engine.takes.start("two")
    y = card.play(x)
    status = engine.status()
    assert (status["recording"], status["recorded"]) == ("one", 1.0)
    assert status["room"] > 0
    assert "1.0 s" in engine.takes.stop()
    card.play(x)
    assert engine.status()["recording"] == ""
    wet, rate = soundfile.read(tmp_path / "takes" / "one.wav", dtype="float32")
    dry, _ = soundfile.read(tmp_path / "takes" / "one-dry.wav", dtype="float32")
    assert rate == SAMPLE_RATE
    assert np.array_equal(wet.T, y)
    assert np.array_equal(dry.T, x)
    engine.close()


def test_what_a_full_disk_did_not_take_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(sound: soundfile.SoundFile, x: np.ndarray) -> None:
        raise soundfile.LibsndfileError(2)

    said: list[str] = []
    engine = Engine(scale(), takes=tmp_path, say=said.append)
    card = Card(engine)
    engine.takes.start("one")
    card.play(tone(1))
    deadline = time.monotonic() + 10
    while engine.takes._recorder and engine.takes._recorder._moved < SAMPLE_RATE and time.monotonic() < deadline:
        time.sleep(0.01)
    monkeypatch.setattr(soundfile.SoundFile, "write", refuse)
    card.play(tone(2))
    while engine.status()["recorded"] != 1.0:
        assert time.monotonic() < deadline, engine.status()["recorded"]
        time.sleep(0.01)
    assert engine.takes.stop().endswith("one.wav has 1.0 s, and 2.0 s had no room on the disk")
    engine.close()


def test_what_cannot_be_recorded_is_said(tmp_path: Path) -> None:
    engine = Engine(scale(), takes=tmp_path)
    with pytest.raises(ValueError, match="is no name of a recording"):
        engine.takes.start("../out")
    with pytest.raises(ValueError, match="nothing is being recorded"):
        engine.takes.stop()
    engine.takes.start("one")
    engine.close()
    with pytest.raises(ValueError, match="there is a recording one already"):
        Engine(scale(), takes=tmp_path).takes.start("one")


def test_a_take_without_a_name_has_the_time_of_day(tmp_path: Path) -> None:
    engine = Engine(scale(), takes=tmp_path)
    engine.takes._now = lambda: time.struct_time((2026, 11, 28, 21, 5, 9, 5, 332, 0))
    engine.takes.start()
    engine.close()
    assert (tmp_path / "2026-11-28 21-05-09.wav").exists()
