import numpy as np
import pyloudnorm
import pytest

from rtengine.dsp.loudness import integrated, k_weighting, loudness, lufs, prepare, update
from rtengine.native.record import record

RATES = [44_100, 48_000, 96_000]


def tones(sample_rate, *levels_and_seconds):
    """A stereo sine of 1 kHz, at each level (dBFS, peak) for so many seconds."""
    gain = np.concatenate([np.full(round(t * sample_rate), 10 ** (db / 20)) for db, t in levels_and_seconds])
    sine = gain * np.sin(2 * np.pi * 1_000 / sample_rate * np.arange(len(gain)))
    return np.stack([sine, sine]).astype(np.float32)


def material(kind, sample_rate, channels):
    """Twelve seconds of white noise, of low noise, or of noise with gaps and levels that differ by 70 dB."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((channels, 12 * sample_rate)) * 0.1
    if kind == "low":
        x = np.cumsum(x, axis=1) * 0.01
    if kind == "gaps":
        x *= np.repeat(10 ** (-rng.integers(0, 70, 48) / 20) * (rng.random(48) < 0.7), sample_rate // 4)
    return x.astype(np.float32)


def measured(x, sample_rate):
    state = record(prepare(sample_rate, len(x)))[0]
    update(state, x)
    return state


def test_filters_are_the_tables_of_the_standard():
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585]
    high_pass = [1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621]
    assert np.abs(k_weighting(48_000) - [shelf, high_pass]).max() < 1e-9


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("kind", ["white", "low", "gaps"])
def test_within_a_twentieth_of_pyloudnorm(kind, sample_rate, channels):
    x = material(kind, sample_rate, channels)
    assert abs(loudness(x, sample_rate) - pyloudnorm.Meter(sample_rate).integrated_loudness(x.T)) < 0.05
    de_man = pyloudnorm.Meter(sample_rate, filter_class="DeMan").integrated_loudness(x.T)
    assert abs(loudness(x, sample_rate) - de_man) < 0.025  # its high pass is .02 dB lower at 96 kHz than at 48


def test_997_hz_at_full_scale_reads_minus_3_01():
    x = np.sin(2 * np.pi * 997 / 48_000 * np.arange(96_000))[None].astype(np.float32)
    assert abs(loudness(x, 48_000) + 3.01) < 0.005


TECH_3341 = {  # EBU Tech 3341 (2023), table 1: all cases made of tones in two channels; each reads -23.0 LUFS
    1: [(-23, 20)],
    3: [(-36, 10), (-23, 60), (-36, 10)],
    4: [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)],
    5: [(-26, 20), (-20, 20.1), (-26, 20)],
}


@pytest.mark.parametrize("case", TECH_3341)
@pytest.mark.parametrize("sample_rate", RATES[:2])
def test_integrated_loudness_of_tech_3341(case, sample_rate):
    assert abs(loudness(tones(sample_rate, *TECH_3341[case]), sample_rate) + 23) < 0.05  # 0.1 is allowed


def test_case_2_is_10_lu_below_case_1():
    state = measured(tones(48_000, (-33, 20)), 48_000)
    for value in (integrated(state), lufs(state["momentary"]), lufs(state["short_term"])):
        assert abs(value + 33) < 0.05


def test_case_9_short_term_is_steady():
    x, state, seen = tones(48_000, *[(-20, 1.34), (-30, 1.66)] * 5), record(prepare(48_000, 2))[0], []
    for n in range(0, x.shape[1], 4_800):
        update(state, np.ascontiguousarray(x[:, n : n + 4_800]))
        seen.append(lufs(state["short_term"]))
    assert np.abs(np.array(seen[29:]) + 23).max() < 0.05


def test_case_12_momentary_is_steady():
    x, state, seen = tones(48_000, *[(-20, 0.18), (-30, 0.22)] * 25), record(prepare(48_000, 2))[0], []
    for n in range(0, x.shape[1], 960):
        update(state, np.ascontiguousarray(x[:, n : n + 960]))
        seen.append(lufs(state["momentary"]))
    assert np.abs(np.array(seen[50:]) + 23).max() < 0.05


@pytest.mark.parametrize("i", range(20))
def test_cases_10_and_13_catch_a_burst_wherever_it_starts(i):
    short = measured(tones(48_000, (-200, 0.15 * i), (-23, 3), (-200, 1)), 48_000)
    assert abs(lufs(short["highest_short_term"]) + 23) < 0.05
    momentary = measured(tones(48_000, (-200, 0.02 * i), (-23, 0.4), (-200, 1)), 48_000)
    assert abs(lufs(momentary["highest_momentary"]) + 23) < 0.05


def test_channels_that_are_no_left_and_right_do_not_add_up():
    """Eight microphones at a desk: the loudness is that of the loudest, whatever the others do."""
    n = np.arange(48_000)
    x = np.float32([[0.1], [0.5], [0.2], [0.5]]) * np.sin(2 * np.pi * 997 * n / 48_000).astype(np.float32)
    assert abs(loudness(x, 48_000) - loudness(x[1:2], 48_000)) < 1e-6
    assert abs(loudness(x[[1, 3]], 48_000) - loudness(x[1:2], 48_000) - 3.01) < 0.01, "left and right do"


def test_pieces_do_not_change_a_bit():
    x = material("gaps", 44_100, 2)
    whole, pieces = record(prepare(44_100, 2)), record(prepare(44_100, 2))
    update(whole[0], x)
    n, sizes = 0, [1, 17, 64, 480, 8_193]
    while n < x.shape[1]:
        piece = np.ascontiguousarray(x[:, n : n + sizes[n % 5]])
        update(pieces[0], piece)
        n += piece.shape[1]
    assert np.array_equal(whole, pieces)


def test_channels_measured_together_are_those_measured_alone():
    x = np.random.default_rng(3).standard_normal((3, 3001)).astype(np.float32)
    together = record(prepare(48_000, 3))[0]
    update(together, x)
    for c in range(3):
        alone = record(prepare(48_000, 1))[0]
        update(alone, x[c : c + 1])
        assert np.array_equal(together["filter"][c], alone["filter"][0])
        assert together["energy"][c] == alone["energy"][0] > 0


def test_silence_and_what_is_too_short_read_minus_infinity():
    assert loudness(np.zeros((2, 48_000), np.float32), 48_000) == -np.inf
    assert loudness(np.ones((2, 100), np.float32), 48_000) == -np.inf
    assert loudness(np.empty((2, 0), np.float32), 48_000) == -np.inf
    assert loudness(tones(48_000, (-71, 2)), 48_000) == -np.inf  # below the absolute gate


def test_no_level_is_too_high():
    assert np.isfinite(loudness(np.full((2, 48_000), 1e30, np.float32), 48_000))


def test_a_dead_filter_holds_zeros():
    state = measured(tones(48_000, (0, 0.1), (-1_000, 5)), 48_000)
    assert not state["filter"].any()
