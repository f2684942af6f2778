"""A performance through the callback pointer, faster than real time, and one while Python is busy elsewhere."""

import resource
import sys
from collections.abc import Callable

import numpy as np
from card import SAMPLE_RATE, Card, steepest
from every_block import small_model
from numba import njit

from rtengine import clock, patch
from rtengine.engine import Engine
from rtengine.graph import Graph
from rtengine.worker import IN_MILLISECONDS, SLEEP, nap

SIZES = (32, 64, 100, 128, 256, 480, 512, 1024, 2048)
SECONDS = 20
SLOPE = 0.06  # the steepest tone of chord() at the ceiling has 0.045, the rest is for moving gains
CEILING = 10 ** (-1 / 20)  # the limiter's default, -1 dBTP


def instrument(headroom: int = 4096, sample_rate: int = SAMPLE_RATE) -> Graph:
    return patch.texture(sample_rate, 2048, model=small_model(), headroom=headroom)


def chord(seconds: float, seed: int = 0) -> np.ndarray:
    """Slow tones below 400 Hz, at most 0.8: whatever steps in the result is not from here."""
    n = np.arange(round(seconds * SAMPLE_RATE))
    random = np.random.default_rng(seed)
    tones = [np.sin(2 * np.pi * f * n / SAMPLE_RATE + random.uniform(0, 6)) for f in (55, 110.3, 164.9, 391)]
    return np.stack([random.uniform(0.05, 0.2, 4) @ np.array(tones) for _ in range(2)]).astype(np.float32)


def turning(engine: Engine, seed: int) -> Callable[[], None]:
    """What to do before each buffer: about ten turns a second, of everything there is."""
    random, due = np.random.default_rng(seed), 0
    addresses = [a for a in engine.parameters if a != "/limiter/ceiling"]

    def turn() -> None:
        nonlocal due
        if engine.clock >= due:
            due += SAMPLE_RATE // 10
            address = str(random.choice(addresses))
            parameter = engine.parameters[address]
            value = random.uniform(parameter.low, parameter.high)
            engine[address] = round(value) if parameter.scale == "step" else value

    return turn


def test_soak() -> None:
    graphs = [instrument(), instrument()]
    engine = Engine(graphs[0], threads=0)
    card, turn = Card(engine, SIZES), turning(engine, 0)
    x, levels, steps, used = chord(SECONDS), [], [], []
    last = np.zeros((2, 0), np.float32)
    for second in range(SECONDS):
        if second % 2:
            engine.swap(graphs[(second // 2 + 1) % 2])
        engine.bypass(second % 5 == 4)
        y = card.play(x[:, second * SAMPLE_RATE : (second + 1) * SAMPLE_RATE], turn)
        assert np.all(np.isfinite(y))
        levels.append(np.abs(y).max())
        steps.append(steepest(np.concatenate((last[:, -1:], y), axis=1)))
        last = y
        used.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    status = engine.status()
    engine.close()
    assert max(levels) <= CEILING * 1.001
    assert np.mean(np.array(levels) > 0.01) > 0.5, "it was heard"
    assert max(steps) < SLOPE
    assert (status["late"], status["bad_in"], status["alarms"], status["dropped"]) == (0, 0, 0, 0)
    assert engine.memory["swaps"][0] == SECONDS // 2
    assert used[-1] - used[SECONDS // 2] < 2_000 * (1 if sys.platform == "linux" else 1024), "memory is flat"


@njit
def hold(played, enough, timer, deadline, sleep):
    """Keep the interpreter to ourselves until so many samples were played, or the deadline in nanoseconds is over."""
    while played[0] < enough and clock.now(timer) < deadline:
        nap(sleep[0], sleep[1], sleep[2:])
    return played[0]


def test_it_plays_while_the_interpreter_belongs_to_another_thread() -> None:
    graph = instrument(headroom=SAMPLE_RATE)  # a second of patience: this is about Python, not about a busy machine
    timer, sleep = clock.prepare(), np.array([SLEEP, IN_MILLISECONDS, 0, 1_000_000], np.int64)
    hold(np.zeros(1, np.int64), 0, timer, 0, sleep)  # compiled now, not then
    with Engine(graph, sink="null", block_size=64, loop=chord(1).T) as engine:
        before = int(engine.memory["clock"][0])
        seconds = 2.5 * clock.SECOND
        played = hold(engine.memory["clock"], before + 2 * SAMPLE_RATE, timer, clock.now(timer) + 20 * seconds, sleep)
        received = int(graph.state("texture")["ends"]["received"])
        heard = np.any(graph.state("meter")["peak"] > 0.01)
        late = graph.late
    assert played >= before + 2 * SAMPLE_RATE, "the audio thread went on"
    assert received >= before + 2 * SAMPLE_RATE - 64
    assert heard, "and so did the worker, whose first sound comes after more than a second"
    assert late == 0
