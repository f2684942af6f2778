"""Reading at any speed, against closed forms."""

import numpy as np
import pytest
from support.allocations import allocations

from rtengine.dsp import varispeed
from rtengine.native.record import record

RATE = 48_000


def read(state: np.void, x: np.ndarray, speed: float, size: int = 64) -> np.ndarray:
    """Everything that x (samples, 1) gives at this speed, in pieces."""
    played, start = [], 0
    while start < len(x):
        start += varispeed.write(state, x[start : start + size])
        while varispeed.needed(state, size, speed) <= state["index"][0] - state["index"][8]:
            y = np.empty((size, 1), np.float32)
            varispeed.read(state, y, 0, size, speed)
            played.append(y)
    return np.concatenate(played)[:, 0]


@pytest.mark.parametrize("hertz", [40, 997, 10_007, 19_000, 20_000])
@pytest.mark.parametrize("speed", [1.0, 1 + 2e-4, 1 - 9.7e-4, 1 + 1 / 512 / 7])
def test_a_sine_is_the_ideal_one_to_100_db(hertz: float, speed: float) -> None:
    state = record(varispeed.prepare(RATE, RATE, 1, 4096))[0]
    x = np.sin(2 * np.pi * hertz * np.arange(RATE // 2) / RATE).astype(np.float32)[:, None]
    begin = float(varispeed.time(state))
    y = read(state, x, speed)[1000:]
    t = (begin + speed * np.arange(1000, 1000 + len(y))) / RATE
    basis = np.stack([np.sin(2 * np.pi * hertz * t), np.cos(2 * np.pi * hertz * t)])
    a, b = np.linalg.lstsq(basis.T, y, rcond=None)[0]
    rest = y - a * basis[0] - b * basis[1]
    assert 20 * np.log10(rest.std() / np.sqrt(0.5)) < -100, "no alias, no image, no noise"
    assert abs(a - 1) < 0.012
    assert abs(b) < 1e-5, "neither early nor late"


def test_seek_chooses_the_moment() -> None:
    state = record(varispeed.prepare(RATE, RATE, 1, 4096))[0]
    ramp = np.arange(2000, dtype=np.float32)[:, None]
    assert varispeed.write(state, ramp) == 2000
    assert varispeed.write(state, np.zeros((3000, 1), np.float32)) == 0, "no room: nothing is written"
    assert varispeed.seek(state, 500.25)
    y = np.empty((10, 1), np.float32)
    varispeed.read(state, y, 0, 10, 1.5)
    assert np.allclose(y[:, 0], 500.25 + 1.5 * np.arange(10), atol=1e-2)
    assert not varispeed.seek(state, 100), "it is gone"
    assert not varispeed.seek(state, 1e6), "it has not come"


def test_it_allocates_nothing() -> None:
    state = record(varispeed.prepare(RATE, RATE, 2, 4096))[0]
    x, y = np.zeros((64, 2), np.float32), np.zeros((64, 2), np.float32)

    def run(times: int) -> None:
        for _ in range(times):
            varispeed.write(state, x)
            if varispeed.needed(state, 60, 1.0001) <= state["index"][0] - state["index"][8]:
                varispeed.read(state, y, 0, 60, 1.0001)

    assert allocations(run, 10) == allocations(run, 10)
