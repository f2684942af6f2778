"""When a native thread looks for work: as soon as there can be some, and seldom before."""

import time

import numpy as np
import pytest
from numba import carray, cfunc, types

from rtengine.dsp import resample
from rtengine.native import worker
from rtengine.native.intrinsics import integers
from rtengine.native.kernel import kernel
from rtengine.native.record import record
from rtengine.native.worker import Workers
from rtengine.patches.texture import texture


@cfunc(types.int64(types.int64, types.int64, types.int64))
def idle(memory, thread, threads):
    looks = carray(integers(memory), 2)
    looks[0] += 1
    return looks[1]


def looks(answer: int, pulse: list[int]) -> float:
    """How often a thread looks in a second, when it is told this each time."""
    memory, begun = np.array([0, answer]), time.monotonic()
    workers = Workers(idle.address, memory.ctypes.data, 1, True, pulse=np.array(pulse), sample_rate=48_000)
    time.sleep(0.12)  # less than TIRED naps
    workers.stop()
    return float(memory[0] / (time.monotonic() - begun))


MOST = 1e9 / worker.REST + 20  # looks in a second of whoever sleeps as long as it may


def test_a_thread_that_knows_when_its_samples_come_does_not_look_before() -> None:
    later = time.monotonic_ns() + 10 * 10**9
    assert looks(-1, [later, 128, 0]) <= MOST < looks(0, [later, 128, 0])


def test_samples_that_are_late_are_looked_for_as_often_as_if_nothing_were_known() -> None:
    past = time.monotonic_ns() - 10**9
    assert looks(-1, [past, 128, 0]) > MOST


def test_a_thread_to_which_nothing_comes_rests_though_buffers_come() -> None:
    memory, pulse = np.array([0, -1]), np.array([0, 32, 0])
    workers = Workers(idle.address, memory.ctypes.data, 1, True, pulse=pulse, sample_rate=48_000)
    before = begun = 0.0
    for n in range(1_000):
        pulse[0] = time.monotonic_ns()
        if n == 700:  # long after TIRED naps
            before, begun = float(memory[0]), time.monotonic()
        time.sleep(0.001)
    seen = memory[0] - before
    assert seen / (time.monotonic() - begun) <= MOST, "a bypassed graph is given nothing"
    workers.stop()


@kernel
def until(came, pulse, samples, time):
    return worker.until(came, pulse, samples, 48_000.0, time)


@pytest.mark.parametrize(("samples", "buffers"), [(1, 1), (128, 1), (129, 2), (280, 3)])
def test_samples_come_in_whole_buffers(samples: int, buffers: int) -> None:
    pulse = np.array([10**9, 128, 70_000])
    expected = int(buffers * 128 * 1e9 / 48_000) + 70_000 + worker.AFTER - 300_000
    assert until(10**9, pulse, samples, 10**9 + 300_000) == expected
    assert until(0, pulse, samples, 0) == until(1, np.zeros(3, np.int64), samples, 0) == until(1, pulse, 0, 0) == 0


@kernel
def stream(state, x, n, y):
    return resample.stream(state[0], x, n, y, y.shape[1])[1]


@kernel
def missing(state, n):
    return resample.missing(state[0], n)


@pytest.mark.parametrize("rates", [(48_000, 44_100), (44_100, 48_000), (96_000, 44_100), (44_099, 44_100)])
def test_so_many_samples_are_missing_for_so_many_outputs(rates: tuple[int, int]) -> None:
    state, x, y = (
        record(resample.prepare(*rates, 1)),
        np.zeros((1, 2_000), np.float32),
        np.zeros((1, 4_000), np.float32),
    )
    random = np.random.default_rng(0)
    for _ in range(50):
        wanted = int(random.integers(1, 300))
        needed = missing(state, wanted)
        assert stream(state, x, needed - 1, y) < wanted
        assert stream(state, x, 1, y) >= 1


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_texture_waits_until_a_hop_is_whole(rate: int) -> None:
    with texture(rate) as graph:
        state = graph.state("texture")
        graph.process(np.zeros((2, 1), np.float32))
        for size in np.random.default_rng(1).integers(1, 300, 60):
            before, waits = int(state["seen"]), int(state["waits"])
            graph.process(np.zeros((2, size), np.float32))
            assert waits > 0
            assert (state["seen"] > before) == (size >= waits)
