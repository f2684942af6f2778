"""What a graph does with audio that is none, and with threads and processes that it was not built for."""

import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from rtengine.blocks.gain import Gain
from rtengine.graph import Graph
from rtengine.patches.texture import texture

X = (0.1 * np.random.default_rng(0).standard_normal((2, 4800))).astype(np.float32)


@pytest.mark.parametrize(
    ("x", "error", "told"),
    [
        ((X * 32767).astype(np.int16), TypeError, "dtype int16 is not float32"),
        ((X * 32767).astype(np.int32), TypeError, "dtype int32"),
        (X.astype(np.complex64), TypeError, "dtype complex64"),
        (X > 0, TypeError, "dtype bool"),
        (X.tolist(), TypeError, "is a list"),
        (None, TypeError, "is a NoneType"),
        (X.T, ValueError, r"shape \(4800, 2\) is not \(2, samples\)"),
        (X[0], ValueError, r"shape \(4800,\)"),
        (X[None], ValueError, r"shape \(1, 2, 4800\)"),
    ],
)
def test_what_is_no_audio_is_named(x: object, error: type[Exception], told: str) -> None:
    with Graph(48_000, 2, output=Gain()) as graph, pytest.raises(error, match=told):
        graph.process(x)  # type: ignore[arg-type]


def test_float64_and_views_are_audio() -> None:
    with Graph(48_000, 2, output=Gain()) as graph:
        y = graph.process(X.astype(np.float64))
        graph.reset()
        assert np.array_equal(graph.process(np.asfortranarray(X)), y)
        assert graph.process(X[:, :0]).shape == (2, 0)


def test_a_second_thread_is_told_and_the_first_goes_on() -> None:
    graph = Graph(48_000, 2, output=Gain())
    long = np.zeros((2, 8_000_000), np.float32)
    told: list[str] = []
    first = threading.Thread(target=graph.process, args=(long,))
    first.start()
    until = time.monotonic() + 20
    while not told and time.monotonic() < until and first.is_alive():
        try:
            graph.process(X)
        except RuntimeError as error:
            told.append(str(error))
    first.join()
    assert told == ["this graph is at work in another thread: give each thread a graph of its own"]
    assert graph.process(X).shape == X.shape  # and it is free again


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # of Python 3.12: that is what is tested
def test_a_forked_child_is_told_that_the_threads_stayed_behind() -> None:
    with texture(48_000, threads=2) as graph:
        graph.process(X)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                graph.process(X)
                said = "nothing"
            except RuntimeError as error:
                said = str(error)
            os.write(writing, said.encode())
            os._exit(0)
        os.close(writing)
        with open(reading) as pipe:  # noqa: PTH123  # a number
            assert "did not come along when its process forked" in pipe.read()
        os.waitpid(child, 0)
        assert graph.process(X).shape == X.shape


FORGOTTEN = """
import gc
from rtengine.patches.texture import texture
graph = texture(44_100, threads=1)
if {dropped}:
    del graph
    gc.collect()
"""


@pytest.mark.parametrize("dropped", [True, False])
def test_a_graph_that_nobody_closes_ends_well(dropped: bool) -> None:
    """Its threads end before its memory goes, with the graph or with the program."""
    command = [sys.executable, "-c", FORGOTTEN.format(dropped=dropped)]
    program = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (program.returncode, program.stderr) == (0, "")
