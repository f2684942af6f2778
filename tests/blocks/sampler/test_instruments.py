"""The instruments that come with the player: in tune, alike in loudness, ending in silence."""

import numpy as np
import pytest

from rtengine.blocks.sampler.bank import Bank
from rtengine.blocks.sampler.instruments.own import NAMES, own_bank
from rtengine.blocks.sampler.sampler import Sampler
from rtengine.events import NOTE_OFF, NOTE_ON
from rtengine.graph import Graph

RATE = 48_000


@pytest.fixture(scope="module")
def bank() -> Bank:
    return own_bank()


def played(bank: Bank, name: str, note: int, seconds: float = 1.0) -> np.ndarray:
    g = Graph(RATE, 2, synth=Sampler(bank, (name,)))
    g["/synth/hall"] = 0
    g.settle()
    g.send("/synth", NOTE_ON, 0, note, 0.7)
    g.send("/synth", NOTE_OFF, 0, note, time=round(seconds * RATE))
    return g.process(np.zeros((2, round((seconds + 3) * RATE)), np.float32))


@pytest.mark.parametrize("name", [n for n in NAMES if n != "kit"])
@pytest.mark.parametrize("note", [50, 64, 77])
def test_it_is_in_tune(bank: Bank, name: str, note: int) -> None:
    y = played(bank, name, note)[:, int(0.15 * RATE) : RATE].sum(axis=0)
    f0 = 440 * 2 ** ((note - 69) / 12)
    size = 1 << 20
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y)), size))
    f = np.arange(len(spectrum)) * RATE / size
    cents = np.arange(-60, 61)
    partials = [k for k in (1, 2, 3) if name != "bells" or k == 1]
    comb = [sum(np.interp(k * f0 * 2 ** (c / 1200), f, spectrum) for k in partials) for c in cents]
    wide = np.convolve(comb, np.hanning(31), "same")  # a section's partials are bands
    assert abs(cents[int(np.argmax(wide))]) <= (20 if name in ("strings", "pad") else 8), (name, note)


def test_all_are_heard_and_end(bank: Bank) -> None:
    for name in NAMES:
        y = played(bank, name, 38 if name == "kit" else 62, 0.5)
        assert np.isfinite(y).all()
        assert 0.02 < np.abs(y).max() < 1, name
        assert np.abs(y[:, -100:]).max() < 0.002, name


def test_it_is_the_same_each_time(bank: Bank) -> None:
    again = own_bank()
    assert np.array_equal(bank.samples, again.samples)
    assert bank.presets == again.presets
