"""Learning to listen from scratch, on sounds that are made here."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from offline.__main__ import main
from rtengine.models.listen.front_end import RATE, log_mel
from rtengine.models.listen.head import load_head
from rtengine.models.listen.model import FRAMES, load_model
from rtengine.models.listen.training import data, trainer
from rtengine.models.listen.training.data import LONGEST, Pieces, batches, frames_of, loaded, window
from rtengine.models.listen.training.network import Genres, export, parameters
from rtengine.models.listen.training.trainer import taggram


def sound(file: Path, kind: str, n: int, seconds: float = 3.5) -> Path:
    """Two kinds: noise in beats, and chords."""
    t, rng = np.arange(round(seconds * RATE)) / RATE, np.random.default_rng(n)
    if kind == "noise":
        x = 0.3 * rng.standard_normal(len(t)) * (np.sin(2 * np.pi * (2 + n / 9) * t) > 0)
    else:
        x = 0.2 * sum(np.sin(2 * np.pi * f * (1 + n / 50) * t) for f in (220, 277, 330)) * np.exp(-(t % 1))
    file.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(file, x, RATE)
    return file


def test_frames_are_those_of_the_front_end_and_kept(tmp_path, monkeypatch):
    file = sound(tmp_path / "a.wav", "noise", 1)
    x, rate = soundfile.read(file, dtype="float32")
    found = frames_of(file, tmp_path / "kept")
    np.testing.assert_allclose(found, log_mel(x[None], rate), atol=4e-3)  # of float16
    monkeypatch.setattr(data, "open_source", None)
    np.testing.assert_array_equal(frames_of(file, tmp_path / "kept"), found)
    assert found.max() < 10 < LONGEST


def test_a_changed_file_is_read_again_and_a_bad_one_is_said(tmp_path):
    file = sound(tmp_path / "a.wav", "noise", 1)
    first = frames_of(file, tmp_path / "kept")
    sound(file, "noise", 2, seconds=4)
    assert len(frames_of(file, tmp_path / "kept")) > len(first)
    (tmp_path / "bad.wav").write_text("no sound")
    said, told = [], []
    found = list(loaded([file, tmp_path / "bad.wav"], None, told.append, said.append))
    assert [f for f, _ in found] == [file]
    assert told == [1, 2]
    assert "bad.wav" in said[0]


def test_batches_have_each_genre_as_often_and_windows_from_everywhere():
    long, short = (np.arange(n, dtype=np.float16)[:, None].repeat(96, axis=1) for n in (600, 20))
    pieces = Pieces([long, long, long, short], np.array([0, 0, 0, 1]), list("abcd"))
    rng = np.random.default_rng(0)
    found = [y for _, y in batches(pieces, 32, 40, rng)]
    assert 0.45 < np.mean(found) < 0.55
    assert {int(window(long, rng)[0, 0]) for _ in range(300)} >= {0, 600 - FRAMES} - {0}
    assert window(short, rng).shape == (FRAMES, 96)
    x, _ = next(iter(batches(pieces, 4, 1, rng)))
    assert (x.shape, x.dtype) == ((4, FRAMES, 96), np.float32)
    assert pieces.level()[0] == pytest.approx(np.concatenate(pieces.frames).mean(dtype=np.float64), rel=1e-6)


def test_the_exported_file_keeps_the_contract_and_the_numbers(tmp_path):
    torch.manual_seed(0)
    network = Genres(3, 1.0, 2.0).eval()
    assert 350_000 < parameters(network) < 420_000
    export(network, ["a", "b", "c"], tmp_path / "own.onnx", "own")
    model = load_model(tmp_path / "own.onnx")
    assert (model.tags, model.width) == (("a", "b", "c"), 128)
    x = np.random.default_rng(0).uniform(0, 4, (2 * FRAMES, 96)).astype(np.float16)
    tags, _ = model.tag([x[:FRAMES].astype(np.float32), x[FRAMES:].astype(np.float32)])
    np.testing.assert_allclose(tags, taggram(network, x), atol=1e-5)


def test_it_learns_what_is_there_to_learn(tmp_path, capsys, monkeypatch):
    """On artists that it never heard: chance would be a half."""
    monkeypatch.setattr(trainer, "BATCH", 8)
    folder = tmp_path / "kinds"
    for n in range(10):
        for kind in ("noise", "chords"):
            sound(folder / kind / f"{kind} {n}.wav", kind, n)
    command = ["listen", "train", str(folder), "--network", "--steps", "30", "--seeds", "1", "--cores", "1", "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["test"]["of"] == 4
    assert len(found["test"]["seeds"]) == 1
    assert found["test"]["share"] >= 0.75
    model = load_model(Path(found["network"]))
    assert load_head(Path(found["out"])).model == model.digest
    new = sound(tmp_path / "new.wav", "noise", 11)
    assert main(["listen", str(new), "--model", found["network"], "--head", found["out"], "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert next(iter(said["tags"])) == "noise"
    assert next(iter(said["genre"]["probabilities"])) == "noise"


def test_too_little_is_a_sentence(tmp_path, capsys):
    folder = tmp_path / "few"
    for kind in ("noise", "chords"):
        sound(folder / kind / "one.wav", kind, 0)
    assert main(["listen", "train", str(folder), "--network", "--steps", "1"]) == 2
    assert "at least 2 genres with pieces by 5 artists each" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.onnx"))
