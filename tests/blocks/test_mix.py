import numpy as np

from rtengine.block import SMOOTHING
from rtengine.blocks.limiter import Limiter
from rtengine.blocks.mix import Mix
from rtengine.graph import Graph

SAMPLE_RATE = 48_000


def mixed(amount: float, x: np.ndarray) -> np.ndarray:
    g = Graph(SAMPLE_RATE, mix=Mix(limiter=Limiter()))
    g["/mix/amount"] = amount
    g.settle()
    return g.process(x)


def quiet(n: int = 5000) -> np.ndarray:
    return (0.1 * np.random.default_rng(0).uniform(-1, 1, (2, n))).astype(np.float32)  # the limiter is a delay for it


def test_dry_and_wet_are_aligned_and_exact() -> None:
    x, latency = quiet(), Graph(SAMPLE_RATE, mix=Mix(limiter=Limiter())).latency
    assert latency > 0
    for amount in (0, 1):
        assert np.array_equal(mixed(amount, x)[:, latency:], x[:, :-latency])


def test_the_middle_is_equal_power() -> None:
    x = quiet()
    assert np.allclose(mixed(0.25, x)[:, 200:], (np.sqrt(0.25) + np.sqrt(0.75)) * mixed(1, x)[:, 200:], atol=1e-6)


def test_a_jump_of_the_amount_makes_no_click() -> None:
    g = Graph(SAMPLE_RATE, mix=Mix(limiter=Limiter()))
    g.process(np.ones((2, 5000), np.float32) * 0.5)
    g["/mix/amount"] = 0.5
    y = g.process(np.ones((2, 5000), np.float32) * 0.5)
    assert np.abs(np.diff(y)).max() < 0.5 * np.pi / 2 / (SMOOTHING * SAMPLE_RATE) * 1.01
    assert y[0, -1] > y[0, 0] * 1.4
