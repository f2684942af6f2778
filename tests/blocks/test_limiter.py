import numpy as np
import pytest
import soxr

from rtengine.blocks.limiter import MARGIN, Limiter
from rtengine.native.record import record

GRID = 64
RATE = 44_100
LATE = Limiter().latency(RATE)


def played(x, sizes=(GRID,), sample_rate=RATE, ceiling=-1.0, release=100.0):
    """Run x and 20 ms of silence through Limiter in pieces of the given sizes; `ceiling` may be one value a grid."""
    params = {"ceiling": np.float32(0), "release": np.float32(release)}
    memory = record({"state": Limiter().prepare(sample_rate, GRID, len(x)), "params": params})
    ceilings, n, i = np.atleast_1d(ceiling), 0, 0
    y = np.concatenate([x, np.zeros((len(x), 960))], axis=1).astype(np.float32)
    while n < y.shape[1]:
        memory["params"]["ceiling"] = ceilings[min(n // GRID, len(ceilings) - 1)]
        end = min(n + sizes[i % len(sizes)], (n // GRID + 1) * GRID, y.shape[1])
        piece = np.ascontiguousarray(y[:, n:end])
        Limiter.process(memory[0]["state"], memory[0]["params"], piece)
        y[:, n:end] = piece
        n, i = end, i + 1
    return y


def true_peak(y):
    """dBTP by another's sixteenfold interpolation."""
    return max(20 * np.log10(np.abs(soxr.resample(channel.astype(float), 1, 16, "VHQ")).max()) for channel in y)


def pink(samples=RATE, highest=20_000, seed=0):
    """Stereo noise with the long-term spectrum of music and rms 1."""
    f = np.fft.rfftfreq(samples, 1 / RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((2, samples))) / np.sqrt(np.maximum(f, 20))
    x = np.fft.irfft(spectrum * (f < highest), samples)
    return x / x.std()


def sine(frequency, gain_db, seconds=1.0, phase=0.7):
    n = np.arange(round(seconds * RATE))
    return 10 ** (gain_db / 20) * np.sin(2 * np.pi * frequency / RATE * n + phase)[None]


def impulses():
    x = np.zeros((1, RATE))
    x[0, [1_000, 3_000, 3_003, 9_000]] = 5, -30, 30, -2
    x[0, 20_000:20_050] = 2
    return x


LOUD = {
    "music-like": pink(),
    "music-like, clipped": np.clip(3 * pink(), -1, 1),
    "music-like, clipped hard": np.clip(10 * pink(), -1, 1),
    "music-like, 12 dB over": np.tanh(pink()) * 4,
    "dark, clipped": np.clip(10 * pink(highest=3_000), -1, 1),
    "square": np.sign(sine(997, 0)) * 0.95,
    "clipped sine": np.clip(4 * sine(3_001, 0), -1, 1),
    "impulses": impulses(),
    **{f"sine {f}": sine(f, 4) for f in (5_512.5, 11_025, 10_999, 15_000, 19_000, 20_000)},
}


@pytest.mark.parametrize("name", LOUD)
def test_true_peak_stays_under_the_ceiling(name):
    assert true_peak(LOUD[name]) > 0.01
    assert true_peak(played(LOUD[name])) < -1
    assert true_peak(played(LOUD[name], ceiling=-12.0)) < -12 + 0.08


def test_white_noise_exceeds_it_by_no_more_than_meters_differ():
    x = np.random.default_rng(0).standard_normal((2, RATE))
    assert true_peak(played(x)) < -1 + 0.3


@pytest.mark.parametrize("sample_rate", [8_000, 44_100, 48_000, 192_000])
def test_what_is_low_enough_is_delayed_and_no_bit_of_it_changed(sample_rate):
    x = pink().astype(np.float32)
    x *= np.float32(10 ** ((-1.05 - MARGIN - true_peak(x)) / 20))
    late = Limiter().latency(sample_rate)
    y = played(x, sample_rate=sample_rate)
    assert y[:, late : late + RATE].tobytes() == x.tobytes()
    assert not y[:, :late].any()


def test_latency_is_a_millisecond_and_a_half():
    assert [Limiter().latency(rate) for rate in (44_100, 48_000, 96_000)] == [66, 72, 144]


@pytest.mark.parametrize("frequency", [30, 40, 100, 997, 5_000, 15_000])
def test_a_steady_tone_stays_undistorted(frequency):
    y = played(sine(frequency, 1))[0, RATE // 2 : RATE].astype(float)
    turn = 2 * np.pi * frequency / RATE * np.arange(len(y))
    basis = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    part = np.linalg.lstsq(basis, y)[0]
    assert 20 * np.log10(np.std(y - basis @ part) / np.std(y)) < -115  # distortion and noise
    assert abs(20 * np.log10(np.hypot(*part)) + 1 + MARGIN) < 0.12  # and is turned down no more than asked


def test_channels_get_the_same_gain():
    x = np.stack([pink()[0], 0.1 * pink(seed=1)[0]]).astype(np.float32)
    y = played(x)[:, LATE : LATE + RATE]
    loud = np.abs(x).min(axis=0) > 0.01
    gain = y[:, loud] / x[:, loud]
    assert gain.min() < 0.5
    assert np.abs(gain[0] / gain[1] - 1).max() < 1e-6


def test_gain_comes_back_at_the_release_time_and_then_exactly():
    x = np.full((1, 5 * RATE), 0.1, np.float32)
    x[0, 4_410:4_420] = 2
    y = played(x, release=100.0)[0, LATE : LATE + x.shape[1]] / x[0]
    low, held = y.min(), 4_420 + round(0.02 * RATE)
    assert abs((1 - y[held + 4_410]) / (1 - low) - np.exp(-1)) < 0.02
    assert np.all(y[held + 22 * 4_410 :] == 1)  # 22 time constants


def test_gain_never_jumps():
    x = np.full((1, RATE), 0.5, np.float32)
    x[0, 10_000:10_003] = 20
    y = played(x)[0, LATE : LATE + RATE] / x[0]
    assert y.min() < 0.05
    assert np.abs(np.diff(y)).max() < 0.045  # of 1: the ramp is as steep as two means of 24 samples


@pytest.mark.parametrize("loud", [1e30, -1e30, 3.4e38, 1e-42])
def test_any_finite_input_comes_out_finite(loud):
    x = np.zeros((2, 3_000), np.float32)
    x[0, 500], x[1, 600:700] = loud, loud
    x[:, 1_000:1_500] = loud * np.sign(np.random.default_rng(0).standard_normal(500))
    y = played(x)
    assert np.isfinite(y).all()
    assert np.abs(y).max() < 1


def test_pieces_do_not_change_a_bit():
    ceilings = np.random.default_rng(0).uniform(-20, 0, 700)
    assert np.array_equal(played(pink(), ceiling=ceilings), played(pink(), (1, 17, 64, 30), ceiling=ceilings))


def test_usual_rates_share_one_kernel():
    assert len({record(Limiter().prepare(rate, GRID, 2)).dtype for rate in (44_100, 48_000)}) == 1
