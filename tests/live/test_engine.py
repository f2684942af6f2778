"""The engine through its callback pointer: simulated time, no device, no threads."""

from pathlib import Path

import numpy as np
import pytest
from support.card import SAMPLE_RATE, Card, scale, steepest, tone
from support.every_block import small_model

from rtengine.live import host, routing
from rtengine.live.engine import Engine
from rtengine.patches.texture import texture

SLOPE = 2 * np.pi * 100 / SAMPLE_RATE * 0.5  # of tone()
OPENED = round(host.SOFT_START * SAMPLE_RATE) + 64
MUTED = round(host.MUTE * SAMPLE_RATE) + 64
BLENDED = round(host.BLEND * SAMPLE_RATE) + 2048


def opened(engine: Engine) -> Card:
    card = Card(engine)
    card.play(tone(1))
    return card


def test_it_starts_softly_and_then_adds_nothing() -> None:
    x = tone(1)
    y = Card(Engine(scale())).play(x)
    ramp = np.minimum((1 + np.arange(x.shape[1] - 1)) / (host.SOFT_START * SAMPLE_RATE), 1)
    assert np.abs(y[:, 1:] - ramp * x[:, :-1]).max() < 1e-4
    assert np.array_equal(y[:, 1 + OPENED :], x[:, OPENED:-1])


def test_sizes_of_the_buffers_change_no_sample() -> None:
    x = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 20_000))
    once = Card(Engine(scale()), (20_000,)).play(x)
    assert np.array_equal(Card(Engine(scale())).play(x), once)


def test_it_counts_buffers_sizes_xruns_load_and_peaks() -> None:
    engine = Engine(scale())
    card = Card(engine, (32, 480))
    card.play(tone(1))
    card.play(tone(0.01), flags=4)
    card.play(tone(0.01), flags=1 | 8 | 16)  # 16 says that the buffer primes the device: no xrun
    status = engine.status()
    assert status["clock"] == engine.clock == SAMPLE_RATE + 960
    assert status["block_sizes"][1] == 480
    assert status["xruns_by_kind"]["input_overflow"] == 0
    assert all(status["xruns_by_kind"][kind] > 0 for kind in ("input_underflow", "output_underflow", "output_overflow"))
    assert status["xruns"] == sum(status["xruns_by_kind"].values())
    assert sum(status["load_histogram"]) == status["callbacks"]
    assert 0 < status["load"] <= status["load_worst"]
    assert np.allclose([*status["peak_in"], *status["peak_out"]], -6.02, atol=0.1)
    assert (status["latency"], status["late"], status["alarms"], status["dropped"]) == (1, 0, 0, 0)
    card.play(np.zeros((2, SAMPLE_RATE)))
    assert np.allclose(engine.status()["peak_out"], -6.02 - 20 / 1.7, atol=0.1), "a peak falls as on a meter"


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (0, 2), (2, 1)])
def test_devices_with_other_channels(inputs: int, outputs: int) -> None:
    engine = Engine(scale())
    routing.connect(engine.memory, (inputs, outputs))
    x = tone(1)[:inputs]
    y = Card(engine).play(x if inputs else np.zeros((0, SAMPLE_RATE)))
    assert y.shape == (outputs, SAMPLE_RATE)
    if inputs:
        assert np.allclose(y[0, OPENED + 1 :], x[0, OPENED:-1], atol=1e-6)
    else:
        assert not np.any(y)


def test_mono_goes_to_both_sides() -> None:
    engine = Engine(scale(channels=1))
    routing.connect(engine.memory, (1, 2))
    y = Card(engine).play(tone(1, channels=1))
    assert np.array_equal(y[0], y[1])
    assert np.any(y)


def test_bypass_is_the_input_of_the_same_moment_without_a_click_and_lets_the_graph_rest() -> None:
    engine = Engine(scale())
    engine["/tone/scale"] = 2
    card, x = opened(engine), tone(1)
    before = engine.graph.memory["clock"][0]
    engine.bypass(True)
    y = card.play(x)
    assert steepest(y) < 2 * SLOPE + 1 / (host.BLEND * SAMPLE_RATE)
    assert np.array_equal(y[:, BLENDED:], x[:, BLENDED - 1 : -1]), "late by the graph's latency, and not louder"
    assert engine.graph.memory["clock"][0] < before + BLENDED, "it rests"
    engine.bypass(False)
    z = card.play(x)
    assert steepest(np.concatenate((y, z), axis=1)) < 2 * SLOPE + 1 / (host.BLEND * SAMPLE_RATE)
    assert np.array_equal(z[:, BLENDED:], 2 * x[:, BLENDED - 1 : -1])


def test_another_graph_takes_over_without_a_click() -> None:
    engine = Engine(scale())
    engine["/tone/scale"] = 0.5
    card, x = opened(engine), tone(1)
    old, new = engine.graph, scale()
    engine.swap(new)
    with pytest.raises(ValueError, match="just now"):
        engine.swap(scale())
    engine["/tone/scale"] = 1  # goes to the new one
    y = card.play(x)
    assert steepest(y) < SLOPE + 0.5 / (host.BLEND * SAMPLE_RATE) + 1e-4
    assert np.array_equal(y[:, -1000:], x[:, -1001:-1])
    assert engine.graph is new
    stopped = int(old.memory["clock"][0])
    card.play(x)
    assert old.memory["clock"][0] == stopped
    engine.swap(scale())  # and again
    card.play(x)
    assert engine.memory["swaps"][0] == 2
    with pytest.raises(ValueError, match="1 to 1 channels at 48000 Hz cannot take over"):
        engine.swap(scale(channels=1))


def test_panic_mutes_forgets_and_comes_back_softly() -> None:
    engine = Engine(scale())
    engine["/tone/scale"] = 0.5
    card, x = opened(engine), tone(1)
    engine.panic()
    y = card.play(x)
    assert steepest(y) < SLOPE / 2 + 0.25 / (host.MUTE * SAMPLE_RATE)
    silent = np.flatnonzero(np.abs(y[0]).max() and np.abs(y[0]) == 0)
    assert silent.size
    assert silent[0] < MUTED + 100
    assert np.array_equal(y[:, -1000:], x[:, -1001:-1] / 2), "a second later all is as it was"
    assert engine["/tone/scale"] == 0.5
    assert engine.status()["alarms"] == 1


def test_a_broken_graph_is_muted_and_put_right_within_a_second() -> None:
    engine = Engine(scale())
    card, x = opened(engine), tone(1)
    engine["/tone/broken"] = 1
    card.play(x[:, :100])
    engine["/tone/broken"] = 0  # its cause is over, what it did to the state is not
    y = card.play(x)
    assert np.all(np.isfinite(y))
    assert engine.status()["alarms"] == 1
    assert np.array_equal(y[:, -1000:], x[:, -1001:-1])


def test_what_no_limiter_lets_through_is_muted() -> None:
    engine = Engine(scale())
    card = opened(engine)
    engine["/tone/scale"] = 8
    y = card.play(tone(0.3, amplitude=0.9))
    assert np.abs(y).max() <= 1, "full scale at most, whatever happens"
    assert np.any(np.all(y[:, 5000:] == 0, axis=0))
    assert engine.status()["alarms"] >= 1


def test_input_that_is_not_finite_is_counted_and_silent() -> None:
    engine = Engine(scale())
    card, x = opened(engine), tone(0.1)
    x[:, 100:200] = np.nan
    x[0, 300] = -np.inf
    assert np.all(np.isfinite(card.play(x)))
    assert engine.status()["bad_in"] == 201
    assert engine.status()["alarms"] == 0


def test_values_arrive_in_order_and_at_their_times() -> None:
    engine = Engine(scale())
    card = opened(engine)
    now = engine.clock
    engine.at(now + 20 * SAMPLE_RATE, "/tone/broken", 1)  # far ahead: holds no other up
    engine.at(now + 640, "/tone/scale", 3)
    engine.at(now + 320, "/tone/scale", 2)
    engine["/tone/scale"] = 4
    assert engine["/tone/scale"] == 4, "what was set can be read at once"
    seen = []
    card.sizes = (64,)
    card.play(tone(0.05), lambda: seen.append(float(engine.graph.memory["targets"][0, 0])))
    grid = -now % 64
    expected = [0] + [4] * ((320 + grid) // 64) + [2] * 5 + [3] * 20
    assert seen[1:25] == pytest.approx(expected[1:25], abs=1e-9)
    with pytest.raises(KeyError, match="/tone/nothing is none of"):
        engine.at(now + 10**9, "/tone/nothing", 0)
    with pytest.raises(ValueError, match="9 is outside 0 to 8"):
        engine.at(0, "/tone/scale", 9)


def test_a_flood_of_events_is_dropped_and_counted_not_kept() -> None:
    engine = Engine(scale())
    for i in range(6000):
        engine.at(0, "/tone/scale", i / 1000)
        engine.at(10**9, "/tone/scale", i / 1000)
    assert engine.status()["dropped"] == 2 * (6000 - 4096)
    Card(engine).play(tone(0.01))
    assert engine["/tone/scale"] == pytest.approx(4.095)


def test_scenes_fade_over_the_time_asked_for(tmp_path: Path) -> None:
    engine = Engine(scale(), presets=tmp_path / "scenes")
    card = opened(engine)
    engine["/tone/scale"] = 3
    engine.scene_store("loud")
    engine["/tone/scale"] = 1
    card.play(tone(0.1))
    engine.scene_store("soft one")
    assert engine.scenes() == ["loud", "soft one"]
    engine.scene_recall("loud", 1)
    card.play(tone(0.5))
    assert engine["/tone/scale"] == pytest.approx(2, abs=0.1)
    card.play(tone(0.6))
    assert engine["/tone/scale"] == 3
    engine.scene_recall("soft one")
    card.play(tone(0.1))
    assert engine["/tone/scale"] == 1
    for name in ("../evil", "a/b", "", ".hidden", "x" * 65, "a\0b"):
        with pytest.raises(ValueError, match="is no name for a scene"):
            engine.scene_store(name)
    with pytest.raises(KeyError, match="choose from loud, soft one"):
        engine.scene_recall("nowhere")
    with pytest.raises(ValueError, match="outside 0 to 60 s"):
        engine.scene_recall("loud", float("nan"))
    (tmp_path / "scenes" / "bad.json").write_text("[1]")
    with pytest.raises(ValueError, match="is no scene"):
        engine.scene_recall("bad")
    assert [f.name for f in tmp_path.iterdir()] == ["scenes"]


def test_block_sizes_that_no_device_has_are_refused() -> None:
    with pytest.raises(ValueError, match="31 is outside 32 to 2048"):
        Engine(scale(), block_size=31)


def test_after_a_start_and_a_panic_nothing_is_heard_before_there_is_something() -> None:
    """A graph begins with as many zeros as it is late: what follows them must not come in at half the level."""
    engine = Engine(texture(SAMPLE_RATE, model=small_model(), headroom=4096), threads=0)
    x, card = tone(2, hertz=50), Card(engine)
    y = card.play(x)
    engine.panic()
    y = np.concatenate((y, card.play(x)), axis=1)
    assert steepest(y) < 2 * np.pi * 50 / SAMPLE_RATE * 0.5 * 1.2 + 0.6 / (host.MUTE * SAMPLE_RATE)
    assert np.abs(y[:, -SAMPLE_RATE // 2 :]).max() > 0.4
