import numpy as np
import pytest

from rtengine.blocks.gain import Gain
from rtengine.native.record import record

GRID = 64


def played(x, levels, sizes=(GRID,), sample_rate=48_000):
    """Run x through Gain in pieces of the given sizes, the parameter at levels[k] in the k-th stretch of 64 samples."""
    memory = record({"state": Gain().prepare(sample_rate, GRID, len(x)), "params": {"gain": np.float32(0)}})
    y, n, i = np.empty_like(x), 0, 0
    while n < x.shape[1]:
        memory["params"]["gain"] = levels[min(n // GRID, len(levels) - 1)]
        end = min(n + sizes[i % len(sizes)], (n // GRID + 1) * GRID, x.shape[1])
        piece = np.ascontiguousarray(x[:, n:end])
        Gain.process(memory[0]["state"], memory[0]["params"], piece)
        y[:, n:end] = piece
        n, i = end, i + 1
    return y


@pytest.fixture
def noise():
    return np.random.default_rng(0).standard_normal((2, 9_600)).astype(np.float32)


def test_zero_db_passes_every_bit(noise):
    assert played(noise, [0]).tobytes() == noise.tobytes()
    assert played(noise, [-20, 0])[:, 2_000:].tobytes() == noise[:, 2_000:].tobytes()


@pytest.mark.parametrize("level", [-59.9, -20, -6.0206, 12, 24])
def test_level_is_exact_after_the_slide(level, noise):
    settled = played(noise, [level])[:, 1_000:]
    assert np.allclose(settled, noise[:, 1_000:] * 10 ** (level / 20), rtol=3e-7, atol=0)


def test_bottom_is_silence(noise):
    assert not played(noise, [-60])[:, 1_000:].any()


@pytest.mark.parametrize(("first", "then"), [(0, 24), (24, -59), (-40, -34)])
def test_a_jump_becomes_a_slide_in_decibels(first, then):
    one = np.ones((1, 9_600), np.float32)
    level = 20 * np.log10(played(one, [first] * 50 + [then])[0, 50 * GRID - 1 :])
    assert np.abs(np.diff(level)).max() < 84 / (0.02 * 48_000) + 1e-4  # dB a sample
    assert abs(level[0] - first) < 1e-4
    assert abs(level[960] - then) < 1e-4


def test_pieces_do_not_change_a_bit(noise):
    levels = np.random.default_rng(1).uniform(-60, 24, 150)
    assert np.array_equal(played(noise, levels), played(noise, levels, (1, 17, 64, 30)))
