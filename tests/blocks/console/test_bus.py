import numpy as np
import pytest

from rtengine.blocks.console.against import Against, Beside
from rtengine.blocks.console.bus import Bus
from rtengine.blocks.console.hall import Hall
from rtengine.blocks.console.monitors import Monitors
from rtengine.blocks.console.spread import Spread
from rtengine.blocks.console.strip import Strip
from rtengine.dsp.loudness import loudness
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


def test_a_hall_is_the_convolution_of_the_sends_and_nothing_else() -> None:
    h = np.zeros((2, 20_000), np.float32)
    h[0, [0, 12_000]], h[1, 5000] = 1, 0.5
    g = Graph(RATE, 4, bus=Hall(2, response=h))
    g["/bus/send1"], g["/bus/room_predelay"] = 0, 0
    g["/bus/room_low"], g["/bus/room_high"] = 20, 20_000
    g.settle()
    x = np.zeros((4, RATE), np.float32)
    x[:, 100] = 0.5
    wet = g.process(x)
    g.reset()
    dry = g.process(x)
    room = wet - dry
    peaks = np.abs(room).argmax(axis=1)
    assert abs(peaks[0] - 100) <= 2  # at once, but for what the shelves turn
    assert abs(peaks[1] - 5100) <= 2
    assert abs(np.abs(room[0, 12_095:12_105]).max() / np.abs(room[0]).max() - 1) < 1e-3
    assert np.array_equal(dry[0], x[0] + x[2])


def test_monitor_mixes_hear_what_comes_in_and_no_fader() -> None:
    x = noise(4)
    g = Graph(
        RATE,
        4,
        monitors=Monitors(2, 2),
        one=Strip().on(0, 2),
        two=Strip().on(2, 2),
        bus=Bus(2, 2),
        main=Strip().on(0, 2),
    )
    g["/monitors/send1_1"] = g["/monitors/send2_2"] = -60
    g["/monitors/send2_1"], g["/monitors/level2"] = -6, -6
    g["/one/fader"], g["/bus/mute2"], g["/main/fader"] = -20, 1, -90
    g.settle()
    y = g.process(x)
    assert y.shape[0] == 4
    assert not y[:2].any()
    assert np.abs(y[2] - (x[2] + x[3]) / 2).max() < 1e-6
    assert np.abs(y[3] - 10 ** (-12 / 20) * (x[0] + x[1]) / 2).max() < 1e-6
    with pytest.raises(ValueError, match="7 monitor mixes are not 1 to 6"):
        Monitors(2, 7)


def test_the_plain_sum_is_heard_as_loud_as_the_mix() -> None:
    one, two, main = Strip().on(0, 2), Strip().on(2, 2), Strip().on(0, 2)
    g = Graph(RATE, 4, beside=Beside(2), one=one, two=two, bus=Bus(2, 2), main=main, against=Against())
    g["/main/fader"], g["/one/eq4_gain"] = -12, 6
    g.settle()
    x = noise(4, 8)
    assert g.outputs == 2
    mix = g.process(x)
    g["/against/plain"] = 1
    plain = g.process(x)
    total = (x[:2] + x[2:])[:, -RATE:].astype(float)
    ratio = plain[:, -RATE:] / total
    assert ratio.std() < 1e-3  # the plain sum, and nothing else
    assert abs(loudness(plain[:, -4 * RATE :], RATE) - loudness(mix[:, -4 * RATE :], RATE)) < 0.2
    assert abs(20 * np.log10(ratio.mean()) - g.reading("/against/matched")[0]) < 0.1
