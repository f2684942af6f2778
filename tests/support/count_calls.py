"""Run under LD_PRELOAD of count_calls.c: prints a line for each thing it ran, `name malloc free lock gil`.

What runs is called as PortAudio would, through its pointer, from a native loop that holds no interpreter lock: ctypes
itself allocates. A name that ends in "-work" is the worker's.
"""

import ctypes
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from numba import njit
from support.clocks import Cards
from support.every_block import every_block, make

from rtengine.blocks.gain import Gain
from rtengine.devices import bridge, loopback
from rtengine.graph import Graph
from rtengine.live.engine import Engine
from rtengine.native import ring
from rtengine.native.clock import RESULT, SECOND
from rtengine.native.intrinsics import address_of, call
from rtengine.patches.texture import texture

RATE, SIZE = 48_000, 128
CALLBACKS = 10_000  # of the whole instrument
TURN = 100  # of them between two moves of everything there is to move
KINDS = 4


class Counter:
    """The library that was preloaded."""

    def __init__(self, file: str) -> None:
        self.library = ctypes.CDLL(file)
        self.start, self.stop = (address_of(f) for f in (self.library.count_start, self.library.count_stop))
        self.library.count_learn(1)
        self.library.count_learn(0)
        assert self.library.count_learnt() > 0, "the interpreter's lock is not known"


@njit(nogil=True)
def one(start, stop, sums, function, argument):
    """What one call of a C function counts as."""
    call(start, (0,))
    call(function, (argument,))
    call(stop, (sums.ctypes.data,))


@njit(nogil=True)
def two(start, stop, sums, function, argument, second):
    """What a call, and one of another function with its result, count as: nothing may be lost or held."""
    call(start, (0,))
    result = call(function, (argument,))
    call(stop, (sums.ctypes.data,))
    call(second, (result,))


@njit(nogil=True)
def armed(start, stop, sums, function, source, sink, size, memory, times):
    """Arm, call the callback, disarm: nothing else happens on this thread meanwhile."""
    call(start, (0,))
    for _ in range(times):
        call(function, (source, sink, size, 0, 0, memory))
    call(stop, (sums.ctypes.data,))


@njit(nogil=True)
def in_turn(start, stop, audio, worker, function, source, sink, size, memory, times, work, graph):
    """The callback and the worker in turn, each counted; so the worker is never late."""
    for _ in range(times):
        call(start, (0,))
        call(function, (source, sink, size, 0, 0, memory))
        call(stop, (audio.ctypes.data,))
        call(start, (0,))
        while call(work, (graph, 0, 1)) > 0:
            pass
        call(stop, (worker.ctypes.data,))


def tell(name: str, sums: np.ndarray) -> None:
    print(name, *sums)


def sums() -> np.ndarray:
    return np.zeros(KINDS, np.int64)


def plants(counter: Counter) -> None:
    """One of each, so that it is seen that they are seen."""
    libc, python = ctypes.CDLL(None), ctypes.pythonapi
    mutex = np.zeros(16, np.int64)  # PTHREAD_MUTEX_INITIALIZER
    libc.malloc.restype = ctypes.c_void_p
    planted = {
        "planted-malloc": (libc.malloc, 100, libc.free),
        "planted-lock": (libc.pthread_mutex_lock, mutex.ctypes.data, None),
        "planted-gil": (python.PyGILState_Ensure, 0, python.PyGILState_Release),
        "planted-free": (libc.free, libc.malloc(100), None),
    }
    for name, (function, argument, after) in planted.items():
        for _ in range(2):  # the first compiles, and looks symbols up
            found = sums()
            if name == "planted-free":
                argument = libc.malloc(100)
            if after:
                two(counter.start, counter.stop, found, address_of(function), argument, address_of(after))
            else:
                one(counter.start, counter.stop, found, address_of(function), argument)
            libc.pthread_mutex_unlock(ctypes.c_void_p(mutex.ctypes.data))
        tell(name, found)


def blocks(counter: Counter, source: np.ndarray, _: np.ndarray) -> None:
    for block in every_block():
        with Graph(RATE, 2, block=make(block)) as graph:
            if make(block).works:
                graph.start()  # the slow part may allocate, on its own thread, as onnxruntime does
            made = np.zeros((SIZE, graph.outputs), np.float32)
            where = (source.ctypes.data, made.ctypes.data, SIZE, graph.memory.ctypes.data)
            armed(counter.start, counter.stop, sums(), graph.callback.address, *where, 1)
            found = sums()
            armed(counter.start, counter.stop, found, graph.callback.address, *where, 200)
            tell(block.__name__, found)


def host(counter: Counter, source: np.ndarray, sink: np.ndarray) -> None:
    """The engine while it records, logs, takes events, changes its graph, is bypassed and plays a song."""
    folder = Path(tempfile.mkdtemp())
    soundfile.write(folder / "song.wav", np.zeros((RATE, 2)), RATE)
    engine = Engine(Graph(RATE, 2, gain=Gain()), threads=0, songs=folder, log=folder / "log")
    engine.memory["open"] = engine.memory["recording"] = True
    where = (source.ctypes.data, sink.ctypes.data, SIZE, engine.memory.ctypes.data)
    armed(counter.start, counter.stop, sums(), engine.callback.address, *where, 1)
    found, other = sums(), Graph(RATE, 2, gain=Gain())
    for step in (
        lambda: engine.swap(other),
        lambda: engine.bypass(True),
        lambda: engine.bypass(False),
        lambda: engine.song.file("song.wav"),
        lambda: engine.song.loop(0.1, 0.2),
        lambda: engine.song.play(False),
    ):
        for value in range(100):
            engine["/gain/gain"] = -value / 10
        step()
        armed(counter.start, counter.stop, found, engine.callback.address, *where, 200)
    tell("engine", found)


def instrument(counter: Counter, source: np.ndarray, sink: np.ndarray) -> None:
    """The whole texture graph at its highest quality, with everything turned all the while."""
    graph, random = texture(RATE, SIZE, live=True), np.random.default_rng(0)
    graph["/texture/quality"] = 2
    graph.settle()
    engine = Engine(graph, threads=0)
    graph.memory["inline"] = 0  # the worker's part is called here, in its turn
    engine.memory["open"] = engine.memory["recording"] = graph.memory["events"]["logging"] = True
    where = (source.ctypes.data, sink.ctypes.data, SIZE, engine.memory.ctypes.data)
    work = (int(graph.memory["work"][0]), graph.memory.ctypes.data)
    tape = np.empty((4, TURN * SIZE), np.float32)
    audio, worker = sums(), sums()
    for turn in range(-1, CALLBACKS // TURN):
        for address, parameter in graph.parameters.items():
            if parameter.scale != "step":
                engine[address] = random.uniform(parameter.low, parameter.high)
        times = TURN if turn >= 0 else 1
        in_turn(counter.start, counter.stop, audio, worker, engine.callback.address, *where, times, *work)
        if turn < 0:
            audio[:], worker[:] = 0, 0  # symbols have been looked up
        ring.drop(engine.memory[0]["tape"], tape.shape[1])
        list(graph.taken())
    assert graph.late == 0
    assert engine.status()["callbacks"] == CALLBACKS + 1
    assert graph.state("texture")["net"]["frames"] > CALLBACKS * SIZE // 300, "the network has run"
    assert np.abs(sink).max() > 0
    tell("texture", audio)
    tell("texture-work", worker)


@njit(nogil=True)
def both(start, stop, sums, capture, pull, source, sink, size, memory, times, clocks, step):
    """The callbacks of a bridge in turn, while the time of both goes on by step nanoseconds."""
    call(start, (0,))
    for _ in range(times):
        for clock in clocks:
            clock[RESULT + 1] += step
        call(capture, (source, 0, size, 0, 0, memory))
        call(pull, (0, sink, size, 0, 0, memory))
    call(stop, (sums.ctypes.data,))


def two_clocks(counter: Counter, source: np.ndarray, sink: np.ndarray) -> None:
    """Both callbacks of a bridge that has found its speed; and of one whose time stands still, so that it fades out."""
    cards = Cards(100, -100)
    cards.play(2, lambda t: np.sin(1000 * t))
    clocks = tuple(cards.memory[0][end]["timer"] for end in ("source", "sink"))
    callbacks = [callback.address for callback in bridge.compile_bridge(cards.memory.dtype)]
    where = (source.ctypes.data, sink.ctypes.data, SIZE, cards.memory.ctypes.data)
    both(counter.start, counter.stop, sums(), *callbacks, *where, 1, clocks, SECOND * SIZE // RATE)
    found = sums()
    both(counter.start, counter.stop, found, *callbacks, *where, 500, clocks, SECOND * SIZE // RATE)
    assert cards.memory["playing"][0]
    assert np.abs(sink).max() > 0
    both(counter.start, counter.stop, found, *callbacks, *where, 500, clocks, 0)
    assert cards.memory["lost"][0].sum() > 0
    tell("bridge", found)


def meter(counter: Counter, source: np.ndarray, sink: np.ndarray) -> None:
    memory = loopback.prepare(2, 2, RATE)
    where = (source.ctypes.data, sink.ctypes.data, SIZE, memory.ctypes.data)
    found = sums()
    armed(counter.start, counter.stop, found, loopback.compile_loopback(memory.dtype).address, *where, 200)
    tell("loopback", found)


if __name__ == "__main__":
    preloaded = Counter(sys.argv[1])
    noise = (0.3 * np.random.default_rng(0).standard_normal((SIZE, 2))).astype(np.float32)
    plants(preloaded)
    for part in (blocks, host, two_clocks, meter, instrument):
        part(preloaded, noise, np.zeros_like(noise))
