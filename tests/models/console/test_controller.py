"""The controller on the host is the network in its file, and does not know its strips by number."""

import numpy as np
import onnxruntime
import pytest

from rtengine.dsp.console.settings import Settings
from rtengine.models.console import ear, layout, network
from rtengine.models.console.model import SHIPPED, load
from rtengine.models.console.still import heard as heard_of
from rtengine.models.console.still import settings
from rtengine.native.kernel import kernel
from rtengine.native.record import record

RATE = 44_100
ROLES = [0, 1, 3]


@kernel
def hear(brain, power, peak, roles, seconds):
    for m in range(power.shape[0]):
        for s in range(power.shape[1]):
            if peak[m, s] > 0:
                network.remember(brain, s, power[m, s], peak[m, s], 100_000)
    for s in range(power.shape[1]):
        network.think(brain, s, roles[s], seconds)
    for s in range(power.shape[1]):
        network.answer(brain, s)
    network.judge(brain)


def song(seed: int = 0, hops: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Powers and peaks of three strips, of which the second plays half of the time and the third never."""
    random = np.random.default_rng(seed)
    power = 10 ** (random.normal(-4, 1, (hops, 3, ear.COUNT)) + np.linspace(0, -2, ear.COUNT))
    peak = 4 * np.sqrt(power.sum(2))
    peak[::2, 1] = peak[:, 2] = 0
    return power, peak


def asked(power: np.ndarray, peak: np.ndarray, roles: list[int]) -> np.void:
    brain = record(network.prepare(load().weights, power.shape[1]))[0]
    hear(brain, power, peak, np.array(roles), ear.HOP / RATE)
    return brain


def test_the_host_says_what_onnxruntime_says() -> None:
    power, peak = song()
    brain = asked(power, peak, ROLES)
    session = onnxruntime.InferenceSession(SHIPPED.read_bytes(), providers=["CPUExecutionProvider"])
    mean = np.zeros((3, layout.WIDTH), np.float32)
    once = record(network.prepare(load().weights, 3))[0]
    said = mix = None
    for m in range(len(power)):
        share, frames = np.zeros((3, 1), np.float32), np.zeros((3, layout.FRAME), np.float32)
        for s in range(3):
            if peak[m, s] > 0:
                network.remember(once, s, power[m, s], peak[m, s], 100_000)
                share[s], frames[s] = 1 / once["hops"][s], once["frame"]
        rows = []
        for s in range(3):
            network.known(once, s, ROLES[s], ear.HOP / RATE)
            rows.append(once["known"][layout.WIDTH :].copy())
        present = (once["hops"] > 0).astype(np.float32)[None]
        fed = {"frame": frames, "mean": mean, "share": share, "beside": np.array(rows), "present": present}
        said, mix, mean = session.run(["strips", "mix", "mean.next"], fed)
    assert np.abs(said - brain["said"])[:2].max() < 1e-4
    assert np.abs(mix[0] - brain["mix"]).max() < 1e-4
    assert np.abs(brain["said"][:2]).max() > 0.05  # and it says something


def test_strips_have_no_number() -> None:
    power, peak = song(1)
    one = asked(power, peak, ROLES)
    order = [2, 0, 1]
    other = asked(power[:, order], peak[:, order], [ROLES[i] for i in order])
    np.testing.assert_allclose(other["said"], one["said"][order], atol=2e-5)
    np.testing.assert_allclose(other["mix"], one["mix"], atol=2e-5)


def test_the_level_of_a_strip_does_not_matter() -> None:
    power, peak = song(2)
    louder = np.array([1, 100.0, 1])
    one, other = asked(power, peak, ROLES), asked(power * louder[:, None], peak * np.sqrt(louder), ROLES)
    np.testing.assert_allclose(other["said"], one["said"], atol=1e-3)


def test_of_a_strip_that_never_played_nothing_is_sure() -> None:
    brain = asked(*song(), ROLES)
    assert network.sure(brain, 2) == 0
    assert 0 <= network.sure(brain, 0) <= 1


def tilted(gain: float, seed: int = 0) -> np.ndarray:
    """Ten seconds of noise that falls by 3 dB an octave and is turned up or down above 2 kHz."""
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.standard_normal(RATE * 10))
    f = np.fft.rfftfreq(RATE * 10, 1 / RATE)
    spectrum *= np.maximum(f, 40) ** -0.5 * np.where(f > 2000, 10 ** (gain / 20), 1)
    x = np.fft.irfft(spectrum)
    return np.stack([x, x]).astype(np.float32) * np.float32(0.1 / x.std())


def test_what_is_too_bright_is_turned_down_and_what_is_dull_up() -> None:
    def heard(gain: float) -> Settings:
        strips = [heard_of(x, RATE) for x in (tilted(gain), tilted(0, 1))]
        return settings(load(), strips, RATE, ["vocals", "other"])

    bright, dull = heard(9), heard(-9)
    assert bright.bands[0, 4:].mean() < dull.bands[0, 4:].mean() - 0.3  # noise is no music: it knows little of it
    assert bright.bands.shape == (2, layout.BANDS)
    assert np.abs(bright.bands).max() <= layout.EQ_RANGE


@pytest.mark.parametrize("size", [0, 10, 3000, 500_000])
def test_a_broken_file_is_refused_in_a_sentence(tmp_path, size: int) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(SHIPPED.read_bytes()[:size])
    with pytest.raises(ValueError, match=r"broken\.onnx"):
        load(path)


def test_the_file_says_what_it_learnt_from() -> None:
    training = load().training
    assert training["songs"]
    assert training["steps"] > 500
    assert sum(w.size for w in load().weights.values()) < 250_000
