"""A performance through the callback pointer, faster than real time, and one while Python is busy elsewhere."""

import gc
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numba import njit
from support.card import SAMPLE_RATE, Card, steepest
from support.every_block import small_model

from rtengine.graph import Graph
from rtengine.live.engine import Engine
from rtengine.native import clock
from rtengine.native.worker import IN_MILLISECONDS, SLEEP, nap
from rtengine.patches.texture import texture

SIZES = (32, 64, 100, 128, 256, 480, 512, 1024, 2048)
MINUTES = 10
PERIOD = 10  # seconds of chord(): its tones are whole multiples of 0.1 Hz
GROWTH = 4_000_000  # bytes in five minutes, in which 60 graphs of 10 MB are built
SLOPE = 0.06  # the steepest tone of chord() at the ceiling has 0.045, the rest is for moving gains
CEILING = 10 ** (-1 / 20)  # the limiter's default, -1 dBTP


def instrument(headroom: int = 4096, sample_rate: int = SAMPLE_RATE) -> Graph:
    return texture(sample_rate, 2048, model=small_model(), headroom=headroom)


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


def resident() -> int:
    """Bytes of memory that this process has now, or has had at most where the system does not tell."""
    if Path("/proc/self/statm").exists():
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def soak(folder: Path, seconds: int, build: Callable[[], Graph]) -> tuple[np.ndarray, np.ndarray, list[int], Engine]:
    """Play, with everything a player can do; the loudest sample and the steepest step of each second, and the memory.

    Each second has another texture and quality, each fifth a newly built graph, or a bypass, a panic, a scene.
    """
    engine = Engine(build(), threads=0, presets=folder, log=folder / "soak.log")
    card, turn, random = Card(engine, SIZES), turning(engine, 0), np.random.default_rng(1)
    x = chord(PERIOD)
    textures = [a for a, p in engine.parameters.items() if p.share]
    levels, steps, used, last = np.zeros(seconds), np.zeros(seconds), [], np.zeros((2, 0), np.float32)
    for second in range(seconds):
        for address in textures:
            engine[address] = float(address == textures[second % len(textures)])
        engine["/texture/quality"] = second % 3
        match second % 5:
            case 0 if second:
                engine.swap(build())
            case 1:
                engine.bypass(second % 15 == 1)
            case 2 if second % 20 == 2:
                engine.panic()
            case 3:
                engine.scene_store(f"scene {second % 4}")
                engine.scene_recall(str(random.choice(engine.scenes())), 0.5)
        y = card.play(x[:, second % PERIOD * SAMPLE_RATE :][:, :SAMPLE_RATE], turn)
        assert np.all(np.isfinite(y))
        levels[second], last = np.abs(y).max(), np.concatenate((last[:, -1:], y), axis=1)
        steps[second] = steepest(last)
        if second % 20 == 19:  # as Python does of itself, at a less certain time
            gc.collect()
            used.append(resident())
    engine.close()
    return levels, steps, used, engine


def test_soak_of_ten_minutes(tmp_path: Path) -> None:
    """With a network that only passes on what it hears: so every step in the result would be the host's own."""
    levels, steps, used, engine = soak(tmp_path, MINUTES * 60, instrument)
    status = engine.status()
    assert levels.max() <= CEILING * 1.001
    assert np.mean(levels > 0.01) > 0.8, "it was heard"
    assert steps.max() < SLOPE
    assert (status["late"], status["bad_in"], status["dropped"]) == (0, 0, 0)
    assert status["alarms"] == MINUTES * 60 // 20, "no more than were asked for"
    assert engine.memory["swaps"][0] == MINUTES * 60 // 5 - 1
    assert min(used[-10:]) - min(used[5:15]) < GROWTH, "memory is flat"


def test_soak_of_the_shipped_textures(tmp_path: Path) -> None:
    """What they are is steep by itself, so this is about all but steps."""
    levels, _, used, engine = soak(tmp_path, 40, lambda: texture(SAMPLE_RATE, 2048))
    status = engine.status()
    assert levels.max() <= CEILING * 1.001
    assert np.mean(levels > 0.01) > 0.8, "it was heard"
    assert (status["late"], status["bad_in"], status["dropped"], status["alarms"]) == (0, 0, 0, 2)
    assert used[-1] - used[-2] < GROWTH, "memory is flat"


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
        heard = max(engine.reading("/meter/peak")) > -40
        late = graph.late
    assert played >= before + 2 * SAMPLE_RATE, "the audio thread went on"
    assert received >= before + 2 * SAMPLE_RATE - 64
    assert heard, "and so did the worker, whose first sound comes after more than a second"
    assert late == 0
