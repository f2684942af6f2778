"""Griffin-Lim against the plain algorithm in float64, in one piece and hop by hop. Against librosa: test_phase.py."""

import numpy as np
import pytest
from support import plain_phases
from support.allocations import allocations
from support.plain_phases import error_db, music_like

from rtengine.dsp.griffin_lim import delay, griffin_lim, prepare, step
from rtengine.dsp.stft import istft, stft
from rtengine.dsp.vector.frames import hann
from rtengine.dsp.vector.lanes import Lanes
from rtengine.native.kernel import kernel
from rtengine.native.record import record


@pytest.mark.parametrize("width", [4, 8, 16])
@pytest.mark.parametrize(("n_fft", "hop_length"), [(64, 32), (256, 64), (512, 32)])
@pytest.mark.parametrize("frames", [2, 3, 5, 40])
def test_every_width_hop_and_length_is_the_papers(n_fft, hop_length, frames, width):
    magnitude = np.abs(stft(music_like(1, hop_length * (frames - 1))[0], n_fft, hop_length))
    start = np.exp(2j * np.pi * np.random.default_rng(1).random(magnitude.shape))
    for n_iter in (0, 1, 5, 17):  # within one vector of iterations, and beyond it
        y = griffin_lim(magnitude, hop_length, n_iter, start=start, lanes=Lanes(width))
        assert error_db(y, plain_phases.griffin_lim(magnitude, start, hop_length, n_iter)) < -90


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_change_nothing(threads):
    magnitude = np.abs(stft(music_like(1, 20_000)[0], 256, 64))
    one = griffin_lim(magnitude, 64, 40, lanes=Lanes(8))
    assert np.array_equal(griffin_lim(magnitude, 64, 40, threads=threads, lanes=Lanes(8)), one)


def test_a_seed_gives_the_same_samples_again():
    magnitude = np.abs(stft(music_like(1, 5000)[0], 256, 64))
    assert np.array_equal(griffin_lim(magnitude, 64, 3, seed=5), griffin_lim(magnitude, 64, 3, seed=5))
    assert not np.array_equal(griffin_lim(magnitude, 64, 3, seed=5), griffin_lim(magnitude, 64, 3, seed=6))


def test_momentum_helps():
    magnitude = np.abs(stft(music_like(1, 30_000)[0], 1024, 256))

    def distance(momentum: float) -> float:
        y = griffin_lim(magnitude, 256, 50, momentum=momentum)
        return error_db(np.abs(stft(y, 1024, 256)), magnitude[:, : 1 + len(y) // 256])

    assert distance(0.99) < distance(0) - 2


def test_channels_are_done_one_by_one():
    spectra = stft(music_like(2, 4000), 256, 64)
    magnitude, start = np.abs(spectra), np.ones(spectra.shape)
    both = griffin_lim(magnitude, 64, 6, start=start)
    assert both.shape == (2, 3968)
    assert np.array_equal(both[1], griffin_lim(magnitude[1], 64, 6, start=start[1]))


@pytest.mark.parametrize("k", [0, 128], ids=["dc", "nyquist"])
def test_a_signal_on_the_edge_of_the_spectrum_comes_back(k):
    x = np.cos(2 * np.pi * k * np.arange(64 * 60) / 256)
    spectra = stft(x, 256, 64)
    y = griffin_lim(np.abs(spectra), 64, 10, start=spectra)
    assert np.abs(np.abs(y) - 1)[256:-256].max() < 1e-4


@pytest.mark.parametrize("level", [1e-30, 1e30])
def test_level_only_scales(level):
    magnitude = np.abs(stft(music_like(1, 3000)[0], 256, 64))
    factor = np.float32(2.0 ** round(np.log2(level)))
    assert np.array_equal(griffin_lim(magnitude * factor, 64, 9), griffin_lim(magnitude, 64, 9) * factor)


def test_silence_and_a_single_frame():
    assert not griffin_lim(np.zeros((129, 30)), 64, 5).any()
    assert griffin_lim(np.ones((129, 1)), 64, 5).shape == (0,)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1])
def test_bad_magnitudes_are_refused(bad):
    magnitude = np.ones((129, 5))
    magnitude[3, 2] = bad
    with pytest.raises(ValueError, match="negative or not finite"):
        griffin_lim(magnitude, 64, 5)


def test_what_it_cannot_do_is_refused_by_name():
    with pytest.raises(ValueError, match="n_fft = 198 is not a power of two"):
        griffin_lim(np.ones((100, 5)), 64, 5)
    with pytest.raises(ValueError, match="hop_length = 100 is not a half, 4th, 8th or 16th of n_fft = 256"):
        griffin_lim(np.ones((129, 5)), 100, 5)
    with pytest.raises(ValueError, match="n_iter = -1 is below 0"):
        griffin_lim(np.ones((129, 5)), 64, -1)
    with pytest.raises(ValueError, match="momentum = nan is below 0"):
        griffin_lim(np.ones((129, 5)), 64, 5, momentum=np.nan)
    with pytest.raises(ValueError, match="threads = 0 is below 1"):
        griffin_lim(np.ones((129, 5)), 64, 5, threads=0)
    with pytest.raises(ValueError, match="5 channels are not 1 to 4"):
        prepare(256, 64, 5, 8)
    with pytest.raises(ValueError, match="n_iter = 0 is below 1"):
        prepare(256, 64, 1, 0)


def streamed(magnitude: np.ndarray, x: np.ndarray, hop_length: int, n_iter: int, width: int) -> np.ndarray:
    """All hops of x (channels, samples) through `step`, the magnitudes (channels, bins, frames) beside them."""
    channels, bins, frames = magnitude.shape
    n_fft = 2 * (bins - 1)
    late = delay(n_fft, hop_length, n_iter)
    hops = frames + n_fft // hop_length - 1 + late
    state = record(prepare(n_fft, hop_length, channels, n_iter, lanes=Lanes(width)))[0]
    targets = np.zeros((hops, channels, bins), np.float32)
    targets[:frames] = np.moveaxis(magnitude, -1, 0)
    blocks = np.zeros((hops, channels, hop_length), np.float32)
    blocks[:frames] = np.moveaxis(x[:, : frames * hop_length].reshape(channels, frames, hop_length), 1, 0)
    y = np.zeros_like(blocks)
    for t in range(hops):
        step(state, targets[t], blocks[t], y[t])
    assert not y[:late].any()
    return np.moveaxis(y[late:], 0, 1).reshape(channels, -1)


STREAMS = [  # n_fft, hop_length, channels, n_iter, width: less than a vector of iterations, and several
    (64, 32, 1, 1, 4),
    (256, 16, 2, 17, 8),
    (256, 64, 3, 8, 16),
]


@pytest.mark.parametrize(("n_fft", "hop_length", "channels", "n_iter", "width"), STREAMS)
def test_hop_by_hop_is_the_same_as_the_whole(n_fft, hop_length, channels, n_iter, width):
    x, frames = music_like(channels, 50 * hop_length), 50
    magnitude = 1.3 * np.abs(stft(x[:, ::-1], n_fft, hop_length))[..., :frames]
    y = streamed(magnitude, x, hop_length, n_iter, width)
    for c in range(channels):
        assert error_db(y[c], plain_phases.griffin_lim_stream(magnitude[c], x[c], hop_length, n_iter)) < -80


@pytest.mark.parametrize(("n_fft", "hop_length", "channels", "n_iter", "width"), STREAMS)
def test_delay_is_exact(n_fft, hop_length, channels, n_iter, width):
    """With its own magnitudes a signal passes as it is."""
    x = music_like(channels, 200 * hop_length)
    padded = np.pad(x, ((0, 0), (0, n_fft)))
    frames = [padded[:, m * hop_length :][:, :n_fft] * hann(n_fft) for m in range(200)]
    y = streamed(np.abs(np.fft.rfft(np.stack(frames, axis=1))).transpose(0, 2, 1), x, hop_length, n_iter, width)
    inside = slice(80 * hop_length, 120 * hop_length)  # away from the ends, where the magnitudes are others
    assert np.abs(y[:, : x.shape[1]] - x)[:, inside].max() < 1e-4


@kernel
def many(state, magnitude, x, y, times):
    for _ in range(times):
        step(state, magnitude, x, y)


def test_nothing_is_allocated():
    n_fft, hop_length, channels, n_iter, width = STREAMS[-1]
    state = record(prepare(n_fft, hop_length, channels, n_iter, lanes=Lanes(width)))[0]
    magnitude, x, y = (np.ones((channels, n), np.float32) for n in (n_fft // 2 + 1, hop_length, hop_length))

    def run(times: int) -> None:
        many(state, magnitude, x, y, times)

    assert allocations(run, 200) == allocations(run, 1)


@pytest.mark.parametrize("level", [0, 1e-30, 1e-10, 1e10, 1e30])
def test_a_stream_of_any_level_is_finite(level):
    x = (music_like(3, 64 * 64) * level).astype(np.float32)
    magnitude = np.abs(stft(x, 256, 64))[..., :64]
    assert np.isfinite(streamed(magnitude, x, 64, 8, 16)).all()


def test_start_is_where_no_iterations_stay():
    spectra = stft(music_like(1, 4000)[0], 256, 64)
    y = griffin_lim(np.abs(spectra), 64, 0, start=spectra)
    assert np.abs(y - istft(spectra, 64)).max() < 1e-5
    assert np.array_equal(griffin_lim(np.abs(spectra), 64, 0, start=y), y)


def test_a_signal_may_be_the_start():
    """Its phases with the magnitudes are what one iteration, without momentum, makes of it."""
    x = music_like(2, 64 * 50).astype(np.float32)
    magnitude = 1e3 * np.abs(stft(x[:, ::-1], 256, 64))
    one, phases = (griffin_lim(magnitude, 64, n, 0, start=s) for n, s in ((1, x), (0, stft(x, 256, 64))))
    assert error_db(one, phases) < -90
    with pytest.raises(ValueError, match=r"a start of shape \(2, 7\) is neither spectra \(2, 129, 51\) nor a signal"):
        griffin_lim(magnitude, 64, 1, start=x[:, :7])
