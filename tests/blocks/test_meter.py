import numpy as np
import pytest

from rtengine.blocks.meter import Meter
from rtengine.dsp.loudness import loudness
from rtengine.native.record import record

GRID = 64
RATE = 48_000


def prepared(sample_rate, channels):
    """As a graph would."""
    shown = {name: r.initial(channels) for name, r in Meter().readings.items()}
    return Meter().prepare(sample_rate, GRID, channels) | {"readings": shown}


def metered(x, sizes=(GRID,), sample_rate=RATE):
    """The memory of a Meter through which x went in pieces of the given sizes, and what came out."""
    memory, n, i = record({"state": prepared(sample_rate, len(x)), "params": {"none": 0.0}}), 0, 0
    y = x.astype(np.float32)
    while n < y.shape[1]:
        end = min(n + sizes[i % len(sizes)], (n // GRID + 1) * GRID, y.shape[1])
        piece = np.ascontiguousarray(y[:, n:end])
        Meter.process(memory[0]["state"], memory[0]["params"], piece)
        y[:, n:end] = piece
        n, i = end, i + 1
    return memory, y


def reading(x, **settings):
    return Meter.read(metered(x, **settings)[0][0]["state"])


def sine(frequency, level, seconds=2.0, phase=0.0):
    """Left at `level` dB, right 20 dB below."""
    left = 10 ** (level / 20) * np.sin(2 * np.pi * frequency / RATE * np.arange(round(seconds * RATE)) + phase)
    return np.stack([left, 0.1 * left])


def test_sound_passes_bit_for_bit():
    x = np.random.default_rng(0).standard_normal((2, 9_600)).astype(np.float32)
    assert metered(x)[1].tobytes() == x.tobytes()


def test_a_sine_reads_its_peak_its_rms_and_its_true_peak():
    shown = reading(sine(997, -6))
    assert shown["peak"] == pytest.approx((-6, -26), abs=0.01)
    assert shown["rms"] == pytest.approx((-9.01, -29.01), abs=0.02)
    assert shown["true_peak"] == pytest.approx((-6, -26), abs=0.1)


def test_true_peak_sees_between_the_samples():
    shown = reading(sine(RATE / 4, 0, phase=np.pi / 4) * np.hanning(2 * RATE))  # samples at 0.707 of the sine's top
    assert shown["true_peak"][0] == pytest.approx(0, abs=0.1)
    assert shown["peak"][0] < -3


def test_loudness_is_that_of_the_offline_function():
    x = np.random.default_rng(0).standard_normal((2, 5 * RATE)) * np.repeat([0.3, 0.01, 0.1, 0, 0.05], RATE)
    shown = reading(x)
    assert shown["integrated"] == (loudness(x, RATE),)
    steady = reading(sine(1_000, -20, seconds=4))
    for name in ("momentary", "short_term", "integrated"):
        assert steady[name][0] == pytest.approx(-23.0 + 10 * np.log10(1.01), abs=0.05)


def test_peak_falls_20_db_in_1_7_seconds():
    x = np.zeros((1, 1 + round(1.7 * RATE)))
    x[0, 0] = 1
    assert reading(x)["peak"][0] == pytest.approx(-20, abs=0.05)


def test_rms_rises_and_falls_with_300_ms():
    x = np.concatenate([np.ones((1, round(0.3 * RATE))), np.zeros((1, round(0.3 * RATE)))], axis=1)
    risen, fallen = (10 ** (reading(part)["rms"][0] / 10) for part in (x[:, : round(0.3 * RATE)], x))
    assert risen == pytest.approx(1 - np.exp(-1), abs=1e-3)
    assert fallen == pytest.approx(risen * np.exp(-1), abs=1e-3)


def test_silence_reads_minus_infinity():
    assert {v for values in reading(np.zeros((2, RATE))).values() for v in values} == {-np.inf}


def test_long_silence_reads_minus_infinity_and_leaves_no_denormal_numbers():
    x = np.zeros((1, 40 * RATE))
    x[0, :100] = 1
    memory = metered(x, sample_rate=8_000)[0]
    shown = Meter.read(memory[0]["state"])
    assert shown["peak"] == shown["rms"] == (-np.inf,)
    assert memory["state"]["peak"].min() > np.finfo(np.float32).tiny


@pytest.mark.parametrize("loud", [1e30, 3e38])
def test_no_level_is_too_high(loud):
    x = np.full((2, 6_000), loud)
    x[:, 3_000:] = 0.1
    assert np.isfinite([v for name in ("peak", "rms", "true_peak") for v in reading(x)[name]]).all()


def test_pieces_do_not_change_a_bit():
    x = np.random.default_rng(0).standard_normal((2, 20_000))
    whole, pieces = (metered(x, sizes=sizes)[0]["state"] for sizes in ((GRID,), (1, 17, 64, 30)))
    for name in ("peak", "power", "true_peak", "loudness"):
        assert np.array_equal(whole[name], pieces[name])


def test_usual_rates_share_one_kernel():
    assert len({record(Meter().prepare(rate, GRID, 2)).dtype for rate in (44_100, 48_000, 96_000)}) == 1


def test_the_readings_are_what_it_reads():
    for x in (sine(997, -6), np.zeros((2, 4800)), 1e-7 * np.ones((1, 48_000))):
        state = metered(x)[0][0]["state"]
        for name, values in Meter.read(state).items():
            if name not in ("integrated", "true_peak"):
                shown = np.atleast_1d(state["readings"][name])
                assert shown == pytest.approx(np.maximum(values, -120), abs=1e-3), name


def test_a_true_peak_is_shown_and_falls_and_the_highest_is_remembered():
    x = sine(997, -6)
    x[:, RATE:] = 0
    state = metered(x)[0][0]["state"]
    assert Meter.read(state)["true_peak"] == pytest.approx((-6, -26), abs=0.1)
    assert state["readings"]["true_peak"] == pytest.approx(np.array([-6, -26]) - 20 / 1.7, abs=0.1)
