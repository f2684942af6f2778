import ctypes

import numpy as np
import pytest
from support.level import Level, silence

from rtengine import events, listing
from rtengine.block import SMOOTHING, Block
from rtengine.blocks.mix import Mix
from rtengine.graph import Graph
from rtengine.listing import GRID, Callback
from rtengine.native.kernel import kernel
from rtengine.native.record import record

SAMPLE_RATE = 48_000


class Delay(Block):
    """One sample late."""

    def latency(self, sample_rate: float) -> int:
        return 1

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, object]:
        return {"last": np.zeros(channels, np.float32)}

    @staticmethod
    @kernel
    def process(state, params, x):
        for c in range(x.shape[0]):
            for n in range(x.shape[1]):
                state.last[c], x[c, n] = x[c, n], state.last[c]


def test_parameters_move_on_the_grid_as_a_one_pole() -> None:
    g = Graph(SAMPLE_RATE, tone=Level())
    g["/tone/level"] = 1
    y = g.process(silence(SAMPLE_RATE))[0]
    steps = y[::GRID]
    assert np.array_equal(y, np.repeat(steps, GRID))
    k = np.arange(1, 40)
    assert np.allclose(steps[:39], 1 - np.exp(-k * GRID / (SMOOTHING * SAMPLE_RATE)), atol=1e-6)
    assert y[-1] == 1, "it arrives"


def test_automation_does_not_depend_on_the_block_size() -> None:
    def perform(size: int) -> np.ndarray:
        g, out = Graph(SAMPLE_RATE, tone=Level()), []
        for value in (0.5, -0.25, 0.75):
            g["/tone/level"] = value
            out += [g.process(silence(min(size, 1000 - n))) for n in range(0, 1000, size)]
        return np.concatenate(out, axis=1)

    once = perform(1000)
    assert all(np.array_equal(perform(size), once) for size in (1, 7, 64, 480))


def test_settle_jumps() -> None:
    g = Graph(SAMPLE_RATE, tone=Level())
    g["/tone/level"] = 0.5
    g.settle()
    assert np.all(g.process(silence(100)) == 0.5)


def test_values_out_of_range_and_unknown_addresses_are_refused() -> None:
    g = Graph(SAMPLE_RATE, tone=Level())
    with pytest.raises(ValueError, match="/tone/level = 2 is outside -1 to 1"):
        g["/tone/level"] = 2
    with pytest.raises(ValueError, match="nan"):
        g["/tone/level"] = float("nan")
    with pytest.raises(ValueError, match=r"/tone/switch = 0.5 is not a whole number from 0 to 3"):
        g["/tone/switch"] = 0.5
    with pytest.raises(KeyError, match="/tone/nothing is none of /tone/level, /tone/switch"):
        g["/tone/nothing"] = 1
    assert g["/tone/level"] == 0
    with pytest.raises(ValueError, match=r"shape \(3, 5\) is not \(2, samples\)"):
        g.process(np.zeros((3, 5), np.float32))


def test_latencies_add_up_and_names_are_flat() -> None:
    g = Graph(SAMPLE_RATE, first=Delay(), mix=Mix(second=Delay(), third=Delay()), tone=Level())
    assert g.latency == 3
    assert list(g.blocks) == ["first", "second", "third", "mix", "tone"]
    calls = [line.split("_")[0].strip() for line in g.listing.splitlines() if "state[" in line]
    assert calls == ["first", "mix", "second", "third", "mix", "tone"]
    with pytest.raises(ValueError, match="two blocks are named first"):
        Graph(SAMPLE_RATE, first=Delay(), mix=Mix(first=Delay()))


def test_equal_histories_give_equal_bytes() -> None:
    a, b = (Graph(SAMPLE_RATE, delay=Delay(), tone=Level()) for _ in range(2))
    x = np.random.default_rng(0).standard_normal((2, 1000)).astype(np.float32)
    a.process(x)
    state = a.memory["state"].copy()
    b.process(x[:, :123])
    b.process(x[:, 123:])
    assert np.array_equal(b.memory["state"], state)
    assert np.array_equal(b.memory["values"], a.memory["values"])


def test_bad_samples_are_silenced_and_counted() -> None:
    g = Graph(SAMPLE_RATE, tone=Level())
    x = silence(1000) + np.float32(0.5)
    x[0, 10], x[1, 999] = np.nan, -np.inf
    y = g.process(x)
    assert (y[0, 10], y[1, 999]) == (0, 0)
    assert np.count_nonzero(y != 0.5) == 2
    assert (g.memory["bad_in"][0], g.memory["bad_out"][0]) == (2, 0)


def test_the_callback_is_a_plain_c_function() -> None:
    g = Graph(SAMPLE_RATE, delay=Delay())
    source = np.random.default_rng(0).standard_normal((300, 2)).astype(np.float32)
    sink = np.zeros_like(source)
    callback = Callback(g.callback.address)
    start = 0
    for size in (100, 1, 0, 199):
        at = start * source.strides[0]
        pointers = (ctypes.c_void_p(a.ctypes.data + at) for a in (source, sink))
        assert callback(*pointers, size, None, 0, g.memory.ctypes.data) == 0
        start += size
    assert np.array_equal(sink[1:], source[:-1])


def test_denormals_are_flushed_in_the_callback_and_nowhere_else() -> None:
    class Half(Block):
        @staticmethod
        @kernel
        def process(state, params, x):
            for c in range(x.shape[0]):
                for n in range(x.shape[1]):
                    x[c, n] *= np.float32(0.5)

    tiny = np.full((2, 10), 2e-38, np.float32)  # half of it is denormal
    assert not np.any(Graph(SAMPLE_RATE, half=Half()).process(tiny))
    assert np.all(tiny * np.float32(0.5) > 0)


def test_the_second_build_is_the_first_and_that_of_another_process_comes_from_disk() -> None:
    first, again = Graph(SAMPLE_RATE, tone=Level()), Graph(SAMPLE_RATE, tone=Level())
    assert again.callback is first.callback
    listing.compile_graph.cache_clear()  # as in another process
    assert Graph(SAMPLE_RATE, tone=Level()).callback.cache_hits == 1


def test_an_event_that_comes_too_late_for_its_grid_is_taken_a_sample_later() -> None:
    """From another thread, an event for "now" may come when all that was due has been taken already."""
    room = record({"waiting": events.room(), "inner": events.room()})[0]
    events.append(room["waiting"], 0, 0, events.CUE, 0, np.float32(0), np.float32(1))
    assert listing.ahead(room, 1_279_232, 64) == 1
    assert listing.ahead(room, -10, 64) == 10
