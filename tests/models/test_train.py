"""python -m offline train: a model that knows one sound more, written whole; and a network read back from its file."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from offline import train
from offline.__main__ import main
from rtengine.models import onnx_file
from rtengine.models.exemplars import exemplar
from rtengine.models.texture.clip import load, measured
from rtengine.models.texture.embedding import columns
from rtengine.models.texture.model import SHIPPED, known, load_model
from rtengine.models.texture.training import tuning
from rtengine.models.texture.training.begin import own_music
from rtengine.models.texture.training.best import Best
from rtengine.models.texture.training.ear import Ear
from rtengine.models.texture.training.export import export
from rtengine.models.texture.training.network import TextureNetwork
from rtengine.models.texture.training.restore import restored, take_over
from rtengine.models.texture.training.subjects import CROP, takes
from rtengine.models.texture.training.trainer import Trainer
from rtengine.models.texture.weights import kept

RATE = 44_100
NO_LENGTH = "--closer takes no --steps, no --minutes and no --resume: it is done in seconds"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clips") / "Crickets at night.wav"
    soundfile.write(file, exemplar("insects", 5, RATE, 3), RATE)
    return file


def test_a_network_read_from_its_file_is_the_same(tmp_path: Path) -> None:
    network = restored(SHIPPED)
    export(network, tmp_path / "again.onnx", {})
    first, again = load_model(SHIPPED), load_model(tmp_path / "again.onnx")
    assert again.textures == first.textures
    weights = restored(tmp_path / "again.onnx").state_dict()
    for name, value in network.state_dict().items():
        assert torch.equal(weights[name], value), name


def test_training_can_begin_where_another_ended() -> None:
    trained = restored(SHIPPED)
    told = measured(exemplar("laser", 2.0))
    network = TextureNetwork(dict.fromkeys(trained.names, told))
    take_over(network, [SHIPPED])
    assert torch.equal(network.leave.weight, trained.leave.weight)
    assert torch.equal(network.learnt, trained.learnt)
    assert torch.equal(network.centre, trained.centre)
    assert torch.equal(network.statistics[3], torch.tensor(told.numbers())), "what is measured is measured anew"
    with pytest.raises(ValueError, match=f"{SHIPPED.name} has other textures: {', '.join(trained.names)}"):
        take_over(TextureNetwork({"laser": told}), [SHIPPED])


def test_training_can_begin_between_two_others(tmp_path: Path) -> None:
    trained = restored(SHIPPED)
    with torch.no_grad():
        trained.leave.weight += 1
        trained.learnt -= 1
    export(trained, tmp_path / "other.onnx", {})
    network = TextureNetwork(dict.fromkeys(trained.names, measured(exemplar("laser", 2.0))))
    take_over(network, [SHIPPED, tmp_path / "other.onnx"])
    first, other = restored(SHIPPED), restored(tmp_path / "other.onnx")
    assert torch.equal(network.leave.weight, (first.leave.weight + other.leave.weight) / 2)
    assert torch.allclose(network.leave.weight, trained.leave.weight - 0.5, atol=1e-4), "it has 16 bits in its file"
    assert torch.allclose(network.learnt, trained.learnt + 0.5, atol=1e-6)


def test_takes_are_of_one_length_and_short_sounds_go_round() -> None:
    assert takes(np.arange(2.5 * CROP, dtype=np.float32)).shape == (4, CROP)  # half of one is half of the next
    assert takes(np.ones(99 * CROP, np.float32)).shape == (6, CROP)
    short = takes(np.array([1, -1, 0.5], np.float32))
    assert short.shape == (1, CROP)
    assert torch.equal(short[0, :3], short[0, 3:6])


def test_training_writes_a_model_that_knows_the_sound(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "night.onnx"
    torch.set_num_threads(1)
    assert main(["train", str(clip), "--out", str(out), "--steps", "6"]) == 0
    told = capsys.readouterr()
    assert "step 6 of 6, 0.0 min left: loss" in told.err
    assert told.out.startswith(f"{out}: Crickets_at_night after 6 steps; nearness 0.")
    at_once, closer, trained = json.loads(load_model(out).metadata["training"])["nearness"].values()
    assert at_once <= closer <= trained, "what came nearest is kept"
    model, shipped = load_model(out), load_model(SHIPPED)
    assert list(model.textures) == [*shipped.textures, "Crickets_at_night"]
    assert model.metadata["training"].startswith('{"from": "textures.onnx"')
    assert not np.array_equal(model.embeddings[0], shipped.embeddings[0]), "old textures are heard again"
    assert out.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert not out.with_suffix(".checkpoint").exists()
    for name, value in onnx_file.read(out.read_bytes()).weights.items():
        assert np.array_equal(kept(name.removeprefix("network."), value), value), f"{name} is as the host has it"


def test_listening_closer_changes_what_is_known_of_the_sound_alone(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def moved(_: Ear, network: TextureNetwork, name: str, strength: float) -> float:
        row = network.embeddings().detach()[network.names.index(name)]
        return strength / 10 + float(row[columns("closer")].norm())

    monkeypatch.setattr(Ear, "score", moved)  # what has changed more is nearer
    out = tmp_path / "night.onnx"
    torch.set_num_threads(1)
    assert main(["train", str(clip), "--out", str(out), "--closer"]) == 0
    model, shipped, name = load_model(out), load_model(SHIPPED), "Crickets_at_night"
    assert model.weights
    assert shipped.weights
    assert model.weights.data.tobytes() == shipped.weights.data.tobytes()
    assert {n: e for n, e in model.textures.items() if n != name} == shipped.textures
    assert {n: m for n, m in model.middles.items() if n != name} == shipped.middles
    before, closer = json.loads(model.metadata["training"])["nearness"].values()
    row = np.array(model.textures[name])
    norm = np.linalg.norm(row[columns("closer")])
    assert norm > 0.05
    assert (before, closer, model.middles[name]) == (0.082, pytest.approx(0.09 + norm, abs=1e-3), 0.9)
    at_once = np.array(known(shipped, measured(load(clip))).embedding, np.float32)
    assert np.array_equal(row[columns("fingerprint")], at_once[columns("fingerprint")])


def test_what_loses_is_not_kept(clip: Path) -> None:
    """A network that is led astray comes back as it was when it was nearest."""
    network, sounds = tuning.with_sounds(SHIPPED, {"night": load(clip)})
    best = Best(Ear(sounds, own_music(0)), network)
    best.look()
    nearest, weights = best.score, network.leave.weight.detach().clone()
    with torch.no_grad():
        network.leave.weight += torch.randn(network.leave.weight.shape, generator=torch.Generator().manual_seed(0))
    best.look()
    assert best.score == nearest > 0
    best.take()
    assert torch.equal(network.leave.weight, weights)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--closer", "--steps", "9"], NO_LENGTH),
        (["--closer", "--minutes", "10"], NO_LENGTH),
        (["--closer", "--resume"], NO_LENGTH),
        (["--out", "model.pt"], "model.pt does not end in .onnx"),
        (["--resume"], "there is no Crickets at night.checkpoint to go on from"),
        (["--device", "cuda"], "--device cuda: PyTorch finds no CUDA device here"),
        (["--model", "nowhere.onnx"], "nowhere.onnx"),
    ],
)
def test_the_impossible_is_refused_in_a_sentence(
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    error: str,
) -> None:
    if "cuda" in arguments and torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    monkeypatch.chdir(tmp_path)
    assert main(["train", str(clip), *arguments]) == 2
    told = capsys.readouterr().err
    assert error in told
    assert told.count("\n") == 1 + ("going on" in told)
    assert not list(tmp_path.iterdir())


def test_a_clip_of_a_known_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "water.wav"
    soundfile.write(file, exemplar("water", 2, RATE), RATE)
    assert main(["train", str(file), "--out", str(tmp_path / "out.onnx")]) == 2
    assert "textures.onnx has a texture of this name already: rename the clip" in capsys.readouterr().err


def test_a_training_that_broke_off_goes_on_to_the_same_model(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(train, "SAVED", 2)
    arguments = ["train", str(clip), "--steps", "4", "--out"]
    whole, broken = tmp_path / "whole.onnx", tmp_path / "broken.onnx"
    assert main([*arguments, str(whole)]) == 0
    advance = Trainer.advance

    def until_the_power_fails(trainer: Trainer, progress: float) -> dict[str, float]:
        assert trainer.step < 3, "no power"
        return advance(trainer, progress)

    monkeypatch.setattr(Trainer, "advance", until_the_power_fails)
    with pytest.raises(AssertionError, match="no power"):
        main([*arguments, str(broken)])
    assert not broken.exists()
    monkeypatch.setattr(Trainer, "advance", advance)
    judged, mean = [], Ear.mean

    def counted(ear: Ear, network: TextureNetwork) -> float:
        judged.append(mean(ear, network))
        return judged[-1]

    monkeypatch.setattr(Ear, "mean", counted)
    assert main([*arguments, str(broken), "--resume"]) == 0
    assert len(judged) == 2, "after each of the two steps that were left, and not before them"
    first, second = (restored(file).state_dict() for file in (whole, broken))
    for name, value in first.items():
        assert torch.equal(second[name], value), name
    told = [json.loads(load_model(file).metadata["training"])["nearness"] for file in (whole, broken)]
    assert told[0] == told[1], "what was heard before it broke off is not forgotten"


def test_minutes_are_kept(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(clip), "--minutes", "0.1", "--out", str(tmp_path / "short.onnx")]) == 0
    told = capsys.readouterr()
    assert "0.0 min left: loss" in told.err
    assert int(told.out.split(" after ")[1].split()[0]) >= 1
