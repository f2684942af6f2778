"""RTISI-LA against the same algorithm frame by frame in float64, and what a live host needs of it."""

import numpy as np
import pytest
from support import plain_phases
from support.allocations import allocations
from support.plain_phases import music_like

from rtengine.dsp.rtisi import BOTH, OVERLAP, START, prepare, rtisi, step
from rtengine.dsp.stft import stft
from rtengine.dsp.vector.frames import hann
from rtengine.dsp.vector.lanes import Lanes
from rtengine.native.kernel import kernel
from rtengine.native.record import record

N_FFT, HOP = 256, 64
BINS = N_FFT // 2 + 1


def magnitudes(channels: int, hops: int) -> np.ndarray:
    """One (channels, bins) a hop."""
    return np.ascontiguousarray(np.moveaxis(np.abs(stft(music_like(channels, (hops - 1) * HOP), N_FFT, HOP)), -1, 0))


def run(
    target: np.ndarray,
    look_ahead: int = 3,
    n_iter: int | list[int] = 4,
    width: int = 8,
    start: np.ndarray | None = None,
    use_start: int = OVERLAP,
) -> np.ndarray:
    """Hop after hop; returns (channels, samples), as late as it comes."""
    hops, channels, bins = target.shape
    state = record(prepare(2 * (bins - 1), HOP, channels, look_ahead, lanes=Lanes(width)))[0]
    counts = [n_iter] * hops if isinstance(n_iter, int) else n_iter
    phases = np.zeros((hops, channels, 2, bins), np.float32) if start is None else start
    y = np.full((hops, channels, HOP), np.nan, np.float32)
    for t in range(hops):
        step(state, target[t], phases[t], use_start, counts[t], y[t])
    return np.moveaxis(y, 1, 0).reshape(channels, -1)


@pytest.mark.parametrize("width", [4, 8, 16])
@pytest.mark.parametrize(("look_ahead", "n_iter"), [(-2, 2), (-1, 3), (0, 3), (2, 0), (2, 4), (7, 2)])
def test_every_width_and_look_ahead_is_the_papers(look_ahead, n_iter, width):
    target = magnitudes(
        1, max(look_ahead, 0) + 7
    )  # few hops: differences in rounding grow tenfold in every two or three
    y, expected = run(target, look_ahead, n_iter, width)[0], plain_phases.rtisi(target[:, 0], HOP, look_ahead, n_iter)
    assert np.abs(y - expected).max() < 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize("use_start", [START, BOTH])
@pytest.mark.parametrize("look_ahead", [-2, -1, 0, 3, 7])
def test_samples_come_exactly_look_ahead_hops_late(look_ahead, use_start):
    """With its own magnitudes and phases a signal passes as it is."""
    x, hops = music_like(2, 60 * HOP), 40
    frames = np.stack([x[:, m * HOP :][:, :N_FFT] * hann(N_FFT) for m in range(hops)])
    spectra = np.fft.rfft(frames)
    start = np.stack([spectra.real, spectra.imag], axis=2).astype(np.float32)
    y = run(np.abs(spectra).astype(np.float32), look_ahead, 1, 16, start, use_start)
    y = np.pad(y, ((0, 0), (max(-look_ahead, 0) * HOP, 0)))[:, max(look_ahead, 0) * HOP :]
    error = (y - x[:, : y.shape[1]])[:, N_FFT:]  # from where all frames overlap
    bound = -30 if look_ahead >= 0 else -20  # a sample more or less would be -17 dB
    assert 20 * np.log10(error.std() / x.std()) < bound


def test_channels_do_not_know_of_each_other():
    target = magnitudes(3, 12)
    assert np.abs(run(target, 1, 2)[1] - run(target[:, 1:2].copy(), 1, 2)[0]).max() < 1e-4


def test_repeats_bit_for_bit():
    target = magnitudes(2, 40)
    assert np.array_equal(run(target), run(target))


def test_iterations_change_without_a_click():
    """No step between hops is larger than with any constant number of them."""
    target = magnitudes(1, 200)
    target[:] = target[100]  # a steady sound: all jumps would be those of the change
    changing = run(target, n_iter=[(t * 7) % 9 for t in range(200)])[0]
    steps = np.abs(np.diff(changing, 2))[2000:]
    borders = steps[(HOP - 1 - 2000) % HOP :: HOP]
    constant = max(np.abs(np.diff(run(target, n_iter=n)[0], 2))[2000:].max() for n in (0, 4, 8))
    assert borders.max() < constant
    assert steps.max() < 1.5 * constant


def distance_db(y: np.ndarray, wanted: np.ndarray) -> float:
    """Spectral convergence, away from the ends."""
    reached = np.abs(stft(y, 1024, 256))
    reached, wanted = reached[..., 8:-8], wanted[..., 8 : reached.shape[-1] - 8]
    return 20 * np.log10(np.linalg.norm(reached - wanted) / np.linalg.norm(wanted))


def test_iterations_look_ahead_and_phases_each_help():
    spectra = stft(music_like(1, 60_000), 1024, 256)
    wanted = np.abs(spectra)

    def distance(look_ahead: int, n_iter: int, start: np.ndarray | None = None) -> float:
        return distance_db(rtisi(wanted, 256, look_ahead, n_iter, start), wanted)

    assert distance(3, 4) < distance(3, 1) - 1
    assert distance(3, 4) < distance(0, 4) - 1
    assert distance(3, 4, spectra) < distance(3, 4) - 3


def test_after_silence_the_sound_begins():
    target = magnitudes(2, 60)
    target[10:40] = 0
    y = run(target, look_ahead=3).reshape(2, 60, HOP)
    assert not run(0 * target).any()
    assert not y[:, 17:43].any()  # frame 9 lasts to hop 12, and comes 3 hops late
    assert np.abs(y[:, 50:]).max() > 0.1 * np.abs(y[:, :10]).max()


@pytest.mark.parametrize("use_start", [OVERLAP, START, BOTH])
@pytest.mark.parametrize("level", [1e-30, 1, 1e30])
def test_any_level_is_finite(level, use_start):
    target, rng = magnitudes(2, 30), np.random.default_rng(0)
    target *= np.float32(level / target.max())
    for strength in (1e-30, 1, 1e30):
        start = (strength * rng.standard_normal((30, 2, 2, BINS))).astype(np.float32)
        y = run(target, start=start, use_start=use_start)
        assert np.isfinite(y).all()
        assert np.abs(y).max() > 1e-4 * level


def test_wild_input_does_no_lasting_harm():
    target, rng = magnitudes(2, 60), np.random.default_rng(0)
    target[5:15] *= 10.0 ** rng.uniform(-38, 38, target[5:15].shape)
    target[16, :, ::3], target[17, :, ::3], target[18, :, ::3] = np.nan, np.inf, -1
    start = np.full((60, 2, 2, BINS), np.nan, np.float32)
    y = run(target, start=start, use_start=BOTH)
    assert np.isfinite(y).all()
    assert np.abs(y[:, 50 * HOP :]).max() < 10


@kernel
def many(state, magnitude, start, y, times):
    for _ in range(times):
        step(state, magnitude, start, BOTH, 2, y)


def test_nothing_is_allocated():
    state = record(prepare(N_FFT, HOP, 2, 3, lanes=Lanes(8)))[0]
    magnitude, start, y = (
        np.ones((2, BINS), np.float32),
        np.ones((2, 2, BINS), np.float32),
        np.ones((2, HOP), np.float32),
    )

    def call(times: int) -> None:
        many(state, magnitude, start, y, times)

    assert allocations(call, 100) == allocations(call, 1)


def test_what_it_cannot_do_is_refused_by_name():
    with pytest.raises(ValueError, match="5 channels with look_ahead = 3 are 20 open frames, not 1 to 16"):
        prepare(1024, 256, 5, 3)
    with pytest.raises(ValueError, match="0 channels with look_ahead = 3 are 0 open frames, not 1 to 16"):
        prepare(1024, 256, 0, 3)
    with pytest.raises(ValueError, match="look_ahead = 8 is outside -2 to 7 frames"):
        prepare(1024, 256, 1, 8)
    with pytest.raises(ValueError, match="look_ahead = -1 is outside 0 to 7 frames"):
        prepare(1024, 512, 1, -1)
    with pytest.raises(ValueError, match="look_ahead = -1 is below 0, and gains nothing for a whole signal"):
        rtisi(np.ones((513, 9)), 256, -1)
    with pytest.raises(ValueError, match="hop_length = 300 is not a half, 4th, 8th or 16th of n_fft = 1024"):
        prepare(1024, 300, 1, 3)
    with pytest.raises(ValueError, match="n_fft = 1000 is not a power of two"):
        prepare(1000, 250, 1, 3)
