"""The texture block around a network with a known answer; the shipped network is tested in test_network.py."""

from pathlib import Path

import numpy as np
import pytest
from support.every_block import small_model
from support.models import MODULATOR, identity_model

from rtengine.blocks.texture.texture import Texture
from rtengine.dsp.stft import stft
from rtengine.graph import Graph
from rtengine.models.texture.fit import DELAY
from rtengine.models.texture.model import load_model
from rtengine.patches.texture import LOW_LATENCY

MODEL_RATE = 44_100
CLOSE = -18  # dB; phase reconstruction keeps magnitudes, and the waveform about so far


def texture(sample_rate: int = MODEL_RATE, channels: int = 2, **settings: object) -> Graph:
    return Graph(sample_rate, channels, texture=Texture(load_model(small_model()), **settings))


def chord(n: int, sample_rate: int = MODEL_RATE, channels: int = 2) -> np.ndarray:
    """Softly plucked partials below 6 kHz, different in the channels."""
    t = np.arange(n) / sample_rate
    pluck = np.sin(np.pi * t / 0.3) ** 2 * np.exp(-(t % 0.3) * 9)
    partials = [np.sin(2 * np.pi * f * t) * pluck for f in (220, 277.2, 329.6, 1760, 5000)]
    gains = np.random.default_rng(0).uniform(0.02, 0.2, (channels, len(partials)))
    return (gains @ np.array(partials)).astype(np.float32)


def decibels(error: np.ndarray, signal: np.ndarray) -> float:
    return 20 * np.log10(np.sqrt(np.mean(error**2) / np.mean(signal**2)))


@pytest.mark.parametrize(
    ("settings", "magnitudes_close"), [({}, -30), ({"refine": 2}, -30), (LOW_LATENCY, -22)], ids=str
)
def test_what_the_network_leaves_alone_comes_out_as_it_went_in(
    settings: dict[str, object], magnitudes_close: float
) -> None:
    g = texture(**settings)
    x = chord(30_000)
    y = g.process(x)[:, g.latency :]
    x = x[:, : y.shape[1]]
    assert decibels((y - x)[:, 1024:], x) < CLOSE
    before, after = (np.abs(stft(s[0], 1024, 256)) for s in (x, y))
    assert decibels((after - before)[:, 8:-8], before) < magnitudes_close


def test_latency_is_window_look_ahead_iterations_and_headroom() -> None:
    assert texture().latency == 1024 + 3 * 256
    assert texture(look_ahead=0).latency == 1024
    assert texture(look_ahead=1, headroom=500).latency == 1024 + 256 + 500
    assert texture(**LOW_LATENCY).latency == 512
    with pytest.raises(ValueError, match="refine = 8 needs a look_ahead of at least 0, not -2"):
        texture(look_ahead=-2, refine=8)
    with pytest.raises(ValueError, match="fit = 3 needs refine = 1 or more, not 0"):
        texture(fit=3)


@pytest.mark.parametrize("settings", [{}, LOW_LATENCY], ids=str)
@pytest.mark.parametrize("sample_rate", [22_050, 48_000, 96_000])
def test_other_rates_are_resampled_there_and_back(sample_rate: int, settings: dict[str, object]) -> None:
    g = texture(sample_rate, **settings)
    x = chord(sample_rate, sample_rate)
    y = g.process(x)[:, g.latency :]
    x = x[:, : y.shape[1]]
    assert decibels((y - x)[:, 4096:-4096], x) < CLOSE


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_no_sample(threads: int) -> None:
    x = chord(40_000)
    alone = texture(refine=2)
    expected = alone.process(x)[:, alone.latency :]
    with texture(refine=2, headroom=8192, patient=True) as g:
        g.start(threads)
        y = g.process(np.pad(x, ((0, 0), (0, 8192))))[:, g.latency :]
    assert np.array_equal(y, expected)
    assert g.state("texture")["ends"]["late"] == 0


def test_what_is_fitted_is_in_time_and_as_loud_and_repeats_with_any_threads() -> None:
    x = chord(40_000)
    alone = texture(refine=1, fit=2)
    assert alone.latency == texture(refine=1).latency + DELAY * 256
    y = alone.process(np.pad(x, ((0, 0), (0, alone.latency))))[:, alone.latency :]
    before, after = (np.abs(stft(s[0], 1024, 256)) for s in (x, y))
    assert np.corrcoef(before[:, 8:-8].ravel(), after[:, 8:-8].ravel())[0, 1] > 0.8
    assert abs(decibels(y, x)) < 1.5
    assert decibels(y - x, x) > CLOSE, "something was done"
    with texture(refine=1, fit=2, headroom=8192, patient=True) as g:
        g.start(2)
        again = g.process(np.pad(x, ((0, 0), (0, g.latency))))[:, g.latency :]
    assert np.array_equal(again, y)


def test_what_is_silent_or_not_textured_is_not_fitted() -> None:
    g = texture(refine=1, fit=1)
    assert np.abs(g.process(np.zeros((2, g.latency + 20_000), np.float32))).max() < 1e-6
    x = chord(40_000)
    g.reset()
    g["/texture/strength"] = 0
    g.settle()
    y = g.process(np.pad(x, ((0, 0), (0, g.latency))))[:, g.latency :]
    before, after = (np.abs(stft(s[0], 1024, 256)) for s in (x, y))
    assert decibels((after - before)[:, 8:-8], before) < -30


def test_without_its_worker_it_gives_the_dry_signal_of_the_same_moment_and_counts() -> None:
    x = chord(60_000)
    on_time = texture(headroom=1024)
    expected = on_time.process(x)
    g = texture(headroom=1024)
    g.memory["inline"] = 0  # a worker that never comes
    y = g.process(x[:, :20_000])
    late = int(g.state("texture")["ends"]["late"])
    assert 20_000 - g.latency <= late < 20_000
    settled = g.latency + 256
    assert np.array_equal(y[:, settled:], x[:, settled - g.latency : 20_000 - g.latency])
    g.memory["inline"] = 1  # and then does
    y = g.process(x[:, 20_000:])
    assert np.array_equal(y[:, 2048:], expected[:, 22_048:]), "time has not slipped"
    assert g.state("texture")["ends"]["owed"] == 0


def test_a_worker_that_stays_away_for_seconds_is_caught_up_with() -> None:
    x = chord(500_000)
    expected = texture(headroom=1024).process(x)
    g = texture(headroom=1024)
    g.memory["inline"] = 0
    g.process(x[:, :300_000])  # more than the ring that leads up holds
    g.memory["inline"] = 1
    y = g.process(x[:, 300_000:])
    assert decibels(y[:, 100_000:] - expected[:, 400_000:], x) < -60


def test_weights_blend_embeddings_and_strength_follows_their_sum() -> None:
    g = texture()
    net = g.state("texture")["net"]
    for first, second, embedding, strength in ((1, 0, 0, 0.8), (0.3, 0.9, 0.75, 0.8), (0, 0.5, 1, 0.4), (0, 0, 0, 0)):
        g["/texture/first"], g["/texture/second"], g["/texture/strength"] = first, second, 0.8
        g.settle()
        g.process(np.zeros((2, 1024), np.float32))
        assert np.isclose(net["embedding"][0], embedding)
        assert np.isclose(net["strength"][0], strength)


def test_states_come_back_after_their_delays() -> None:
    g = texture()
    net = g.state("texture")["net"]
    strengths = []
    for i in range(12):
        g["/texture/strength"] = i / 20
        g.settle()
        g.process(np.zeros((2, 256), np.float32))
        strengths.append(i / 20)
        want = [strengths[-1 - d] if len(strengths) > d else 0 for d in (1, 5)]
        assert np.allclose(net["past"].reshape(2, 4)[:, 0], want)


def test_tone_multiplies_and_noise_adds_its_logarithm() -> None:
    g = texture()
    g["/texture/tone"], g["/texture/noise"] = 0.25, 0.5
    g.settle()
    g.process(np.zeros((2, 1024), np.float32))
    assert np.allclose(g.state("texture")["net"]["embedding"][1:], [0.5, np.log(0.5)])


def test_freeze_holds_noise_and_the_place_in_the_course() -> None:
    g = texture()
    net = g.state("texture")["net"]
    x = np.zeros((2, 2048), np.float32)
    g.process(x)
    noise, envelopes = net["noise"].copy(), net["envelopes"].copy()
    assert np.any(envelopes != 0)
    g["/texture/freeze"] = 1
    g.process(x)
    assert np.array_equal(net["noise"], noise)
    assert np.array_equal(net["envelopes"], envelopes)
    g["/texture/freeze"] = 0
    g.process(x[:, :768])
    assert not np.array_equal(net["noise"], noise)
    assert np.allclose(net["envelopes"], (envelopes + 3) % MODULATOR)


def test_courses_go_round_and_are_blended_by_their_shares() -> None:
    g = texture()
    net = g.state("texture")["net"]
    found = []
    for _ in range(2 * MODULATOR):
        g.process(np.zeros((2, 256), np.float32))
        found.append(float(net["envelopes"][5]))
    assert sorted(found[:MODULATOR]) == list(range(MODULATOR))
    assert found[MODULATOR:] == found[:MODULATOR]
    assert np.all(net["partials"] == 0)
    g["/texture/first"], g["/texture/second"] = 0.5, 0.5
    g.settle()
    g.process(np.zeros((2, 256), np.float32))
    assert net["envelopes"][5] == found[0] / 2
    assert net["partials"].argmax() == 100
    assert np.isclose(net["partials"].max(), 0.5, atol=1e-3)


def test_a_morph_in_one_second_makes_no_step() -> None:
    g = texture()
    net = g.state("texture")["net"]
    found = []
    for second in np.clip(np.arange(-20, 200) / (MODEL_RATE / 256), 0, 1):
        g["/texture/first"], g["/texture/second"] = 1 - second, second
        g.process(np.zeros((2, 256), np.float32))
        found.append((float(net["embedding"][0]), float(net["partials"].max())))
    places = np.array(found)
    assert np.allclose(places[[0, -1]], [[0, 0], [1, 1]], atol=0.01)
    assert np.diff(places, axis=0).max() < 1.1 * 256 / MODEL_RATE
    assert np.diff(places, axis=0).min() > -1e-6


def test_a_seed_is_another_place_in_the_course() -> None:
    envelopes = []
    for seed in (0, 1):
        g = texture()
        g["/texture/seed"] = seed
        g.settle()
        g.process(np.zeros((2, 1024), np.float32))
        envelopes.append(g.state("texture")["net"]["envelopes"].copy())
    assert not np.array_equal(*envelopes)


def test_brightness_is_a_low_pass_of_second_order() -> None:
    x = np.random.default_rng(0).standard_normal((2, 60_000)).astype(np.float32) * 0.1
    spectra = []
    for brightness in (20_000, 2000):
        g = texture()
        g["/texture/brightness"] = brightness
        g.settle()
        spectra.append(np.abs(stft(g.process(x)[0, 4096:], 1024, 256)).mean(1))
    fall = 20 * np.log10(spectra[1] / spectra[0])
    at = [round(f * 1024 / MODEL_RATE) for f in (500, 2000, 8000, 16_000)]
    assert np.allclose(fall[at], [0, -3, -24, -36], atol=1.5)


def test_a_seed_is_another_noise_and_the_same_again() -> None:
    def noise(seed: int) -> np.ndarray:
        g = texture()
        g["/texture/seed"] = seed
        g.settle()
        g.process(np.zeros((2, 2048), np.float32))
        return g.state("texture")["net"]["noise"].copy()

    assert np.array_equal(noise(3), noise(3))
    assert not np.array_equal(noise(3), noise(4))


def test_a_network_that_fails_is_silent_and_counted(tmp_path: Path) -> None:
    model = load_model(identity_model(tmp_path / "bad.onnx", gain=float("nan")))
    g = Graph(MODEL_RATE, texture=Texture(model))
    assert not np.any(g.process(chord(10_000)))
    assert g.memory["bad_out"][0] == 0


def test_quality_can_be_turned_while_playing() -> None:
    g = texture()
    x = chord(60_000)
    out = []
    for n in range(0, 60_000, 2000):
        g["/texture/quality"] = (n // 2000) % 3
        out.append(g.process(x[:, n : n + 2000]))
    y = np.concatenate(out, axis=1)[:, g.latency :]
    assert decibels((y - x[:, : y.shape[1]])[:, 1024:], x) < CLOSE
    jumps = np.abs(np.diff(y, 2)).max() / np.abs(np.diff(x, 2)).max()
    assert jumps < 1.5, "no click"


def test_silence_stays_silent() -> None:
    g = texture()
    assert np.abs(g.process(np.zeros((2, 20_000), np.float32))).max() < 1e-6


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "is not an ONNX model"),
        (b"text", "is not an ONNX model"),
        (None, "there is no model file"),
    ],
)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes | None, error: str) -> None:
    file = tmp_path / "model.onnx"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises((ValueError, OSError), match=error):
        load_model(file)
