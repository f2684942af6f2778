"""Vectors of every width compute, in every lane, what numpy computes."""

import numpy as np
import pytest

from rtengine.dsp.vector.arithmetic import complex_vector, conj, fill, imag, real, splice, sqrt, times_i
from rtengine.dsp.vector.lanes import LANES, Lanes, width_of
from rtengine.dsp.vector.pointer import aligned_zeros, complex_vectors, load, numbers, store, vectors
from rtengine.dsp.vector.transpose import from_lanes, load_pairs, store_pairs, to_lanes
from rtengine.native.kernel import kernel

WIDTHS = (4, 8, 16)


@kernel
def real_arithmetic(lanes, x, y, out):
    a, b, results = vectors(lanes, x)[0], vectors(lanes, y)[0], vectors(lanes, out)
    results[0] = a + b
    results[1] = a - b
    results[2] = a * b
    results[3] = a / b
    results[4] = sqrt(a)
    results[5] = a * np.float32(3) + np.float32(1)
    results[6] = splice(a, b, 3)
    results[7] = fill(lanes, np.float32(width_of(lanes)))


@kernel
def complex_arithmetic(lanes, x, y, w, out):
    a, b, results = complex_vectors(lanes, x)[0], complex_vectors(lanes, y)[0], complex_vectors(lanes, out)
    results[0] = a + b
    results[1] = a - b
    results[2] = a * b
    results[3] = a * w
    results[4] = conj(a)
    results[5] = times_i(a)
    results[6] = a * real(b)
    results[7] = complex_vector(imag(a), real(a))


@pytest.mark.parametrize("width", WIDTHS)
def test_real_numbers(width):
    a, b = np.random.default_rng(0).uniform(0.5, 2, (2, width)).astype(np.float32)
    out = np.zeros((8, width), np.float32)
    real_arithmetic(Lanes(width), a, b, out)
    spliced = np.where(np.arange(width) < 3, a, b)
    expected = [a + b, a - b, a * b, a / b, np.sqrt(a), a * 3 + 1, spliced, np.full(width, width)]
    assert np.abs(out - expected).max() < 1e-6


@pytest.mark.parametrize("width", WIDTHS)
def test_complex_numbers(width):
    a, b = np.random.default_rng(0).standard_normal((2, 2, width)).astype(np.float32)
    out, w = np.zeros((8, 2, width), np.float32), np.complex64(0.6 - 0.8j)
    complex_arithmetic(Lanes(width), a, b, w, out)
    p, q = a[0] + 1j * a[1], b[0] + 1j * b[1]
    expected = [p + q, p - q, p * q, p * w, p.conj(), 1j * p, p * q.real, p.imag + 1j * p.real]
    assert np.abs(out[:, 0] + 1j * out[:, 1] - expected).max() < 1e-6


@pytest.mark.parametrize("width", WIDTHS)
def test_nan_and_infinity_stay(width):
    a, b = np.full(width, np.nan, np.float32), np.full(width, np.inf, np.float32)
    out = np.zeros((8, width), np.float32)
    real_arithmetic(Lanes(width), a, b, out)
    assert np.isnan(out[:6]).all()
    real_arithmetic(Lanes(width), b, b, out)
    assert np.isinf(out[[0, 2, 4, 5]]).all()
    assert np.isnan(out[[1, 3]]).all()


@kernel
def shift(lanes, x, y, distance):
    store(numbers(y), 1, load(lanes, numbers(x), distance))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("distance", [0, 1, 5])
def test_vectors_begin_anywhere(width, distance):
    x, y = np.arange(32, dtype=np.float32), np.zeros(32, np.float32)
    shift(Lanes(width), x, y, distance)
    assert np.array_equal(y[1 : 1 + width], x[distance : distance + width])
    assert not y[1 + width :].any()


@kernel
def there_and_back(lanes, x, z, y, n):
    to_lanes(lanes, numbers(x), x.shape[1], x.shape[0], n, numbers(z), z.shape[1])
    from_lanes(lanes, numbers(z), z.shape[1], n, numbers(y), y.shape[1], y.shape[0])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("signals", [1, 3, 4])
@pytest.mark.parametrize("n", [16, 33])
def test_signals_go_into_lanes_and_back(width, signals, n):
    x = np.random.default_rng(0).random((signals, n + 3)).astype(np.float32)
    z, y = np.zeros((n, width + 2), np.float32), np.zeros((signals, n + 5), np.float32)
    there_and_back(Lanes(width), x, z, y, n)
    assert np.array_equal(z[:, :signals].T, x[:, :n])
    assert np.array_equal(y[:, :n], x[:, :n])
    assert not z[:, width:].any()
    assert not y[:, n:].any()


@kernel
def copy_pairs(lanes, x, y):
    store_pairs(numbers(y), 1, load_pairs(lanes, numbers(x), 2))


@pytest.mark.parametrize("width", WIDTHS)
def test_complex_numbers_of_numpy_go_into_lanes_and_back(width):
    x, y = (np.arange(40) + 1j * np.arange(40)[::-1]).astype(np.complex64), np.zeros(40, np.complex64)
    copy_pairs(Lanes(width), x, y)
    assert np.array_equal(y[1 : 1 + width], x[2 : 2 + width])
    assert np.count_nonzero(y) == width


def test_this_machine_has_a_width():
    assert LANES.width in WIDTHS
    with pytest.raises(ValueError, match="3 lanes are not 4, 8 or 16"):
        Lanes(3)


@pytest.mark.parametrize("shape", [(3,), (7, 5), (2, 3, 16)])
def test_aligned_memory_begins_on_a_cache_line(shape):
    x = aligned_zeros(*shape)
    assert x.shape == shape
    assert x.ctypes.data % 64 == 0
    assert not x.any()
