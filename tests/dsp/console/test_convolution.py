"""Convolution in blocks is the convolution, at once and whatever the pieces."""

import numpy as np
import pytest
from scipy.signal import fftconvolve

from rtengine.dsp.console import convolution
from rtengine.native.kernel import kernel
from rtengine.native.record import record


@kernel
def play(state, u, left, right, size):
    n = 0
    while n < u.shape[0]:
        last = min(u.shape[0], n + size, n + 64 - n % 64)
        convolution.run(state, u[n:last], left[n:last], right[n:last])
        n = last


def answered(h: np.ndarray, u: np.ndarray, size: int = 64) -> np.ndarray:
    y = np.zeros((2, len(u)), np.float32)
    play(record(convolution.prepare(h))[0], u, y[0], y[1], size)
    return y


def response(taps: int) -> np.ndarray:
    random = np.random.default_rng(0)
    return (random.standard_normal((2, taps)) * np.exp(-np.arange(taps) / taps * 5)).astype(np.float32)


@pytest.mark.parametrize("taps", [1, 256, 257, 8192, 8193, 40_000])
def test_it_is_the_convolution(taps: int) -> None:
    u = np.random.default_rng(1).standard_normal(60_000).astype(np.float32)
    h = response(taps)
    y = answered(h, u)
    for c in range(2):
        exact = fftconvolve(u.astype(float), h[c].astype(float))[: len(u)]
        assert np.abs(y[c] - exact).max() < 1e-5 * np.abs(exact).max()


def test_the_head_answers_at_once_and_the_tail_in_its_time() -> None:
    h = np.zeros((2, 30_000), np.float32)
    h[0, [0, 300, 29_999]], h[1, 9000] = 1, 0.5
    u = np.zeros(32_000, np.float32)
    u[100] = 1
    y = answered(h, u)
    for c in range(2):
        assert np.abs(y[c, 100 : 100 + 30_000] - h[c]).max() < 1e-6


def test_the_pieces_cannot_be_heard() -> None:
    u = np.random.default_rng(2).standard_normal(20_000).astype(np.float32)
    h = response(12_000)
    whole = answered(h, u)
    for size in (1, 17, 33):
        assert np.array_equal(answered(h, u, size), whole)


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        convolution.prepare(np.ones((2, convolution.TAPS + 1), np.float32))
