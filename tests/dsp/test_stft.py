"""The STFT of whole signals against scipy, and that of blocks against it."""

import numpy as np
import pytest
import scipy.signal
from support.allocations import allocations

from rtengine.dsp.stft import istft, prepare, stft, transform
from rtengine.dsp.vector.frames import hann
from rtengine.dsp.vector.lanes import Lanes
from rtengine.native.kernel import kernel
from rtengine.native.record import record

WIDTHS = (4, 8, 16)


def reference(x: np.ndarray, n_fft: int, hop_length: int) -> np.ndarray:
    """In float64: a window from scipy, zeros at both ends, a frame every hop_length samples."""
    padded = np.pad(x.astype(float), n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_length]
    return scipy.fft.rfft(frames * scipy.signal.get_window("hann", n_fft), axis=1).T


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("n_fft", "hop_length"), [(64, 16), (256, 100), (1024, 1), (512, 700)])
@pytest.mark.parametrize("samples", [1, 2, 255, 1023, 5000])
def test_every_width_hop_and_length_is_scipys(n_fft, hop_length, samples, width):
    x = np.random.default_rng(0).standard_normal(samples).astype(np.float32)
    spectra, expected = stft(x, n_fft, hop_length, Lanes(width)), reference(x, n_fft, hop_length)
    assert spectra.shape == expected.shape
    assert np.abs(spectra - expected).max() < 1e-6 * np.abs(expected).max()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("n_fft", "hop_length"), [(64, 16), (256, 100), (1024, 256)])
@pytest.mark.parametrize("frames", [1, 2, 15, 16, 17, 50])
def test_inverse_is_the_least_squares_estimate(n_fft, hop_length, frames, width):
    rng = np.random.default_rng(0)
    shape = (n_fft // 2 + 1, frames)
    spectra = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(np.complex64)
    window = scipy.signal.get_window("hann", n_fft)
    pieces = scipy.fft.irfft(spectra.T.astype(complex), n_fft, axis=1) * window
    total, weight = np.zeros((2, n_fft + (frames - 1) * hop_length))
    for m, piece in enumerate(pieces):
        total[m * hop_length :][:n_fft] += piece
        weight[m * hop_length :][:n_fft] += window**2
    expected = (total / np.where(weight > 1e-30, weight, 1))[n_fft // 2 :][: (frames - 1) * hop_length]
    y = istft(spectra, hop_length, lanes=Lanes(width))
    assert y.shape == expected.shape
    if expected.size:
        assert np.abs(y - expected).max() < 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("samples", [1, 777, 30_001])
def test_back_and_forth_is_the_signal(samples):
    x = np.random.default_rng(0).standard_normal((2, samples)).astype(np.float32)
    y = istft(stft(x, 1024, 256), 256, length=samples)
    inside = max(samples - 1024, 1)  # beyond the last frame's centre only half a window knows of it
    assert y.shape == x.shape
    assert np.abs(y - x)[:, :inside].max() < 1e-5


def test_channels_are_transformed_one_by_one():
    x = np.random.default_rng(0).standard_normal((2, 3, 2000)).astype(np.float32)
    spectra = stft(x, 256, 64)
    assert spectra.shape == (2, 3, 129, 32)
    assert np.array_equal(spectra[1, 2], stft(x[1, 2], 256, 64))
    assert np.array_equal(istft(spectra, 64)[1, 2], istft(spectra[1, 2], 64))


@pytest.mark.parametrize("length", [0, 1, 500, 5000])
def test_length_is_as_asked_for(length):
    spectra = stft(np.ones(1000, np.float32), 256, 64)
    y = istft(spectra, 64, length=length)
    assert y.shape == (length,)
    assert not y[1200:].any()


def test_silence_is_silence():
    assert not stft(np.zeros(5000), 1024, 256).any()
    assert not istft(np.zeros((513, 20)), 256).any()


@pytest.mark.parametrize("signals", [1, 2, 3, 4, 5, 9, 16])
@pytest.mark.parametrize("n_fft", [256, 1024])
def test_frames_of_several_signals_are_numpys(signals, n_fft):
    x = np.random.default_rng(0).standard_normal((signals, n_fft)).astype(np.float32)
    spectrum = np.full((signals, 2, n_fft // 2 + 1), np.nan, np.float32)
    state = record(prepare(n_fft, signals))[0]
    transform(state, x, spectrum)
    expected = np.fft.rfft(x.astype(float) * hann(n_fft))
    assert np.abs(spectrum[:, 0] + 1j * spectrum[:, 1] - expected).max() < 1e-6 * np.abs(expected).max()


@kernel
def many(state, x, spectrum, times):
    for _ in range(times):
        transform(state, x, spectrum)


def test_nothing_is_allocated():
    x, spectrum = np.zeros((4, 1024), np.float32), np.zeros((4, 2, 513), np.float32)
    state = record(prepare(1024, 4))[0]

    def run(times: int) -> None:
        many(state, x, spectrum, times)

    assert allocations(run, 100) == allocations(run, 1)


def test_what_it_cannot_do_is_refused_by_name():
    with pytest.raises(ValueError, match="n_fft = 1000 is not a power of two"):
        stft(np.zeros(10), 1000, 250)
    with pytest.raises(ValueError, match="hop_length = 0 is below 1"):
        stft(np.zeros(10), 1024, 0)
    with pytest.raises(ValueError, match="hop_length = -1 is below 1"):
        istft(np.zeros((513, 3)), -1)
    with pytest.raises(ValueError, match="17 signals are not 1 to 16"):
        prepare(1024, 17)
