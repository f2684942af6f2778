"""Streams and whole signals at another rate, against the ideal, soxr and the definition."""

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
import scipy.signal
import soxr

from rtengine.dsp.resample import OFFLINE, delay, prepare, resample, stream
from rtengine.native.record import record

RATES = [(48_000, 44_100), (44_100, 48_000), (96_000, 44_100), (44_100, 96_000), (8_000, 44_100), (44_100, 44_102)]


def decibels(y, x):
    """Power of y re. the power of x."""
    return 10 * np.log10(np.mean(np.square(y, dtype=float)) / np.mean(np.square(x, dtype=float)))


def noise(samples, sample_rate, highest, seed=0):
    """Stereo noise up to `highest` Hz, peak 1, faded in and out."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((2, samples)))
    spectrum[:, np.fft.rfftfreq(samples, 1 / sample_rate) > highest] = 0
    x = np.fft.irfft(spectrum, samples) * np.hanning(samples)
    return (x / np.abs(x).max()).astype(np.float32)


def soxr_vhq(x, rate_in, rate_out):
    return soxr.resample(x.T, rate_in, rate_out, "VHQ").T


def sine(frequency, sample_rate, samples):
    return np.sin(2 * np.pi * frequency / sample_rate * np.arange(samples), dtype=np.float64).astype(np.float32)[None]


def fit(y, frequency, sample_rate):
    """Amplitude of the sine in the middle of y, and what is left beside it re. a sine of amplitude 1, both in dB."""
    middle = slice(len(y) // 8, -len(y) // 8)
    turn = 2 * np.pi * frequency / sample_rate * np.arange(len(y))[middle]
    basis = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    part = np.linalg.lstsq(basis, y[middle].astype(float))[0]
    rest = y[middle] - basis @ part
    return 20 * np.log10(np.hypot(*part)), decibels(rest, np.sin(turn))


def run(state, x, sizes, room=4096):
    """Stream x through in pieces of the given sizes, in turn."""
    y, pieces, n, i = np.empty((len(x), room), np.float32), [np.empty((len(x), 0), np.float32)], 0, 0
    while n < x.shape[1]:
        piece = np.ascontiguousarray(x[:, n : n + sizes[i % len(sizes)]])
        read, written = stream(state, piece, piece.shape[1], y, room)
        assert read == piece.shape[1]
        pieces.append(y[:, :written].copy())
        n, i = n + read, i + 1
    return np.concatenate(pieces, axis=1)


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES)
def test_is_nearer_to_the_ideal_than_soxr_vhq(rate_in, rate_out):
    x = noise(rate_in // 2, rate_in, 0.43 * min(rate_in, rate_out))
    ideal = scipy.signal.resample(x.astype(float), rate_out // 2, axis=1)  # one FFT: exact for what is periodic
    y, peer = (z[:, : ideal.shape[1]] for z in (resample(x, rate_in, rate_out), soxr_vhq(x, rate_in, rate_out)))
    assert decibels(y - ideal, ideal) < -115  # soxr: -83 to -94
    assert decibels(y - ideal, ideal) < decibels(peer - ideal, ideal)
    assert decibels(y - peer, ideal) < -80


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES[:4])
@pytest.mark.parametrize("frequency", [40, 997, 10_007, 19_000, 20_000])
def test_sines_up_to_20_khz_keep_their_level_and_purity_live(rate_in, rate_out, frequency):
    y = run(record(prepare(rate_in, rate_out, 1))[0], sine(frequency, rate_in, rate_in // 2), [4096], 16384)
    gain, rest = fit(y[0], frequency, rate_out)
    assert abs(gain) < 0.1
    assert rest < -110


@pytest.mark.parametrize("frequency", [22_060, 22_500, 23_999])
def test_nothing_is_left_of_what_the_lower_rate_cannot_hold(frequency):
    y = resample(sine(frequency, 48_000, 24_000), 48_000, 44_100)
    assert decibels(y[:, 2_000:-2_000], np.sqrt(0.5)) < -100


@pytest.mark.parametrize("frequency", [24_100, 30_000, 43_000, 47_999])
def test_live_aliases_stay_above_20_khz(frequency):
    y = run(record(prepare(96_000, 44_100, 1))[0], sine(frequency, 96_000, 48_000), [4096])
    assert decibels(y[:, 2_000:-2_000], np.sqrt(0.5)) < -100


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES)
def test_pieces_do_not_change_a_bit(rate_in, rate_out):
    x = noise(3_000, rate_in, rate_in / 2)
    whole = run(record(prepare(rate_in, rate_out, 2))[0], x, [3_000], 20_000)
    pieces = run(record(prepare(rate_in, rate_out, 2))[0], x, [1, 17, 64, 333])
    assert np.array_equal(whole, pieces)
    assert whole.shape[1] == -(-3_000 * rate_out // rate_in)


def test_a_full_output_stops_the_stream_and_loses_nothing():
    x = noise(2_000, 44_100, 20_000)
    whole = run(record(prepare(44_100, 96_000, 2))[0], x, [2_000], 8_000)
    state, y, pieces, n, written = record(prepare(44_100, 96_000, 2))[0], np.empty((2, 3), np.float32), [], 0, 1
    while written:
        rest = np.ascontiguousarray(x[:, n:])
        read, written = stream(state, rest, rest.shape[1], y, 3)
        pieces.append(y[:, :written].copy())
        n += read
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)


@pytest.mark.parametrize("inner_latency", [0, 1, 1_024])
@pytest.mark.parametrize("rate", [8_000, 44_101, 48_000, 96_000, 192_000])
def test_there_and_back_keeps_time_and_is_never_later_than_its_delays(rate, inner_latency):
    inner_rate, sizes, n, made = 44_100, [64, 1, 17, 64, 30], 0, 0
    x = noise(rate // 4, rate, 0.43 * min(rate, inner_rate))
    down = record(prepare(rate, inner_rate, 2, Fraction(0)))[0]
    up = record(prepare(inner_rate, rate, 2, Fraction(inner_latency)))[0]
    latency = delay(rate, inner_rate) + (inner_latency + delay(inner_rate, rate)) * Fraction(rate, inner_rate)
    inner, y, given = np.zeros((2, inner_latency), np.float32), [], 0
    while n < x.shape[1]:
        piece = np.ascontiguousarray(x[:, n : n + sizes[len(y) % len(sizes)]])
        inner = np.concatenate([inner, run(down, piece, [64])], axis=1)
        there = inner.shape[1] - inner_latency  # what the process inside has given for what it has got
        y.append(run(up, np.ascontiguousarray(inner[:, given:there]), [64]))
        n, given, made = n + piece.shape[1], there, made + y[-1].shape[1]
        assert made >= n - ceil(latency) - 1
    back = np.concatenate(y, axis=1)
    assert decibels(back - x[:, : back.shape[1]], x) < -100


def test_no_drift_after_a_thousand_hours():
    x = noise(2_000, 44_101, 20_000)
    early, late = record(prepare(44_101, 48_000, 2))[0], record(prepare(44_101, 48_000, 2))[0]
    hours = 44_101 * 3_600 * 1_024  # a multiple of the ring's size, so that the same samples meet the same places
    late["count"] += hours
    late["last"] += hours
    assert np.array_equal(run(early, x, [64]), run(late, x, [64]))
    assert late["last"] - hours == early["last"]
    assert late["phase"] == early["phase"]
    exact = Fraction(2_177 * 44_101, 48_000)  # 2,177 outputs are due after 2,000 samples
    assert early["last"] == exact // 1
    assert Fraction(int(early["phase"]), int(early["units"])) == exact % 1


def test_whole_signals_keep_their_place_and_a_constant():
    x = np.ones((1, 4_800), np.float32)
    y = resample(x, 48_000, 44_100)
    assert y.shape == (1, 4_410)
    assert np.abs(y[0, 200:-200] - 1).max() < 1e-6
    impulse = np.zeros((1, 4_800), np.float32)
    impulse[0, 1_600] = 1
    assert np.argmax(resample(impulse, 48_000, 44_100)) == 1_470
    assert np.array_equal(resample(impulse, 48_000, 48_000), impulse)
    assert resample(impulse[:, :0], 48_000, 44_100).shape == (1, 0)


def test_equal_rates_delay_and_change_nothing():
    x = noise(1_000, 48_000, 24_000)
    y = run(record(prepare(48_000, 48_000, 2))[0], x, [64])
    late = int(delay(48_000, 48_000))
    assert np.array_equal(y[:, late:], x[:, :-late])


def test_rates_that_differ_little_share_one_kernel():
    layouts = {record(prepare(rate, 48_000, 2, width=OFFLINE)).dtype for rate in (32_000, 44_100, 44_101, 47_999)}
    assert len(layouts) == 1


def test_bad_rates_are_refused():
    with pytest.raises(ValueError, match="sample rate 0 Hz is not at least 1 Hz"):
        prepare(0, 48_000, 2)
    with pytest.raises(ValueError, match="384000 Hz to 8000 Hz is a ratio of more than 32 to 1"):
        prepare(384_000, 8_000, 2)
