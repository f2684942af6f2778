"""Run under LD_PRELOAD of count_calls.c: prints, for each block, the calls that its callback made in 200 buffers;
and for the engine, while it records, logs, takes events, changes its graph, is bypassed and plays a song.

The callback is called as PortAudio would, through its pointer, from a native loop: ctypes itself allocates.
"""

import ctypes
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from every_block import every_block, make
from numba import njit

from rtengine.blocks.gain import Gain
from rtengine.engine import Engine
from rtengine.graph import Graph
from rtengine.native import address_of, call

SIZE = 128


@njit
def armed_calls(start, stop, function, source, sink, size, memory, times):
    """Arm, call the callback, disarm: nothing else happens on this thread meanwhile."""
    call(start, (0,))
    for _ in range(times):
        call(function, (source, sink, size, 0, 0, memory))
    return call(stop, (0,))


@njit
def plant(start, stop, n):
    """What the counter must see: one array made."""
    call(start, (0,))
    x = np.empty(n)
    x[0] = 1
    return call(stop, (0,)) + (x[0] > 2)


library = ctypes.CDLL(sys.argv[1])
start, stop = address_of(library.count_start), address_of(library.count_stop)
source = np.random.default_rng(0).standard_normal((SIZE, 2)).astype(np.float32)
sink = np.zeros_like(source)
plant(start, stop, 10)
print("planted", plant(start, stop, 10))
for block in every_block():
    with Graph(48_000, 2, block=make(block)) as graph:
        if make(block).works:
            graph.start()  # the slow part may allocate, on its own thread: onnxruntime does
        arguments = (graph.callback.address, source.ctypes.data, sink.ctypes.data, SIZE, graph.memory.ctypes.data)
        armed_calls(start, stop, *arguments, 1)
        print(block.__name__, armed_calls(start, stop, *arguments, 200))

folder = Path(tempfile.mkdtemp())
soundfile.write(folder / "song.wav", np.zeros((48_000, 2)), 48_000)
engine = Engine(Graph(48_000, 2, gain=Gain()), threads=0, songs=folder, log=folder / "log")
engine.memory["open"] = engine.memory["recording"] = True
arguments = (engine.callback.address, source.ctypes.data, sink.ctypes.data, SIZE, engine.memory.ctypes.data)
armed_calls(start, stop, *arguments, 1)
calls = 0
other = Graph(48_000, 2, gain=Gain())
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
    calls += armed_calls(start, stop, *arguments, 200)
print("Engine", calls)
