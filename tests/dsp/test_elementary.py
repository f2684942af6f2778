"""exp, log and tanh against numpy's in double precision."""

import numpy as np
import pytest

from rtengine.dsp import elementary
from rtengine.native.kernel import kernel


@kernel
def exp_all(x, y):
    for n in range(x.shape[0]):
        y[n] = elementary.exp(x[n])


@kernel
def log_all(x, y):
    for n in range(x.shape[0]):
        y[n] = elementary.log(x[n])


@kernel
def tanh_all(x, y):
    for n in range(x.shape[0]):
        y[n] = elementary.tanh(x[n])


def of(function, x):
    y = np.empty(len(x), np.float32)
    function(x.astype(np.float32), y)
    return y.astype(np.float64)


def test_exp_is_within_its_error_and_stays_in_its_range() -> None:
    x = np.linspace(-87, 88, 200_001).astype(np.float32)
    assert np.abs(of(exp_all, x) / np.exp(x.astype(np.float64)) - 1).max() < 3e-7
    assert of(exp_all, np.array([0.0]))[0] == 1
    low, high = of(exp_all, np.array([-1e30, 1e30]))
    assert 0 < low < 2e-38
    assert 1e38 < high < np.inf


def test_log_is_within_its_error_and_takes_what_is_not_positive_for_the_least() -> None:
    x = np.geomspace(1.2e-38, 3e38, 200_001).astype(np.float32)
    true = np.log(x.astype(np.float64))
    assert (np.abs(of(log_all, x) - true) / np.maximum(np.abs(true), 1)).max() < 3e-7
    assert of(log_all, np.array([1.0]))[0] == 0
    assert of(log_all, np.array([0.0, -1.0])) == pytest.approx(np.log(1.2e-38), rel=1e-6)


def test_tanh_is_within_its_error() -> None:
    x = np.linspace(-50, 50, 200_001).astype(np.float32)
    assert np.abs(of(tanh_all, x) - np.tanh(x.astype(np.float64))).max() < 5e-7
