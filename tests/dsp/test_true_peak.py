import numpy as np
import pytest

from rtengine.dsp.true_peak import DELAY, detect, prepare
from rtengine.native.record import record


def peaks(x):
    """Peaks of one channel, fed in pieces of up to 64 samples, aligned with x."""
    state, y = record(prepare(1, 64))[0], []
    for n in range(0, len(x), 64):
        piece = x[None, n : n + 64].astype(np.float32)
        detect(state, piece)
        y.append(state["peaks"][0, : piece.shape[1]].copy())
    return np.concatenate(y)[DELAY:]


def decibels(y):
    return 20 * np.log10(y)


# EBU Tech 3341 (2023), table 1, cases 15 to 19: sample rate over frequency, phase in degrees, level, true peak
TECH_3341 = [(4, 0, 0.5, -6), (4, 45, 0.5, -6), (6, 60, 0.5, -6), (8, 67.5, 0.5, -6), (4, 45, 1.41, 3)]


@pytest.mark.parametrize(("period", "phase", "level", "expected"), TECH_3341)
def test_tones_of_tech_3341(period, phase, level, expected):
    x = level * np.sin(2 * np.pi * np.arange(48_000) / period + np.radians(phase)) * np.hanning(48_000) ** 0.05
    assert -0.05 < decibels(peaks(x).max()) - expected < 0.15  # -0.4 to +0.2 is allowed


@pytest.mark.parametrize("frequency", [100, 997, 3_000, 7_777, 12_000, 16_000, 19_000, 20_000])
def test_peak_of_a_tone_is_its_amplitude_at_any_phase(frequency):
    n = np.arange(6_000)
    for phase in np.linspace(0, np.pi, 12):
        found = peaks(np.sin(2 * np.pi * frequency / 44_100 * n + phase))[1_000:-DELAY]
        assert -0.1 < decibels(found.max()) < 0.3


def test_peak_is_found_where_it_is():
    t = np.arange(200) - 100.5  # between two samples
    x = np.sinc(t / 2) * np.hanning(200)
    assert np.argmax(peaks(x)) == 100
    assert abs(peaks(x).max() - 1) < 0.01


def test_pieces_do_not_change_a_bit():
    x = np.random.default_rng(0).standard_normal((2, 3_000)).astype(np.float32)
    results = []
    for sizes in ([64], [1, 17, 64, 3]):
        state, y, n, i = record(prepare(2, 64))[0], [], 0, 0
        while n < 3_000:
            piece = np.ascontiguousarray(x[:, n : n + sizes[i % len(sizes)]])
            detect(state, piece)
            y.append(state["peaks"][:, : piece.shape[1]].copy())
            n, i = n + piece.shape[1], i + 1
        results.append(np.concatenate(y, axis=1))
    assert np.array_equal(*results)


def test_no_finite_sample_gives_more_than_a_number():
    x = np.array([3e38, -3e38] * 50)
    assert np.isfinite(peaks(x)).all()
