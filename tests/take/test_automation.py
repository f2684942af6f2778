"""A performance recorded at the callback, and the same from its log: the same samples, bit for bit."""

import re
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.card import SAMPLE_RATE, SIZES, Card, scale
from support.delayed import Delayed
from support.every_block import small_model

from rtengine.graph import Graph
from rtengine.jobs.performance import cautions
from rtengine.live import replay
from rtengine.live.engine import Engine
from rtengine.live.instrument import signed
from rtengine.live.rebuild import found, rebuild
from rtengine.live.recorder import opened
from rtengine.patches.patch import Files
from rtengine.patches.texture import texture
from rtengine.take import automation
from rtengine.take.automation import HostEvent


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


def take(record: Path) -> tuple[np.ndarray, np.ndarray]:
    """Dry and wet, (channels, samples)."""
    dry, wet = (soundfile.read(f, dtype="float32", always_2d=True)[0].T for f in (record.with_stem("take-dry"), record))
    return dry, wet


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_log_gives_the_performance_again_bit_for_bit(tmp_path: Path, seed: int) -> None:
    x, record, log = perform(tmp_path, seed)
    dry, wet = take(record)
    assert np.array_equal(dry, x), "every sample is recorded"
    performance = automation.read(log)
    assert len(performance.events) > 30
    assert all(event.time % 64 == 0 for event in performance.events)
    assert (performance.late, performance.lost) == (0, 0)
    again = replay.perform(lambda number: scale(), performance, dry)
    assert np.array_equal(again, wet)
    still = replay.perform(lambda number: scale(), performance._replace(events=()), dry)
    assert not np.array_equal(still, wet), "the changes are heard"


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_swaps_bypasses_and_panics_are_the_same_again(tmp_path: Path, seed: int) -> None:
    record, log, random = tmp_path / "take.wav", tmp_path / "take.log", np.random.default_rng(seed)
    engine = Engine(scale(), record=record, log=log)
    asked = {"swap": 0, "bypass": 0, "panic": 0, "break": 0}

    def turn() -> None:
        engine["/tone/scale"] = random.uniform(0, 3)
        engine.at(engine.clock + int(random.integers(0, 6000)), "/tone/scale", random.uniform(0, 3))
        chosen = str(random.choice(["swap", "bypass", "panic", "break", *["nothing"] * 40]))
        match chosen:
            case "swap":
                with suppress(ValueError):  # the last one is being faded in
                    engine.swap(scale())
            case "bypass":
                engine.bypass(bool(random.integers(2)))
            case "panic":
                engine.panic()
            case "break":
                engine["/tone/broken"] = 1
                engine.at(engine.clock + 500, "/tone/broken", 0)
        asked[chosen] = asked.get(chosen, 0) + 1

    x = noise(20, seed)
    Card(engine, (64, 100, 480, 1024), seed).play(x, turn)
    engine.close()
    dry, wet = take(record)
    performance = automation.read(log)
    kinds = Counter(event.kind for event in performance.events if isinstance(event, HostEvent))
    assert min(asked.values()) > 3
    assert len(performance.graphs) == kinds["swap"] + 1 > 3
    assert min(kinds["hold"], kinds["bypass"]) > 3
    again = replay.perform(lambda number: scale(), performance, dry)
    assert np.array_equal(again, wet)
    pieces = replay.performed(lambda number: scale(), performance, np.array_split(dry, 70, axis=1))
    assert np.array_equal(np.concatenate([*pieces], axis=1), wet), "cut in another way it is the same"
    for left_out in ("bypass", "hold"):
        events = tuple(e for e in performance.events if getattr(e, "kind", "") != left_out)
        other = replay.perform(lambda number: scale(), performance._replace(events=events), dry)
        assert not np.array_equal(other, wet), f"each {left_out} is heard"


def test_the_instrument_is_rendered_from_its_log_by_threads_bit_for_bit(tmp_path: Path) -> None:
    record, log, random = tmp_path / "take.wav", tmp_path / "take.log", np.random.default_rng(0)
    headroom = 2048
    graphs = [texture(SAMPLE_RATE, model=small_model(), headroom=headroom + 64 * n) for n in range(2)]
    engine = Engine(graphs[0], threads=0, record=record, log=log)

    def turn() -> None:
        if random.random() < 0.2:
            address = str(random.choice([*engine.parameters]))
            parameter = engine.parameters[address]
            value = random.uniform(parameter.low, parameter.high)
            engine[address] = round(value) if parameter.scale == "step" else value

    card, parts = Card(engine), np.split(5 * noise(3), 4, axis=1)
    card.play(parts[0], turn)
    engine.swap(graphs[1])
    card.play(parts[1], turn)
    engine.bypass(True)
    card.play(parts[2], turn)
    engine.bypass(False)
    engine.panic()
    card.play(parts[3], turn)
    engine.close()
    dry, wet = take(record)
    assert np.array_equal(dry, np.concatenate(parts, axis=1))
    assert np.abs(wet).max() > 0.1
    performance = automation.read(log)
    assert [played.latency for played in performance.graphs] == [graph.latency for graph in graphs]
    assert {event.kind for event in performance.events if isinstance(event, HostEvent)} == {*automation.HOST_EVENTS}
    model = {"model": small_model()}
    build = rebuild(performance, files=model, threads=2)
    assert np.array_equal(replay.perform(build, performance, dry), wet)
    short = performance._replace(graphs=(performance.graphs[0]._replace(latency=1),))
    with pytest.raises(ValueError, match="has a latency of 1, this instrument"):
        rebuild(short, files=model)(0)


def test_a_log_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    _, _, log = perform(tmp_path, 0)
    performance = automation.read(log)
    with pytest.raises(ValueError, match="has inputs 2, this graph 1"):
        replay.perform(lambda number: scale(1), performance, np.zeros((1, 10), np.float32))
    other = performance.graphs[0]._replace(start={"/other/gain": 1.0})
    with pytest.raises(ValueError, match="this graph has no /other/gain"):
        replay.perform(lambda number: scale(), performance._replace(graphs=(other,)), noise(0.1))
    first, second, *_ = log.read_text().splitlines(keepends=True)
    for damaged, line in (
        ("", 1),
        ("{}", 1),
        (first + "[1, 2]\n", 2),
        (first + second + second.replace('"graph": 0', '"graph": 1'), 3),
        (first + '{"time": 64, "host": "sing"}', 2),
        (first + '{"time": -64, "host": "bypass"}', 2),
        (first + '{"time": 64, "host": "swap"}', 2),
    ):
        log.write_text(damaged)
        with pytest.raises(ValueError, match=f"line {line} of .* is no automation"):
            automation.read(log)


MODEL = Files("a model", (".onnx",), 1 << 20)


def test_files_that_are_not_what_was_played_are_refused(tmp_path: Path) -> None:
    (tmp_path / "two.onnx").write_text("another")
    for signature, error, sentence in (
        (["two.onnx", "0"], ValueError, "is not the two.onnx that was played"),
        (["../two.onnx", "0"], ValueError, "is not the ../two.onnx that was played"),
        (["gone.onnx", "0"], OSError, "there is no file gone.onnx"),
    ):
        with pytest.raises(error, match=re.escape(sentence)):
            found(signature, tmp_path, MODEL)
    assert found(signed(tmp_path / "two.onnx"), tmp_path, MODEL) == tmp_path / "two.onnx"


def test_a_recording_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"take.mp3 does not end in .wav or .flac"):
        Engine(scale(), record=tmp_path / "take.mp3")
    with pytest.raises(OSError, match=r"^there is no such folder: .*take-dry.wav is not recorded$"):
        Engine(scale(), record=tmp_path / "no folder" / "take.wav")


def test_a_recording_of_more_than_4_gb_can_be_read_and_a_short_one_is_a_plain_wav(tmp_path: Path) -> None:
    for name, samples in (("short", 0), ("long", 600_000_000)):  # of 8 bytes; what is skipped takes no room on the disk
        with opened(tmp_path / f"{name}.wav", SAMPLE_RATE, 2) as sound:
            sound.write(noise(0.1).T)
            sound.seek(samples or sound.frames)
            sound.write(noise(0.1, seed=1).T)
        with soundfile.SoundFile(tmp_path / f"{name}.wav") as sound:
            assert (sound.format == "RF64") == (name == "long")
            sound.seek(sound.frames - 4800)
            assert np.array_equal(sound.read(dtype="float32").T, noise(0.1, seed=1))
    (tmp_path / "long.wav").unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_when_a_file_may_not_grow_any_more_it_says_so_once_and_plays_on(tmp_path: Path, ending: str) -> None:
    import resource

    said: list[str] = []
    engine = Engine(scale(), record=tmp_path / f"take.{ending}", say=said.append)
    card, before = Card(engine), resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        for _ in range(100):
            y = card.play(noise(0.1))
            time.sleep(0.005)  # for the recorder's thread
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert np.abs(y).max() > 0.05
    engine.close()
    assert len(said) == 1
    assert said[0].startswith("the file is as large as one may be there: recording stopped at 00:00:0")
    assert "\n" not in said[0]
    assert soundfile.info(tmp_path / f"take.{ending}").frames > 1000 or ending == "flac", "what was written stays"


def test_what_a_render_says_of_a_late_worker() -> None:
    lapses = tuple(automation.Lapse(n * 48_000, 128) for n in range(1, 4))
    performance = automation.Performance(48_000, 2, 2, (), (), 384, 0, lapses)
    late = "384 samples were dry as the worker was late (at 1.00 s, 2.00 s and 3.00 s)"

    def said(**changed: object) -> str:
        return "\n".join(cautions(performance._replace(**changed), Path("x"), Path("a-dry.wav")))

    assert late in said()
    assert "(at 1.00 s, 2.00 s, 3.00 s, 1.00 s, 2.00 s and 4 times more)" in said(lapses=3 * lapses)
    assert late in said(late=None), "of a host that died as well"
    assert "x has no end" in said(late=None)
    assert said(late=0, lapses=()) == ""
    gap = automation.Lapse(96_000, 100)
    assert "100 samples found no room on a slow disk (at 2.00 s)" in said(gaps=(gap,))
    assert "a-dry.wav begins at 2.00 s of x" in said(files={"a-dry.wav": 96_000})
    assert "x knows no a-dry.wav, but b-dry.wav" in said(files={"b-dry.wav": 0})
    assert said(late=0, lapses=(), files={"a-dry.wav": 0}) == ""


def test_the_replay_differs_where_the_log_says_that_a_worker_was_late_and_nowhere_else(tmp_path: Path) -> None:
    def delayed() -> Graph:
        return Graph(SAMPLE_RATE, delayed=Delayed())

    record, log, random = tmp_path / "take.wav", tmp_path / "take.log", np.random.default_rng(0)
    engine = Engine(delayed(), threads=0, record=record, log=log)
    late = [False]

    def turn() -> None:
        """Now and then nobody works, for a while."""
        if random.random() < 0.01:
            late[0] = not late[0]
        engine.graph.memory["inline"] = not late[0]

    card = Card(engine, (64, 100, 480), 0)
    for _ in range(40):
        card.play(noise(0.1, 0), turn)
        time.sleep(0.001)
    counted = engine.status()["late"]
    engine.close()
    dry, wet = take(record)
    performance = automation.read(log)
    again = replay.perform(lambda number: delayed(), performance, dry)
    differs = np.flatnonzero(np.any(again != wet, axis=0))
    said = np.concatenate([np.arange(lapse.time, lapse.time + lapse.samples) for lapse in performance.lapses])
    assert len(performance.lapses) > 3
    assert performance.late == counted == len(said)
    assert np.isin(differs, said).all(), "nowhere else"
    assert len(differs) > 0.99 * len(said), "and there, but where both are alike"


def test_a_recording_that_began_later_is_replayed_from_there(tmp_path: Path) -> None:
    engine = Engine(scale(), log=tmp_path / "take.log", takes=tmp_path)
    card, random = Card(engine, (64, 100, 480), 0), np.random.default_rng(0)

    def turn() -> None:
        engine["/tone/scale"] = random.uniform(0, 3)

    for name in ("one", "two"):
        card.play(noise(0.5, 0), turn)
        engine.takes.start(name)
        card.play(noise(1, 1), turn)
        engine.takes.stop()
    engine.close()
    performance = automation.read(tmp_path / "take.log")
    assert [*performance.files] == ["one-dry.wav", "two-dry.wav"]
    assert performance.files["one-dry.wav"] == SAMPLE_RATE // 2
    for name in ("one", "two"):
        dry, wet = (soundfile.read(tmp_path / f"{name}{part}.wav", dtype="float32")[0].T for part in ("-dry", ""))
        begin = performance.files[f"{name}-dry.wav"]
        again = [*replay.performed(lambda number: scale(), performance, [np.ascontiguousarray(dry)], begin)]
        differs = np.flatnonzero(np.any(np.concatenate(again, axis=1) != wet, axis=0))
        assert differs.tolist() in ([], [0]), "but for what the delay held as it began"


def test_a_graph_that_is_turned_as_it_begins_can_be_read_and_stands_behind_its_swap(tmp_path: Path) -> None:
    log = tmp_path / "take.log"
    engine = Engine(scale(), log=log)
    card = Card(engine, (64,))
    card.play(noise(0.02))
    engine.swap(scale())
    engine["/tone/scale"] = 2.0  # takes effect at the very grid point at which the other graph begins
    card.play(noise(0.5))
    engine.close()
    lines = log.read_text().splitlines()
    swap = next(i for i, line in enumerate(lines) if '"swap"' in line)
    change = next(i for i, line in enumerate(lines) if '"value": 2.0' in line)
    assert swap < change
    lines[swap], lines[change] = lines[change], lines[swap]
    log.write_text("\n".join(lines) + "\n")
    assert len(automation.read(log).graphs) == 2, "lines may stand in any order"
