"""The texture network as the host's own code, against onnxruntime on the same file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.models import identity_model
from support.sounds import music

from rtengine.dsp.vector.pointer import numbers
from rtengine.models import onnx, onnx_file
from rtengine.models.texture import native, stream, weights
from rtengine.models.texture.bands import BINS
from rtengine.models.texture.model import SHIPPED, Model, load_model
from rtengine.models.texture.modulator import follow
from rtengine.native.kernel import kernel
from rtengine.native.record import Memory, record

FRAMES = 260  # longer than the network's memory of 127
RATE = 44_100


@kernel
def infer(memory):
    stream.infer(memory[0])


@kernel
def product(matrix, steps, a, y):
    native.product(numbers(matrix), numbers(steps), numbers(a), a.shape[0], numbers(y), y.shape[0])


def running(model: Model, channels: int, by_onnxruntime: bool) -> tuple[Memory, object]:
    model = replace(model, weights=None) if by_onnxruntime else model
    memory = record(stream.prepare(model, channels))
    return memory, stream.bind(memory[0], model)


def spectra(channels: int) -> np.ndarray:
    """(FRAMES, channels, BINS) complex, of music with a silence in it."""
    x = music(1024 + 256 * (FRAMES - 1), channels, RATE)
    x[:, 30_000:40_000] = 0
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
    frames = np.lib.stride_tricks.sliding_window_view(x, 1024, axis=1)[:, ::256]
    return np.fft.rfft(frames * window).swapaxes(0, 1)


@pytest.mark.parametrize("channels", [1, 2])
def test_it_gives_what_onnxruntime_gives(channels: int) -> None:
    model, random = load_model(SHIPPED), np.random.default_rng(0)
    names = list(model.textures)
    (own, kept), (other, session) = (running(model, channels, known) for known in (False, True))
    assert isinstance(kept, weights.Weights)
    assert isinstance(session, onnx.Session)
    worst = loudest = 0.0
    for m, spectrum in enumerate(spectra(channels)):
        first, second = names[m // 9 % len(names)], names[m // 7 % len(names)]
        envelopes, partials = np.zeros(64, np.float32), np.zeros(BINS, np.float32)
        follow(*model.modulators[first], m, np.float32(1), envelopes, partials)
        share = np.float32(0.01 * (m % 100))
        embedding = share * np.array(model.textures[first]) + (1 - share) * np.array(model.textures[second])
        for memory in (own, other):
            net = memory[0]
            net["magnitude"] = np.abs(spectrum)
            net["envelopes"], net["partials"] = envelopes, partials
            net["embedding"], net["strength"] = embedding, (0.7, 0, 1, 0.85)[m // 40 % 4]
        own[0]["noise"] = other[0]["noise"] = random.standard_normal((channels, 2, BINS)) * 14
        infer(own)
        infer(other)
        loudest = max(loudest, np.abs(other["spectrum"]).max())
        worst = max(worst, np.abs(own["spectrum"] - other["spectrum"]).max())
    assert worst < 1e-5 * loudest
    assert own["failed"] == other["failed"] == 0
    assert own["present"] == pytest.approx(other["present"], rel=1e-4, abs=1e-3)


def test_what_a_texture_is_is_worked_out_again_only_when_it_moves() -> None:
    model = load_model(SHIPPED)
    memory, kept = running(model, 1, by_onnxruntime=False)
    net = memory[0]
    net["strength"] = 0.5
    infer(memory)
    first = net["native"]["film"].copy()
    net["native"]["film"][:] = 7
    infer(memory)
    assert (net["native"]["film"] == 7).all()
    net["strength"] = 0.6
    infer(memory)
    assert not np.array_equal(net["native"]["film"], first)
    net["strength"] = 0.5
    infer(memory)
    assert np.array_equal(net["native"]["film"], first), "a function of the values, whatever came before"
    assert kept


def test_panels_multiply_as_the_matrix_does() -> None:
    random = np.random.default_rng(1)
    matrix, a = random.standard_normal((85, 192)).astype(np.float32), random.standard_normal(85).astype(np.float32)
    y, steps, kept = np.ones(192, np.float32), weights.steps(matrix), weights.rounded(matrix)
    product(weights.panels(weights.shorts(matrix, steps)).reshape(-1).view(np.float32), steps / weights.UP, a, y)
    assert y == pytest.approx(1 + a.astype(np.float64) @ kept.astype(np.float64), abs=1e-4)


def test_weights_lose_nothing_when_they_are_rounded_again() -> None:
    matrix = np.random.default_rng(2).standard_normal((3, 85, 192)).astype(np.float32)
    matrix[..., 5], matrix[..., 6], matrix[..., 7] = 0, 1e-12, 3e8
    once = weights.rounded(matrix)
    assert np.array_equal(weights.rounded(once), once)
    error = np.abs(once - matrix) / np.abs(matrix).max(axis=-2, keepdims=True, initial=1e-30)
    assert error.max() <= 2.0**-15


def test_the_shipped_weights_are_read_as_they_are() -> None:
    found = onnx_file.read(SHIPPED.read_bytes()).weights
    for name, value in found.items():
        assert np.array_equal(weights.kept(name.removeprefix("network."), value), value), name


def test_a_network_of_another_make_is_onnxruntimes(tmp_path: Path) -> None:
    file = identity_model(tmp_path / "identity.onnx")
    assert load_model(file).weights is None
    memory, session = running(load_model(file), 1, by_onnxruntime=False)
    assert isinstance(session, onnx.Session)
    assert memory["native"]["address"] == 0


def test_a_file_that_says_it_is_ours_and_is_not_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "odd.onnx"
    file.write_bytes(SHIPPED.read_bytes().replace(b"network.know.bias", b"network.knew.bias"))
    with pytest.raises(ValueError, match=r"know\.bias"):
        load_model(file)


def test_a_file_that_was_trained_again_brings_its_own_weights(tmp_path: Path) -> None:
    file, old = tmp_path / "kitchen.onnx", SHIPPED.read_bytes()
    file.write_bytes(old)
    first = load_model(file)
    scale = np.float32(first.weights.data[first.weights.places["scale"]])
    file.write_bytes(old.replace(scale.tobytes(), np.float32(2 * scale).tobytes()))
    load_model.cache_clear()
    place = first.weights.places["scale"]
    assert load_model(file).weights.data[place] == 2 * scale
