"""The real FFT of every size and width against scipy in float64."""

import numpy as np
import pytest
import scipy.fft
from support.allocations import allocations

from rtengine.dsp.vector import fft
from rtengine.dsp.vector.arithmetic import conj
from rtengine.dsp.vector.lanes import Lanes
from rtengine.dsp.vector.pointer import complex_vectors
from rtengine.native.kernel import kernel

SIZES = [64, 128, 256, 512, 1024, 2048, 4096, 8192]
WIDTHS = (4, 8, 16)


@kernel
def transform(lanes, tables, z, spectra):
    """Leave the transform in z, and write 2 X to spectra (bins, 2, width)."""
    plan, z, spectra = fft.plan(tables), complex_vectors(lanes, z), complex_vectors(lanes, spectra)
    fft.forward(z, plan)
    for i in range(plan.half // 2 + 1):
        p, q = fft.bins(z, plan, i)
        spectra[plan.bin[i]], spectra[plan.half - plan.bin[i]] = p, conj(q)


@kernel
def transform_back(lanes, tables, z, spectra):
    plan, z, spectra = fft.plan(tables), complex_vectors(lanes, z), complex_vectors(lanes, spectra)
    for i in range(plan.half // 2 + 1):
        fft.set_bins(z, plan, i, spectra[plan.bin[i]], conj(spectra[plan.half - plan.bin[i]]))
    fft.inverse(z, plan)


def spectrum(x: np.ndarray) -> np.ndarray:
    """Of frames (n_fft, width), one a lane."""
    n_fft, width = x.shape
    z, spectra = x.astype(np.float32), np.zeros((n_fft // 2 + 1, 2, width), np.float32)
    transform(Lanes(width), fft.Plan(**fft.prepare(n_fft)), z, spectra)
    return (spectra[:, 0] + 1j * spectra[:, 1]) / 2


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("n_fft", SIZES)
def test_forward_is_scipys(n_fft, width):
    x = np.random.default_rng(0).standard_normal((n_fft, width)).astype(np.float32)
    expected = scipy.fft.rfft(x.astype(float), axis=0)
    assert np.abs(spectrum(x) - expected).max() < 1e-6 * np.abs(expected).max()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("n_fft", SIZES)
def test_inverse_is_scipys_times_n_fft(n_fft, width):
    rng = np.random.default_rng(0)
    bins = rng.standard_normal((n_fft // 2 + 1, 2, width)).astype(np.float32)
    bins[[0, -1], 1] = 0
    z = np.zeros((n_fft, width), np.float32)
    transform_back(Lanes(width), fft.Plan(**fft.prepare(n_fft)), z, bins)
    expected = n_fft * scipy.fft.irfft(bins[:, 0] + 1j * bins[:, 1].astype(float), n_fft, axis=0)
    assert np.abs(z - expected).max() < 1e-6 * np.abs(expected).max()


@pytest.mark.parametrize("n_fft", SIZES)
@pytest.mark.parametrize("k", [0, 1, -1])
def test_a_sinusoid_is_one_bin(n_fft, k):
    k %= n_fft // 2 + 1  # DC, the first bin, Nyquist
    x = np.cos(2 * np.pi * k * np.arange(n_fft) / n_fft)
    bins = np.abs(spectrum(np.repeat(x[:, None], 4, axis=1)))[:, 0]
    assert bins.argmax() == k
    assert np.delete(bins, k).max() < 1e-6 * bins[k]


@pytest.mark.parametrize("level", [1e-30, 1e30])
def test_level_only_scales(level):
    x = np.random.default_rng(0).standard_normal((1024, 4)).astype(np.float32)
    scaled = spectrum(x * np.float32(level)) / level
    assert np.abs(scaled - spectrum(x)).max() < 1e-5 * np.abs(scaled).max()


def test_lanes_do_not_know_of_each_other():
    x = np.random.default_rng(0).standard_normal((256, 8)).astype(np.float32)
    alone = np.zeros_like(x)
    alone[:, 3] = x[:, 3]
    assert np.array_equal(spectrum(alone)[:, 3], spectrum(x)[:, 3])


@kernel
def many(lanes, tables, z, spectra, times):
    for _ in range(times):
        transform(lanes, tables, z, spectra)
        transform_back(lanes, tables, z, spectra)


def test_nothing_is_allocated():
    z, spectra = np.zeros((1024, 8), np.float32), np.zeros((513, 2, 8), np.float32)
    tables = fft.Plan(**fft.prepare(1024))

    def run(times: int) -> None:
        many(Lanes(8), tables, z, spectra, times)

    assert allocations(run, 100) == allocations(run, 1)


@pytest.mark.parametrize("n_fft", [0, 1, 32, 100, 1000, 1025, 16384])
def test_other_sizes_are_refused_by_name(n_fft):
    with pytest.raises(ValueError, match=f"n_fft = {n_fft} is not a power of two from 64 to 8192"):
        fft.prepare(n_fft)
