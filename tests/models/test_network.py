import json

import numpy as np
import onnx
import pytest
import torch
from support.streamed import run

from rtengine.models.exemplars import exemplar
from rtengine.models.texture.bands import BANDS, BINS, loudness_weights
from rtengine.models.texture.clip import measured
from rtengine.models.texture.embedding import EMBEDDING
from rtengine.models.texture.model import SHIPPED, load_model
from rtengine.models.texture.modulator import follow
from rtengine.models.texture.textures import SHIPPED_TEXTURES
from rtengine.models.texture.training import trainer
from rtengine.models.texture.training.export import export
from rtengine.models.texture.training.features import running_mean
from rtengine.models.texture.training.network import TextureNetwork
from rtengine.models.texture.training.songs import istft, levelled, stft
from rtengine.models.texture.training.subjects import Subject

FRAMES, CHANNELS = 150, 2


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    torch.set_num_threads(1)  # sums are rounded alike on any machine
    chosen = measured(exemplar("laser", 6.0))
    found = TextureNetwork({"laser": chosen, "other": chosen}, width=32).eval()
    with torch.no_grad():  # louder weights than training starts with, so that every path is heard
        found.leave.weight.mul_(10)
    return found


@pytest.fixture(scope="module")
def exported(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "small.onnx"
    export(network, path, {"steps": 0})
    return load_model(path)


def sequence(seed=0, channels=CHANNELS, frames=FRAMES):
    generator = torch.Generator().manual_seed(seed)
    magnitude = torch.rand(1, frames, channels, BINS, generator=generator) ** 4
    noise = 13.9 * torch.randn(1, frames, channels, 2, BINS, generator=generator)
    return magnitude, noise


def textured(network, magnitude, noise, strength=0.7):
    with torch.no_grad():
        return network(
            magnitude, noise, *beginning(network.modulators["laser"], magnitude.shape[1]),
            network.embeddings()[None, :1], torch.full((1, 1, 1), strength), network.start(1),
        )[0]  # fmt: skip


def beginning(modulator, frames):
    envelopes, partials = np.zeros((frames, BANDS), np.float32), np.zeros((frames, BINS), np.float32)
    for m in range(frames):
        follow(*modulator, m % len(modulator.envelopes), np.float32(1), envelopes[m], partials[m])
    return torch.as_tensor(envelopes[None]), torch.as_tensor(partials[None])


def music(channels=1, seconds=2.0):
    t = np.arange(int(44100 * seconds)) / 44100
    notes = sum(np.sin(2 * np.pi * f * t) / k for k, f in enumerate((220, 277.2, 330, 440, 880, 1760), 1))
    x = 0.05 * notes * (1 + np.sign(np.sin(2 * np.pi * 2 * t)))
    return np.stack([x] * channels).astype(np.float32)


def test_frame_by_frame_equals_the_whole_sequence(network, exported):
    x = np.random.default_rng(0).standard_normal((CHANNELS, 256 * (FRAMES - 1))).astype(np.float32) * 0.05
    streamed = run(exported, x, "laser", 0.7, seed=3)
    spectrum = stft(torch.as_tensor(x))
    phase = torch.polar(torch.ones_like(spectrum.real), spectrum.angle())
    noise = stft(torch.randn(x.shape, generator=torch.Generator().manual_seed(3))) / phase
    relative = torch.stack([noise.real, noise.imag], -2).transpose(0, 1)[None]
    y = textured(network, spectrum.abs().transpose(0, 1)[None], relative)[0].transpose(0, 1)
    whole = torch.complex(y[:, :, 0], y[:, :, 1]) * phase
    assert np.abs(streamed - whole.numpy()).max() < 1e-5 * max(1, np.abs(streamed).max())
    assert np.abs(streamed - spectrum.numpy()).max() > 0.1


def test_no_frame_hears_a_later_one(network):
    magnitude, noise = sequence()
    changed = magnitude.clone()
    changed[:, 100:] *= 3
    a, b = textured(network, magnitude, noise), textured(network, changed, noise)
    assert torch.allclose(a[:, :100], b[:, :100], atol=1e-6)
    assert not torch.allclose(a[:, 100:], b[:, 100:], atol=1e-2)


def test_strength_0_is_the_identity(network):
    magnitude, noise = sequence()
    y = textured(network, magnitude, noise, strength=0.0)
    assert torch.allclose(y[..., 0, :], magnitude, rtol=1e-5)
    assert torch.all(y[..., 1, :] == 0)


def test_depths_of_neighbouring_bands_are_evened_and_keep_their_mean(network):
    assert torch.allclose(network.evening.sum(0), torch.ones(BANDS))
    uneven = torch.arange(BANDS) % 2.0
    even = uneven @ network.evening
    assert torch.diff(even, n=2).abs().mean() < 0.25  # 2 before
    assert torch.isclose(even[10], torch.tensor([1.0, 2, 3, 2, 1]) / 9 @ uneven[8:13])


def test_silence_gives_silence(network):
    magnitude, noise = sequence()
    assert torch.all(textured(network, 0 * magnitude, noise) == 0)


def test_a_silent_channel_stays_silent(network):
    magnitude, noise = sequence()
    magnitude[:, :, 1] = 0
    assert torch.all(textured(network, magnitude, noise)[:, :, 1] == 0)


def test_twenty_db_quieter_in_is_twenty_db_quieter_out(network):
    magnitude, noise = sequence(frames=400)
    settled = 250  # frames, after which the running means have forgotten their start
    loud, quiet = (textured(network, gain * magnitude, noise)[:, settled:].square().mean().sqrt() for gain in (300, 30))
    assert abs(20 * torch.log10(loud / quiet) - 20) < 0.2


def test_output_is_finite_for_any_magnitude(exported):
    rng = np.random.default_rng(0)
    inputs = [np.zeros(20000), 1e6 * rng.standard_normal(20000), np.where(np.arange(20000) == 9000, 1e4, 0)]
    for x in inputs:
        y = run(exported, x[None].astype(np.float32), "laser", 1.0)
        assert np.isfinite(y).all()


def test_running_mean_over_blocks_equals_the_recurrence():
    x, past = torch.randn(2, 300, 3), torch.randn(2, 1, 3)
    keep = torch.tensor([0.99, 0.99, 0.5])
    y, now = running_mean(x, past, keep), past
    for m in range(300):
        now = running_mean(x[:, m : m + 1], now, keep)
        assert torch.allclose(y[:, m : m + 1], now, atol=1e-5)


def loudness(x):
    """Mean power under the K curve."""
    return float((stft(torch.as_tensor(x)).abs().square() @ torch.as_tensor(loudness_weights())).mean())


@pytest.mark.parametrize("name", SHIPPED_TEXTURES)
def test_the_shipped_model_keeps_the_level_and_changes_the_sound(name):
    model = load_model(SHIPPED)
    x = music(channels=2)
    spectrum = run(model, x, name, 0.7)
    y = istft(torch.as_tensor(spectrum), x.shape[1]).numpy()
    before, after = (loudness(s[:, 22050:]) for s in (x, y))
    assert abs(10 * np.log10(after / before)) < 4  # the host's phases take some of it again
    assert np.abs(y - x).max() > 0.02


def steps(training):
    """Of a training, and of those that it began from."""
    return training["steps"] + max(map(steps, training.get("begun", [])), default=0)


def test_the_shipped_model_says_what_it_is():
    model = load_model(SHIPPED)
    assert set(model.textures) == set(SHIPPED_TEXTURES)
    assert model.embeddings.shape == (len(SHIPPED_TEXTURES), EMBEDDING)
    assert np.isfinite(model.embeddings).all()
    facts = {p.key: p.value for p in onnx.load(str(SHIPPED)).metadata_props}
    assert facts["licence"] == "MIT"
    assert steps(json.loads(facts["training"])) >= 10_000
    assert SHIPPED.stat().st_size < 8_000_000


def test_training_goes_on_exactly_where_it_stopped(monkeypatch, tmp_path):
    monkeypatch.setattr(trainer, "CROP", 256 * 256)
    monkeypatch.setattr(trainer, "BATCH", 3)
    monkeypatch.setattr(trainer, "STRANGERS", 1)
    take = levelled(torch.as_tensor(exemplar("laser", 1.5)[None]))
    laser = Subject(measured(take[0].numpy()), take)
    content = [music(seconds=3.0)[0]]

    def begun():
        torch.manual_seed(0)
        network = TextureNetwork({"laser": laser.statistics}, width=16, layers=2)
        return trainer.Trainer(network, [laser, laser, laser], content, seed=0)

    whole = begun()
    losses = [whole.advance(0.0)["loss"] for _ in range(3)]
    assert all(np.isfinite(losses))
    broken = begun()
    broken.advance(0.0)
    broken.save(tmp_path / "checkpoint.pt")
    resumed = begun()
    resumed.restore(tmp_path / "checkpoint.pt")
    assert [resumed.advance(0.0)["loss"] for _ in range(2)] == losses[1:]
