import numpy as np
import pytest

from rtengine.blocks.console.bus import Bus
from rtengine.blocks.console.spread import Spread
from rtengine.graph import Graph

RATE = 48_000


def bus(strips: int = 3, **values: float) -> Graph:
    g = Graph(RATE, 2 * strips, bus=Bus(strips))
    for name, value in values.items():
        g[f"/bus/{name}"] = value
    g.settle()
    return g


def noise(channels: int, seconds: float = 0.5, seed: int = 0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal((channels, round(seconds * RATE)))).astype(np.float32)


def pair(x: np.ndarray, s: int) -> np.ndarray:
    return x[2 * s : 2 * s + 2]


def test_it_sums_bit_for_bit() -> None:
    x = noise(6)
    y = bus().process(x)
    assert np.array_equal(y[:2], pair(x, 0) + pair(x, 1) + pair(x, 2))
    assert y.shape == (2, x.shape[1])


def test_mute_solo_and_groups() -> None:
    x = noise(6)
    assert np.array_equal(bus(mute2=1).process(x)[:2], pair(x, 0) + pair(x, 2))
    assert np.array_equal(bus(solo2=1).process(x)[:2], pair(x, 1))
    assert not bus(solo2=1, mute2=1).process(x).any()
    assert np.array_equal(bus(group1=4, group3=4, group_mute4=1).process(x)[:2], pair(x, 1))
    y = bus(group1=2, group_fader2=-6, mute2=1, mute3=1).process(x)[:2]
    assert np.abs(y - 10 ** (-6 / 20) * pair(x, 0)).max() < 1e-6
    assert not bus(mute=1).process(x).any()


def test_a_mute_glides() -> None:
    g, x = bus(1), np.ones((2, RATE // 2), np.float32)
    g.process(x)
    g["/bus/mute1"] = 1
    y = g.process(x)[0]
    assert np.abs(np.diff(y)).max() < 0.01
    assert y[round(0.05 * RATE)] < 1e-4


def test_strips_are_1_to_64() -> None:
    with pytest.raises(ValueError, match="65 strips are not 1 to 64"):
        Bus(65)
    with pytest.raises(ValueError, match="4 channels are not the 6 of 3 strips"):
        Graph(RATE, 4, bus=Bus(3))


@pytest.mark.parametrize("seconds", [0.8, 2.0, 4.0])
def test_the_room_decays_in_the_time_asked_for(seconds: float) -> None:
    g = bus(1, send1=0, room_decay=seconds, room_damping=0, room_low=20, room_high=20_000, room_predelay=0)
    x = np.zeros((2, round(1.2 * seconds * RATE)), np.float32)
    x[:, 0] = 1
    y = g.process(x)[:, 1:].astype(float)
    left = np.cumsum((y**2).sum(0)[::-1])[::-1]  # Schroeder's integral
    level = 10 * np.log10(left / left[0])
    first, last = np.searchsorted(-level, [5, 35])
    assert abs((last - first) / RATE * 2 / seconds - 1) < 0.05


def test_the_room_is_wide_and_dark() -> None:
    g = bus(1, send1=0, room_decay=2, room_damping=0.6)
    x = np.zeros((2, RATE), np.float32)
    x[:, 0] = 1
    y = g.process(x)[:, 1:].astype(float)
    assert abs(np.corrcoef(y)[0, 1]) < 0.1
    early, late = (np.abs(np.fft.rfft(y[0, n : n + 4096])) ** 2 for n in (2400, 30_000))
    low, high = slice(70, 150), slice(500, 700)  # 800 to 1800 Hz, 6 to 8 kHz
    assert 10 * np.log10(late[high].sum() / late[low].sum() * early[low].sum() / early[high].sum()) < -10
    assert not y[:, : round(0.03 * RATE)].any()  # before the pre-delay and the shortest line there is nothing


def test_sends_are_heard_behind_mutes() -> None:
    x = noise(2)
    assert not bus(1, send1=0, mute1=1).process(x).any()


def test_the_glue_is_a_compressor() -> None:
    x = np.full((2, RATE), 1.0, np.float32)
    y = bus(1, threshold=-20, ratio=2, knee=0, attack=5).process(x)
    assert abs(20 * np.log10(y[0, -1]) + 10) < 0.01


def test_spread_gives_the_side_asked_for_and_leaves_the_sum() -> None:
    g = Graph(RATE, 2, spread=Spread())
    for name, value in {"low": -20.0, "middle": -12.0, "high": -6.0}.items():
        g[f"/spread/{name}"] = value
    g.settle()
    x = np.repeat(noise(1, 8), 2, axis=0)
    y = g.process(x).astype(float)
    assert np.abs(y.sum(0) - x.sum(0)).max() < 1e-6
    mid, side = np.abs(np.fft.rfft(np.array([y[0] + y[1], y[0] - y[1]]))) ** 2
    f = np.fft.rfftfreq(y.shape[1], 1 / RATE)
    for (low, high), level in {(30, 60): -20, (600, 1000): -12, (12_000, 20_000): -6}.items():
        band = (f > low) & (f < high)
        assert abs(10 * np.log10(side[band].sum() / mid[band].sum()) - level) < 0.7, low
    assert abs(np.corrcoef(y[0] + y[1], y[0] - y[1])[0, 1]) < 0.25
