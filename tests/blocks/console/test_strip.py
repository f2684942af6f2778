import numpy as np
import pytest

from rtengine.blocks.console.strip import Strip
from rtengine.dsp.console import biquad
from rtengine.graph import Graph

RATE = 48_000
BANDS = [biquad.LOW_SHELF, *4 * [biquad.PEAK], biquad.HIGH_SHELF]


def strip(channels: int = 2, **values: float) -> Graph:
    g = Graph(RATE, channels, strip=Strip())
    for name, value in values.items():
        g[f"/strip/{name}"] = value
    g.settle()
    return g


def noise(channels: int = 2, seconds: float = 1.0, gain: float = 0.1, seed: int = 0) -> np.ndarray:
    return (gain * np.random.default_rng(seed).standard_normal((channels, round(seconds * RATE)))).astype(np.float32)


def constant(level_db: float, seconds: float = 1.0, channels: int = 2) -> np.ndarray:
    return np.full((channels, round(seconds * RATE)), 10 ** (level_db / 20), np.float32)


def decibels(x: np.ndarray) -> np.ndarray:
    return 20 * np.log10(np.maximum(np.abs(x), 1e-12))


def test_at_its_defaults_every_bit_passes() -> None:
    x = noise()
    assert np.array_equal(strip().process(x), x)


def test_after_a_turn_and_back_every_bit_passes_again() -> None:
    g, x = strip(), noise()
    for address, p in g.parameters.items():
        if p.scale != "step" and address != "/strip/delay":
            g[address] = p.low + 0.4 * (p.high - p.low)
    g.process(x)
    for address, p in g.parameters.items():
        g[address] = p.default
    g.process(noise(seconds=4, seed=1))
    assert np.array_equal(g.process(x), x)


def test_equaliser_has_the_cookbook_s_response() -> None:
    gains, q = [4.0, -6.0, 9.0, -12.0, 5.0, -7.0], [0.7071, 1.0, 3.0, 0.5, 2.0, 0.7071]
    frequencies = [90.0, 220.0, 600.0, 1600.0, 4200.0, 9000.0]
    values = {f"eq{i + 1}_gain": v for i, v in enumerate(gains)} | {f"eq{i + 1}_q": v for i, v in enumerate(q)}
    x = np.zeros((2, RATE), np.float32)
    x[:, 0] = 1
    y = np.fft.rfft(strip(**values).process(x)[1].astype(float))
    f = np.fft.rfftfreq(RATE, 1 / RATE)[20:20_000]
    w, h = 2 * np.pi * f / RATE, np.ones(len(f), complex)
    for kind, f0, gain, slope in zip(BANDS, frequencies, gains, q, strict=True):
        h *= cookbook(kind, 2 * np.pi * f0 / RATE, gain, slope, np.exp(-1j * w))
    assert np.abs(20 * np.log10(np.abs(y[20:20_000] / h))).max() < 0.001


def cookbook(kind: int, w0: float, gain: float, q: float, z: np.ndarray) -> np.ndarray:
    """H at 1/z, as printed in the cookbook."""
    a, c, alpha = 10 ** (gain / 40), np.cos(w0), np.sin(w0) / (2 * q)
    r = 2 * np.sqrt(a) * alpha
    if kind == biquad.PEAK:
        b, d = [1 + alpha * a, -2 * c, 1 - alpha * a], [1 + alpha / a, -2 * c, 1 - alpha / a]
    elif kind == biquad.LOW_SHELF:
        b = [a * ((a + 1) - (a - 1) * c + r), 2 * a * ((a - 1) - (a + 1) * c), a * ((a + 1) - (a - 1) * c - r)]
        d = [(a + 1) + (a - 1) * c + r, -2 * ((a - 1) + (a + 1) * c), (a + 1) + (a - 1) * c - r]
    else:
        b = [a * ((a + 1) + (a - 1) * c + r), -2 * a * ((a - 1) + (a + 1) * c), a * ((a + 1) + (a - 1) * c - r)]
        d = [(a + 1) - (a - 1) * c + r, 2 * ((a - 1) - (a + 1) * c), (a + 1) - (a - 1) * c - r]
    return np.polyval(b[::-1], z) / np.polyval(d[::-1], z)


def test_high_pass_is_a_butterworth() -> None:
    t = np.arange(RATE) / RATE
    for frequency, expected in ((100, -3.01), (50, -12.30), (1000, 0.0)):
        x = np.tile(np.sin(2 * np.pi * frequency * t), (2, 1)).astype(np.float32)
        y = strip(high_pass=100).process(x)[0, RATE // 2 :]
        assert abs(20 * np.log10(np.sqrt(2 * np.mean(y**2))) - expected) < 0.02, frequency


@pytest.mark.parametrize(("level", "knee"), [(-6, 0), (-20, 0), (-6, 12), (-20, 12), (-24, 12), (-30, 12)])
def test_compressor_settles_on_the_curve(level: float, knee: float) -> None:
    threshold, ratio = -20.0, 4.0
    y = strip(threshold=threshold, ratio=ratio, knee=knee, attack=1, release=50).process(constant(level))
    over = level - threshold
    bend = (1 / ratio - 1) * (over + knee / 2) ** 2 / (2 * knee) if knee and abs(2 * over) <= knee else 0
    expected = level + (bend if 2 * over <= knee else (1 / ratio - 1) * over)
    assert abs(decibels(y[:, -1]) - expected).max() < 0.01


def test_attack_takes_its_time_constant() -> None:
    x = constant(0, 0.2)
    y = decibels(strip(threshold=-20, ratio=20, knee=0, attack=20, release=500).process(x)[0])
    assert abs(y[round(0.02 * RATE)] / -19 - (1 - np.exp(-1))) < 0.005  # 63 % of 19 dB, after one time constant


def test_left_and_right_are_compressed_alike() -> None:
    x = noise()
    x[1] *= np.float32(0.1)
    y = strip(threshold=-40, ratio=8).process(x)
    ratio = y[0] * x[1] / np.where(y[1] * x[0] == 0, 1, y[1] * x[0])
    assert np.abs(ratio[np.abs(x[0] * x[1]) > 1e-9] - 1).max() < 1e-5


def test_a_key_ducks_what_it_is_not() -> None:
    music, speech = constant(-12), constant(-90)
    speech[:, RATE // 4 : RATE // 2] = 0.5
    x = np.concatenate([music, speech])
    y = strip(4, key=1, threshold=-30, ratio=4, knee=0, attack=2, release=50).process(x)
    assert abs(decibels(y[0, RATE // 4 - 1]) + 12) < 1e-3
    assert abs(decibels(y[0, RATE // 2 - 1]) - (-12 - 0.75 * (30 - 6.02))) < 0.05
    assert abs(decibels(y[0, -1]) + 12) < 0.01
    assert np.array_equal(y[2:], speech)


def test_gate_takes_its_range_and_no_more() -> None:
    quiet = constant(-50)
    assert abs(decibels(strip(gate_ratio=20, gate_threshold=-40, gate_range=15).process(quiet)[0, -1]) + 65) < 0.01
    assert abs(decibels(strip(gate_ratio=2, gate_threshold=-40).process(quiet)[0, -1]) + 60) < 0.05
    loud = constant(-30)
    assert np.array_equal(strip(gate_ratio=20, gate_threshold=-40).process(loud)[:, RATE // 2 :], loud[:, RATE // 2 :])


def test_gate_holds() -> None:
    x = constant(-90)
    x[:, :1000] = 0.5
    gain = decibels(strip(gate_ratio=20, gate_threshold=-40, gate_hold=200, gate_release=5).process(x)[0]) + 90
    assert gain[round(0.2 * RATE)] > -0.01  # the level falls for a while, and then the hold begins
    assert gain[round(0.35 * RATE)] < -39


@pytest.mark.parametrize(("law", "rise"), [(0, 3.01), (1, 4.515), (2, 6.02)])
def test_pan_law(law: int, rise: float) -> None:
    x = constant(-20)
    left = strip(pan=-1, pan_law=law).process(x)[:, -1]
    assert abs(decibels(left[0]) + 20 - rise) < 0.01
    assert decibels(left[1]) < -100
    half = decibels(strip(pan=0.5, pan_law=law).process(x)[:, -1]) + 20
    powers = 10 ** (half / 10 / (1 + law / 2))  # cos^2 + sin^2 = 1, whatever the exponent
    assert abs(powers.sum() - 2) < 1e-3


def test_width_works_on_the_side_alone() -> None:
    x = noise()
    y = strip(width=0.25).process(x)
    assert np.abs((y[0] + y[1]) - (x[0] + x[1])).max() < 1e-6
    assert np.abs((y[0] - y[1]) - 0.25 * (x[0] - x[1])).max() < 1e-6


def test_polarity_and_delay_are_exact() -> None:
    x = noise()
    y = strip(polarity=1, delay=10).process(x)
    assert np.array_equal(y[:, 480:], -x[:, :-480])


def test_the_end_of_the_fader_is_silence() -> None:
    assert not strip(fader=-90).process(noise()).any()
    assert abs(decibels(strip(fader=10).process(constant(-20))[0, -1]) + 10) < 1e-3


def test_a_fader_moves_without_a_click() -> None:
    g, x = strip(), constant(0, 0.5)
    g.process(x)
    g["/strip/fader"] = -90
    y = g.process(x)[0]
    assert np.abs(np.diff(y)).max() < 0.01
    assert np.abs(y[RATE // 4 :]).max() < 1e-4


def test_equaliser_and_compressor_can_be_switched_off_without_a_click() -> None:
    t = np.arange(RATE) / RATE
    x = np.tile((0.5 * np.sin(2 * np.pi * 200 * t)).astype(np.float32), (2, 1))
    g = strip(eq2_gain=12, threshold=-30, ratio=10, release=20)
    with_both = g.process(x)
    g["/strip/equaliser_on"] = g["/strip/compressor_on"] = 0
    y = g.process(x)
    assert np.abs(with_both[:, -100:] - x[:, -100:]).max() > 0.1
    assert np.abs(y[:, RATE // 2 :] - x[:, RATE // 2 :]).max() < 1e-4
    assert np.abs(np.diff(np.append(with_both[0, -9600:], y[0, :9600]), 2)).max() < 0.002  # of a sine itself: 0.0007
