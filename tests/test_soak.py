"""Half a minute of a performance through the callback pointer, faster than real time, turned hard all the while."""

import gc
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from card import SAMPLE_RATE, Card, steepest
from every_block import small_model

from rtengine import automation, patch
from rtengine.engine import Engine
from rtengine.graph import Graph

SIZES = (32, 64, 100, 128, 256, 480, 512, 1024, 2048)
CEILING = 10 ** (-1 / 20)  # the limiter's default, -1 dBTP


def instrument(headroom: int = 4096, sample_rate: int = SAMPLE_RATE) -> Graph:
    return patch.texture(sample_rate, 2048, model=small_model(), headroom=headroom)


def chord(seconds: float, seed: int = 0) -> np.ndarray:
    """Slow tones below 400 Hz, at full scale at times: whatever steps in the result is not from here."""
    n = np.arange(round(seconds * SAMPLE_RATE))
    random = np.random.default_rng(seed)
    tones = [np.sin(2 * np.pi * f * n / SAMPLE_RATE + random.uniform(0, 6)) for f in (55, 110.3, 164.9, 391)]
    return np.stack([random.uniform(0.1, 0.4, 4) @ np.array(tones) for _ in range(2)]).astype(np.float32)


def turning(engine: Engine, seed: int, swaps: bool) -> Callable[[], None]:
    """Something to do before each buffer: about ten turns a second, of everything there is."""
    random, next_turn, next_swap = np.random.default_rng(seed), 0, 2 * SAMPLE_RATE
    addresses = [a for a in engine.parameters if a != "/limiter/ceiling"]

    def turn() -> None:
        nonlocal next_turn, next_swap
        if engine.clock >= next_turn:
            next_turn += SAMPLE_RATE // 10
            address = str(random.choice(addresses))
            parameter = engine.parameters[address]
            value = random.uniform(parameter.low, parameter.high)
            engine[address] = round(value) if parameter.scale == "step" else value
        if swaps and engine.clock >= next_swap:
            next_swap += 3 * SAMPLE_RATE
            engine.swap(instrument())
        if swaps and random.random() < 0.002:
            engine.bypass(bool(random.integers(2)))

    return turn


def test_soak() -> None:
    engine = Engine(instrument(), threads=0)
    engine["/output/gain"] = 0
    card, turn = Card(engine, SIZES), turning(engine, 0, swaps=True)
    levels, steps, used = [], [], []
    last = np.zeros((2, 0), np.float32)
    tracemalloc.start()
    for second in range(30):
        y = card.play(chord(1, second // 10), turn)
        assert np.all(np.isfinite(y))
        levels.append(np.abs(y).max())
        steps.append(steepest(np.concatenate((last[:, -1:], y), axis=1)))
        last = y
        gc.collect()
        used.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    status = engine.status()
    assert max(levels) <= CEILING + 0.01
    assert np.mean(np.array(levels) > 0.01) > 0.5, "it was heard"
    assert (status["late"], status["bad_in"], status["alarms"], status["dropped"]) == (0, 0, 0, 0)
    assert engine.memory["swaps"][0] >= 8
    assert max(used[15:]) - min(used[15:]) < 2_000_000
    print(max(steps), max(levels), used[::5])
    engine.close()
