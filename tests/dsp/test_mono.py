"""One channel of two: nothing that is heard cancels."""

import numpy as np
import pytest

from rtengine.dsp.mono import Fold, mono

RATE = 48_000
N = 3 * RATE


def noise(seed: int, n: int = N) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal(n)).astype(np.float32)


def decibels(x: np.ndarray, y: np.ndarray) -> float:
    return float(10 * np.log10(np.square(x).mean() / np.square(y).mean()))


def band(x: np.ndarray, low: float, high: float) -> np.ndarray:
    spectrum, f = np.fft.rfft(x), np.fft.rfftfreq(x.size, 1 / RATE)
    return np.fft.irfft(np.where((f >= low) & (f < high), spectrum, 0), x.size)


def test_one_and_two_equal_channels_pass_as_they_are() -> None:
    m = noise(0)
    assert np.array_equal(mono(m[None]), m)
    assert np.array_equal(mono(np.stack([m, m])), m)
    folded = np.concatenate(list(Fold().of([np.stack([m, m])])), axis=1)[0]
    assert np.abs(folded - m).max() < 1e-6


def test_an_inverted_channel_is_the_other_one() -> None:
    m = noise(1)
    assert np.abs(mono(np.stack([m, -m])) - m).max() < 1e-6


@pytest.mark.parametrize("hum", [0.003, 0.1, 0.3])
def test_hum_in_phase_does_not_take_the_place_of_inverted_music(hum: float) -> None:
    m, h = noise(2), (hum * np.sin(2 * np.pi * 50 * np.arange(N) / RATE)).astype(np.float32)
    y = mono(np.stack([m + h, h - m]))
    assert abs(decibels(band(y, 300, 24_000), band(m, 300, 24_000))) < 0.1
    if hum > 0.01:
        assert abs(decibels(band(y, 40, 60), band(h, 40, 60))) < 0.5


def test_music_in_phase_below_and_inverted_above_keeps_both() -> None:
    m = noise(3)
    low, high = band(m, 20, 1000), band(m, 2000, 20_000)
    y = mono(np.stack([low + high, low - high]).astype(np.float32))
    assert abs(decibels(band(y, 50, 800), band(m, 50, 800))) < 0.2
    assert abs(decibels(band(y, 2500, 20_000), band(m, 2500, 20_000))) < 0.2


def test_power_is_kept_whatever_the_channels_have_in_common() -> None:
    a, b = noise(4), noise(5)
    for share in (-1.0, -0.7, -0.3, 0.0, 0.3, 0.7, 1.0):
        x = np.stack([a, share * a + (1 - share**2) ** 0.5 * b]).astype(np.float32)
        assert abs(decibels(mono(x), x)) < 0.6
    alone = mono(np.stack([a, np.zeros_like(a)]))
    assert abs(decibels(alone, a) + 3.01) < 0.1


def test_what_turns_over_in_the_middle_is_heard_all_the_time() -> None:
    m = noise(6)
    x = np.stack([m, m])
    x[1, N // 2 :] *= -1
    levels = np.square(mono(x)).reshape(60, -1).mean(1)
    assert 10 * np.log10(levels.min() / levels.mean()) > -5  # 50 ms each


def test_the_blocks_do_not_matter() -> None:
    x = np.stack([noise(7, 50_001), noise(8, 50_001)])
    whole = mono(x)
    assert whole.size == 50_001
    for size in (1, 999, 4096, 30_000):
        n = 12_000 if size == 1 else 50_001
        y = np.concatenate(list(Fold().of(x[:, i : i + size] for i in range(0, n, size))), axis=1)[0]
        assert y.size == n
        assert np.abs(y[: n - 4096] - whole[: n - 4096]).max() < 1e-6
    assert mono(x[:, :1]).shape == (1,)
    with pytest.raises(ValueError, match="3 channels"):
        mono(np.zeros((3, 10), np.float32))
