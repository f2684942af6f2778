"""What every block promises, tested on every block without a line written for it."""

import numpy as np
import pytest
from numba.core.runtime import rtsys
from support.every_block import every_block, make
from support.instruments import Bus, Echo, Listener, Rider, Sine

from rtengine.block import Block
from rtengine.events import NOTE_OFF, NOTE_ON
from rtengine.graph import Graph

SAMPLE_RATE = 44_100
SIZES = (1, 17, 64, 480, 512, 1024, 8193)
KINDS = [Bus, Echo, Listener, Rider, Sine]  # of what blocks may be, beside those that are shipped
BLOCKS = pytest.mark.parametrize("block", [*every_block(), *KINDS], ids=lambda b: b.__name__)


def graph(block: type[Block], sample_rate: int = SAMPLE_RATE, channels: int = 2) -> Graph:
    return Graph(sample_rate, channels, block=make(block))


def music(seconds: float = 0.5, channels: int = 2, seed: int = 0) -> np.ndarray:
    """Noise with a beat and a tone: something for every detector."""
    n = np.arange(round(seconds * SAMPLE_RATE))
    noise = np.random.default_rng(seed).standard_normal((channels, n.size))
    beat = np.exp(-(n % 7000) / 1500)
    return (0.3 * noise * beat + 0.4 * np.sin(n * 0.05)).astype(np.float32)


def run(g: Graph, x: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    out, start, i = [], 0, 0
    while start < x.shape[1]:
        out.append(g.process(x[:, start : start + sizes[i % len(sizes)]]))
        start += sizes[i % len(sizes)]
        i += 1
    return np.concatenate(out, axis=1)


def turn_everything(g: Graph) -> None:
    """Every parameter, and notes for all that take them: on the grid, beside it, out of order."""
    for inbox in g.inboxes:
        for time, kind, note in ((4001, NOTE_ON, 60), (128, NOTE_ON, 64), (9003, NOTE_OFF, 60), (129, NOTE_ON, 67)):
            g.send(inbox, kind, 0, note, 0.5, time)
    for address, p in g.parameters.items():
        g[address] = p.low if p.scale == "step" else p.low + 0.25 * (p.high - p.low)


@BLOCKS
def test_block_sizes_do_not_change_a_bit(block: type[Block]) -> None:
    g, x = graph(block), music()
    turn_everything(g)
    once = run(g, x, (x.shape[1],))
    for size in (*SIZES, SIZES):
        g.reset()
        turn_everything(g)
        assert np.array_equal(run(g, x, (size,) if isinstance(size, int) else size), once), size


@BLOCKS
def test_reset_forgets_everything(block: type[Block]) -> None:
    g, x = graph(block), music()
    first = g.process(x)
    turn_everything(g)
    g.process(music(seed=1) * 3)
    g.reset()
    assert np.array_equal(g.process(x), first)
    assert np.any(first)


@BLOCKS
@pytest.mark.parametrize("sample_rate", [44_100, 48_000, 22_050])
def test_declared_latency_is_what_an_impulse_measures(block: type[Block], sample_rate: int) -> None:
    g = graph(block, sample_rate)
    x = np.zeros((2, g.latency + 8192), np.float32)
    at = 4001
    x[:, at] = 0.5
    y = g.process(x)
    assert np.array_equal(np.argmax(np.abs(y), axis=1), [at + g.latency] * g.outputs)


@BLOCKS
def test_nothing_that_comes_in_makes_it_sick(block: type[Block]) -> None:
    g = graph(block)
    x = music()
    for value in (np.nan, np.inf, -np.inf, 1e-42, 1.0, -1.0, 1e30, 3e38):
        x[:, 5000:5300] = value
        assert np.all(np.isfinite(g.process(x))), value
    g.process(np.zeros((2, SAMPLE_RATE), np.float32))
    assert np.all(np.isfinite(g.process(music())))
    assert np.any(g.process(music()))


@BLOCKS
def test_readings_are_finite_and_the_same_for_every_block_size(block: type[Block]) -> None:
    g, x = graph(block), music()

    def shown(sizes: tuple[int, ...]) -> list[tuple[float, ...]]:
        g.reset()
        turn_everything(g)
        run(g, x, sizes)
        return [g.reading(address) for address in g.readings]

    once = shown((x.shape[1],))
    assert np.all(np.isfinite([v for values in once for v in values]))
    assert shown(SIZES) == once == shown((17,))


@BLOCKS
def test_what_is_heard_dry_has_the_channels_of_what_is_heard_wet(block: type[Block]) -> None:
    for channels in (1, 2):
        g = graph(block, channels=channels)
        assert g.dry.shape == (g.outputs, channels)
        assert g.process(music(0.01, channels)).shape[0] == g.outputs


@BLOCKS
def test_mono(block: type[Block]) -> None:
    y = graph(block, channels=1).process(music(channels=1))
    assert np.any(y)


@BLOCKS
def test_numba_allocates_nothing(block: type[Block]) -> None:
    g, x = graph(block), music()
    g.process(x)
    before = rtsys.get_allocation_stats()
    g.process(x)
    after = rtsys.get_allocation_stats()
    assert (after.alloc, after.mi_alloc) == (before.alloc, before.mi_alloc)
