"""Two clocks, in simulated time: no sleeping, no device."""

import numpy as np
import pytest
from numba.core.runtime import rtsys
from support.clocks import RATE, Cards

from rtengine.devices import bridge

TONE = 1000.0  # Hz


def sine(t: np.ndarray) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * TONE * t)


def lag(cards: Cards, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Seconds by which the tone is late, but for whole periods of it, at times that are 5 ms apart."""
    t = cards.times(len(y))
    turned = y * np.exp(-2j * np.pi * TONE * t)
    smooth = np.hanning(2400)  # what turns slower than 40 Hz is left
    z = np.convolve(turned, smooth, "same")[::240]
    return t[::240], -(np.unwrap(np.angle(z)) + np.pi / 2) / (2 * np.pi * TONE)


@pytest.mark.parametrize(
    ("settings", "ppm", "microseconds"),
    [
        ({"ppm_in": 200, "ppm_out": -200}, 25, 60),
        ({"ppm_in": -200, "ppm_out": 200}, 25, 60),
        ({"late": 0}, 0.01, 0.01),
        ({"ppm_in": 150, "size_in": 480, "size_out": 64, "late": 0.003}, 100, 200),
        ({"ppm_out": 80, "size_in": 1024, "size_out": 256, "late": 0.002}, 100, 200),
        ({"ppm_in": 100, "size_in": 441, "rate_in": 44_100}, 35, 60),
    ],
    ids=["fast to slow", "slow to fast", "no jitter", "rough input", "large buffers", "another rate"],
)
def test_the_pitch_is_that_of_the_input_and_the_lag_is_the_declared_one(
    settings: dict[str, float], ppm: float, microseconds: float
) -> None:
    cards = Cards(**settings)
    y = cards.play(45, sine)
    host = cards.memory[0]
    assert not host["lost"].any()
    t, late = lag(cards, y[:, 0])
    steady = (t > 30) & (t < 44.9)
    pitch = 1e6 * np.gradient(late, t)[steady]
    assert np.abs(pitch).max() < ppm, "of the frequency: 100 are 0.17 cents"
    declared = host["lag"] / cards.rate_in
    period = 1 / TONE
    off = (late[steady] - declared + period / 2) % period - period / 2
    assert np.abs(off).max() < 1e-6 * microseconds
    assert np.abs(host["drift"] * 1e6 - (cards.ppm_in - cards.ppm_out)) < 20, "it knows how fast the clocks are"
    speeds = np.array(cards.speeds[len(cards.speeds) // 2 :])
    assert np.abs(np.diff(speeds)).max() < 1e-6, "the speed has no steps"


def test_it_is_never_more_than_the_limit_off_even_at_the_start() -> None:
    cards = Cards(200, -200, late=0.003)
    cards.play(5, sine)
    assert np.abs(np.array(cards.speeds) - 1).max() <= bridge.LIMIT * 1.0001


def test_a_lag_of_whole_periods_too_is_the_declared_one() -> None:
    cards = Cards(50, 0, late=0.0005)
    click = 2.0001
    y = cards.play(4, lambda t: np.exp(-(((t - click) * 10_000) ** 2) / 2))
    came = cards.times(len(y))[np.argmax(y[:, 0])]
    assert abs(came - click - cards.memory[0]["lag"] / RATE) < 100e-6


def test_an_input_that_stalls_fades_and_comes_back_in_time() -> None:
    cards = Cards(100, -100)
    y = cards.play(20, sine, stalled=(10.0, 10.3))
    slope = 0.5 * 2 * np.pi * TONE / RATE + 0.5 / bridge.FADE
    assert np.abs(np.diff(y[:, 0])).max() < slope, "no click"
    assert cards.memory[0]["lost"].sum() in (1, 2), "too little came, and then the clock had lost time"
    assert cards.flags.sum() == cards.memory[0]["lost"].sum(), "the host is told"
    quiet = np.flatnonzero(np.all(y[RATE : 19 * RATE] == 0, axis=1))
    assert 0.2 * RATE < quiet.size < 0.8 * RATE
    t, late = lag(cards, y[:, 0])
    end = late[(t > 18) & (t < 19.9)]
    off = (end - cards.memory[0]["lag"] / RATE + 0.0005) % 0.001 - 0.0005
    assert np.abs(off).max() < 200e-6


def test_an_output_that_stalls_is_caught_up_with() -> None:
    cards = Cards(0, 0)
    cards.play(5, sine)
    cards._out += RATE // 5  # it lost 0.2 s: the input has gone on
    y = cards.play(10, sine)
    assert cards.memory[0]["lost"].tolist() == [0, 1]
    host = cards.memory[0]
    assert abs(host["error"][0]) < 10
    assert np.abs(np.diff(y[:, 0])).max() < 0.5 * 2 * np.pi * TONE / RATE + 0.5 / bridge.FADE


def test_an_input_that_never_comes_is_silence() -> None:
    cards = Cards()
    y = cards.play(1, sine, stalled=(-1, 100))
    assert not y.any()
    assert not cards.flags.any()


def test_the_callbacks_allocate_nothing() -> None:
    cards = Cards(100, 0)
    cards.play(2, sine)
    before = rtsys.get_allocation_stats()
    cards.play(2.5, sine)
    after = rtsys.get_allocation_stats()
    assert (after.alloc, after.mi_alloc) == (before.alloc, before.mi_alloc)
