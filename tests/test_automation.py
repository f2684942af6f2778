"""A performance recorded at the callback, and the same from its log: the same samples, bit for bit."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from card import SAMPLE_RATE, SIZES, Card, scale
from every_block import small_model

from rtengine import automation, patch
from rtengine.engine import Engine


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.1, 0.1, (2, round(seconds * SAMPLE_RATE))).astype(np.float32)


def perform(folder: Path, seed: int) -> tuple[np.ndarray, Path, Path]:
    """Turn a parameter at random, before any buffer; returns the input, the recording and the log."""
    record, log = folder / "take.wav", folder / "take.log"
    engine = Engine(scale(), record=record, log=log, presets=folder)
    random = np.random.default_rng(seed)

    def turn() -> None:
        if random.random() < 0.3:
            engine["/tone/scale"] = random.uniform(0, 3)
        if random.random() < 0.1:
            engine.at(engine.clock + int(random.integers(0, SAMPLE_RATE // 2)), "/tone/scale", random.uniform(0, 3))

    x = noise(2, seed)
    engine.scene_store("start")
    Card(engine, SIZES, seed).play(x, turn)
    engine.scene_recall("start", 0.5)
    Card(engine, SIZES, seed).play(x)
    engine.close()
    return np.concatenate((x, x), axis=1), record, log


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_log_gives_the_performance_again_bit_for_bit(tmp_path: Path, seed: int) -> None:
    x, record, log = perform(tmp_path, seed)
    dry, wet = (soundfile.read(f, dtype="float32", always_2d=True)[0].T for f in (tmp_path / "take-dry.wav", record))
    assert np.array_equal(dry, x), "every sample is recorded"
    performance = automation.read(log)
    assert len(performance.changes) > 30
    assert all(change.time % 64 == 0 for change in performance.changes)
    again = automation.perform(scale(), performance, dry)
    assert np.array_equal(again, wet)
    still = automation.perform(scale(), performance._replace(changes=()), dry)
    assert not np.array_equal(still, wet), "the changes are heard"


@pytest.mark.parametrize("low_latency", [False, True])
def test_the_instrument_is_rendered_from_its_log_by_threads_bit_for_bit(tmp_path: Path, low_latency: bool) -> None:
    record, log, random = tmp_path / "take.wav", tmp_path / "take.log", np.random.default_rng(0)
    headroom = 2048
    live = patch.texture(SAMPLE_RATE, model=small_model(), low_latency=low_latency, headroom=headroom)
    engine = Engine(live, threads=0, record=record, log=log)

    def turn() -> None:
        if random.random() < 0.2:
            address = str(random.choice([*engine.parameters]))
            parameter = engine.parameters[address]
            value = random.uniform(parameter.low, parameter.high)
            engine[address] = round(value) if parameter.scale == "step" else value

    x = 5 * noise(2)
    Card(engine).play(x, turn)
    engine.close()
    wet = soundfile.read(record, dtype="float32")[0].T
    assert np.abs(wet).max() > 0.1
    performance = automation.read(log)
    with patch.replay(performance, model=small_model(), low_latency=low_latency, threads=2) as offline:
        assert np.array_equal(automation.perform(offline, performance, x), wet)
    with pytest.raises(ValueError, match="has a latency of 1, this instrument"):
        patch.replay(performance._replace(latency=1), model=small_model())


def test_a_log_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    _, _, log = perform(tmp_path, 0)
    performance = automation.read(log)
    with pytest.raises(ValueError, match="has channels 2, this graph 1"):
        automation.perform(scale(1), performance, np.zeros((1, 10), np.float32))
    with pytest.raises(ValueError, match="this graph has no /other/gain"):
        automation.perform(scale(), performance._replace(start={"/other/gain": 1.0}), noise(0.1))
    lines = log.read_text().splitlines(keepends=True)
    for damaged, line in (("", 1), ("{}", 1), (lines[0] + "[1, 2]\n", 2), (lines[0] + lines[9] + lines[1], 3)):
        log.write_text(damaged)
        with pytest.raises(ValueError, match=f"line {line} of .* is no automation"):
            automation.read(log)


def test_a_recording_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"take.mp3 does not end in .wav or .flac"):
        Engine(scale(), record=tmp_path / "take.mp3")
    with pytest.raises(OSError, match="cannot be written"):
        Engine(scale(), record=tmp_path / "no folder" / "take.wav")
