from collections.abc import Iterator

import numpy as np
import pytest

from rtengine.blocks.console.automix import LIFT, Automix
from rtengine.dsp.console import equaliser, listening
from rtengine.dsp.console.features import MUSDB18
from rtengine.graph import Graph
from rtengine.patches.console import STRIPS, assign, console

RATE = 44_100
ROLES = ["vocals", "drums", "bass"]


@pytest.fixture(scope="module")
def ears() -> Graph:
    return Graph(RATE, 6, automix=Automix(3))


@pytest.fixture(scope="module")
def whole() -> Graph:
    return console(RATE, 3, automatic=True)


@pytest.fixture
def desk(whole: Graph) -> Iterator[Graph]:
    whole.reset()
    assign(whole, ROLES)
    whole.settle()
    yield whole
    whole.reset()


def band(levels: tuple[float, ...] = (-20.0, -30.0, -12.0), seconds: float = 12.0, seed: int = 0) -> np.ndarray:
    """Three mono players with pauses of their own, as pairs of channels; levels in dB of their rms."""
    n = round(seconds * RATE)
    random, rows, t = np.random.default_rng(seed), [], np.arange(n) / RATE
    for i, level in enumerate(levels):
        x = random.standard_normal(n) * (np.sin(2 * np.pi * t / (1.7 + 0.4 * i) + 2 * i) > -0.3)
        rows += 2 * [10 ** (level / 20) * np.convolve(x, [1, 0.6], "same") / 1.2]
    return np.array(rows, np.float32)


def bled(x: np.ndarray) -> np.ndarray:
    """The same with each player in the microphones of the others, 14 dB down, after 5 ms."""
    y, late = x.copy(), round(0.005 * RATE)
    for i in range(3):
        for j in range(3):
            if i != j:
                gain = 10 ** (-14 / 20) * np.std(x[2 * i]) / np.std(x[2 * j])
                y[2 * i : 2 * i + 2, late:] += gain * x[2 * j : 2 * j + 2, :-late]
    return y


def prepared(g: Graph, mind: int = 0) -> Graph:
    """The rules alone, or the controller."""
    g.reset()
    g["/automix/mind"] = mind
    for i in range(3):
        g[f"/automix/role{i + 1}"] = i
    g.settle()
    return g


def test_the_sound_passes_bit_for_bit(ears: Graph) -> None:
    x = band(seconds=1)
    assert np.array_equal(prepared(ears).process(x), x)


def test_loudness_is_that_of_what_was_played_and_pauses_do_not_count(ears: Graph) -> None:
    from rtengine.dsp.loudness import loudness

    x = band()
    prepared(ears).process(x)
    for i, heard in enumerate(ears.reading("/automix/loudness")):
        assert abs(heard - loudness(x[2 * i : 2 * i + 2], RATE)) < 1.0


def test_in_ten_seconds_every_strip_is_where_its_role_is(ears: Graph) -> None:
    prepared(ears).process(band((-24, -30, -18), 10))
    fader, heard = ears.reading("/automix/fader"), ears.reading("/automix/loudness")
    for i, role in enumerate(ROLES):
        assert abs(fader[i] + heard[i] - MUSDB18[role][0] - LIFT) < 1.0, role


@pytest.mark.parametrize("mind", [0, 1])
def test_bleed_changes_no_fader_by_a_decibel(ears: Graph, mind: int) -> None:
    x = band((-24, -30, -18), 20)
    found = []
    for y in (x, bled(x)):
        prepared(ears, mind).process(y)
        found.append(ears.reading("/automix/fader"))
    assert np.abs(np.subtract(*found)).max() < 1.0


def test_a_bass_that_is_never_louder_than_its_neighbours_in_its_own_microphone_is_heard(ears: Graph) -> None:
    """But below 250 Hz it is: it begins late, and a bright player leaks into its microphone 8 dB above it."""
    n, random = np.arange(12 * RATE), np.random.default_rng(4)
    bass = 0.02 * np.sin(2 * np.pi * 60 * n / RATE) * (n > 5 * RATE)
    bright = np.diff(random.standard_normal(n.size + 1)) * (np.sin(n / RATE * 3) > -0.5)
    leak = 0.03 * np.roll(bright, 250)
    rows = [0.3 * bright, 0.1 * np.roll(bright, 90), leak + bass]
    x = np.repeat(np.array(rows, np.float32), 2, axis=0)
    prepared(ears)
    ears.process(x[:, : 5 * RATE])
    assert ears.reading("/automix/active")[2] == 0
    ears.process(np.ascontiguousarray(x[:, 5 * RATE :]))
    assert ears.reading("/automix/active")[2] == 1
    assert ears.reading("/automix/fader")[2] != 0


def test_what_came_in_before_a_strip_played_is_left_out_of_its_loudness(ears: Graph) -> None:
    from rtengine.dsp.loudness import loudness

    x = band((-20.0, -16.0, -12.0), 11, 2)
    x[2:4, : 8 * RATE] *= np.float32(10 ** (-20 / 20))
    prepared(ears).process(x)
    assert abs(ears.reading("/automix/loudness")[1] - loudness(x[2:4, 8 * RATE :], RATE)) < 1.0


@pytest.mark.parametrize("mind", [0, 1])
def test_in_silence_nothing_moves(ears: Graph, mind: int) -> None:
    prepared(ears, mind).process(band(seconds=6))
    ears.process(np.zeros((6, 3 * RATE), np.float32))
    before = {a: ears.reading(a) for a in ears.readings}
    ears.process(np.zeros((6, 30 * RATE), np.float32))
    for address in ears.readings:
        assert np.array_equal(ears.reading(address), before[address]), address


def test_moves_are_limited_fast_at_first_and_slow_in_the_show(ears: Graph) -> None:
    prepared(ears)
    x, faders = np.concatenate([band(), band((-5.0, -50.0, -30.0), 8, 1)], axis=1), []
    for n in range(0, x.shape[1], listening.HOP):
        ears.process(x[:, n : n + listening.HOP])
        faders.append(ears.reading("/automix/fader"))
    steps = np.abs(np.diff(faders, axis=0)) * RATE / listening.HOP
    assert steps.max() < 12.01
    assert steps[-100:].max() < 3.01
    assert steps[-100:].max() > 1.0


def test_open_microphones_share_one_gain(ears: Graph) -> None:
    ears.reset()
    for i in range(3):
        ears[f"/automix/role{i + 1}"] = 4
    ears["/automix/amount"] = 0  # the sharing alone
    ears["/automix/mind"] = 0
    ears.settle()
    x = band((-20, -40, -60), 2)
    x[:] = np.repeat(np.random.default_rng(0).standard_normal((1, x.shape[1])), 6, 0)
    x *= np.repeat(10 ** (np.array([-20, -40, -60], np.float32) / 20), 2)[:, None]
    ears.process(x)
    assert np.allclose(ears.reading("/automix/fader"), [-0.04, -20.04, -30], atol=0.1)


def test_the_hand_takes_a_fader_and_gives_it_back(desk: Graph) -> None:
    x = band(seconds=6)
    desk.process(x)
    assert desk["/strip/3/fader"] < -4
    desk["/strip/3/fader"] = 2.0
    desk.process(x)
    assert desk["/strip/3/fader"] == 2.0
    desk.release("/strip/3/fader")
    desk.process(x[:, :RATE])
    assert desk["/strip/3/fader"] < -4


def test_the_automatic_desk_is_the_same_for_every_block_size(desk: Graph) -> None:
    x = band(seconds=2)
    once = desk.process(x)
    for size in (128, 999):
        desk.reset()
        assign(desk, ROLES)
        desk.settle()
        again = [desk.process(np.ascontiguousarray(x[:, n : n + size])) for n in range(0, x.shape[1], size)]
        assert np.array_equal(np.concatenate(again, axis=1), once), size


@pytest.mark.parametrize("mind", [0, 1])
def test_a_mono_band_gets_its_width_and_no_more_than_the_limiter_s_latency(desk: Graph, mind: int) -> None:
    desk["/automix/mind"] = mind
    y = np.concatenate([desk.process(band()), desk.process(band(seed=1))], axis=1)[:, 12 * RATE :].astype(float)
    side = np.mean((y[0] - y[1]) ** 2) / np.mean((y[0] + y[1]) ** 2)
    assert -16.1 < 10 * np.log10(side) < (-9, -5.5)[mind]
    assert desk.latency == desk.blocks["limiter"].latency(RATE)


def test_more_than_16_strips_are_refused() -> None:
    with pytest.raises(ValueError, match="17 stems are not 1 to 16"):
        console(RATE, STRIPS + 1)
    with pytest.raises(ValueError, match="4 channels are not the 2 of 1 strips"):
        Graph(RATE, 4, automix=Automix(1))


def test_the_rules_and_the_strip_have_one_equaliser() -> None:
    from rtengine.blocks.console.strip import Strip

    known = Strip().parameters
    for i, (_, frequency, q) in enumerate(equaliser.EQUALISER, 1):
        assert known[f"eq{i}_frequency"].default == frequency
        assert known[f"eq{i}_q"].default == q


def test_bands_move_with_the_controller_and_never_faster_than_allowed(ears: Graph) -> None:
    prepared(ears, 1)
    x, bands = band(seconds=12), []
    for n in range(0, x.shape[1], listening.HOP):
        ears.process(x[:, n : n + listening.HOP])
        bands.append([ears.reading(f"/automix/eq{b}") for b in range(1, 7)])
    steps = np.abs(np.diff(bands, axis=0)) * RATE / listening.HOP
    assert np.abs(bands[-1]).max() > 0.02  # of noise it is not sure
    assert steps.max() < 6.01
    assert max(ears.reading("/automix/sure")) > 0.1


def test_who_only_proposes_moves_nothing_and_says_what_he_wants(ears: Graph) -> None:
    prepared(ears, 1)
    ears["/automix/propose"] = 1
    ears.process(band((-24, -30, -18), 6))
    assert not np.any(ears.reading("/automix/fader"))
    assert np.abs(ears.reading("/automix/wants_fader")).max() > 2
    ears["/automix/propose"] = 0
    ears.process(band((-24, -30, -18), 6))
    assert np.abs(ears.reading("/automix/fader")).max() > 2


def test_a_locked_strip_stays_and_a_trim_is_obeyed(ears: Graph) -> None:
    prepared(ears)
    ears["/automix/lock2"], ears["/automix/trim1"] = 1, 3
    ears.process(band((-24, -30, -18), 10))
    fader, heard = ears.reading("/automix/fader"), ears.reading("/automix/loudness")
    assert fader[1] == 0
    assert abs(fader[0] + heard[0] - MUSDB18["vocals"][0] - LIFT - 3) < 1.0


def test_nothing_dips_at_the_start(desk: Graph) -> None:
    x = np.full((6, 2048), 0.1, np.float32)
    y = desk.process(x)
    late = desk.latency
    assert np.abs(y[:, late : late + 900].mean(axis=0) - 0.3).max() < 0.003  # before the first hop has been heard
