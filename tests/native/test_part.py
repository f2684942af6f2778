"""Kernels that others call: bitcode on disk, optimised where it ends up; and compiled in several processes at once."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from numba import cfunc, types

from rtengine.dsp import stft
from rtengine.native import ahead
from rtengine.native.awaited import called, compiling, name_of, note, progress
from rtengine.native.kernel import kernel
from rtengine.native.part import Part


@kernel
def double(x):
    return 2 * x


@kernel
def quadruple(x):
    return double(double(x))


def outermost(x):
    return quadruple(x) + 1


def part_of(dispatcher):
    """The dispatcher of which others get the code."""
    return dispatcher.get_overload.__self__


def test_what_is_called_is_linked_in_and_has_no_code_of_its_own() -> None:
    whole = cfunc(types.float64(types.float64))(outermost)
    assert whole.ctypes(3.0) == 13.0
    libraries = [result.library for result in part_of(quadruple).overloads.values()]
    assert libraries
    assert all(isinstance(library, Part) for library in libraries)
    assert not quadruple.overloads, "nobody has called it from Python"


def test_python_calls_it_all_the_same() -> None:
    assert quadruple(np.float32(1.5)) == 6
    assert not isinstance(next(iter(quadruple.overloads.values())).library, Part)


def test_what_a_function_calls_is_found_through_modules_and_names() -> None:
    assert called([outermost]) == {name_of(outermost), name_of(double), name_of(quadruple)}
    assert name_of(stft.transform) in called([stft.transform])
    assert len(called([stft.transform])) > 20


def test_progress_counts_what_is_expected_and_forgets_what_never_came() -> None:
    def new() -> None:
        """Stands for a kernel that is ready."""

    def never() -> None:
        """Stands for one that is not called after all."""

    ready, expected = progress()
    with compiling([new, never]):
        assert progress() == (ready, expected + 2)
        note(name_of(new))
        assert progress() == (ready + 1, expected + 2)
    assert progress() == (ready + 1, expected + 1)


TEXTURE = """
from numba.core import event
from rtengine.blocks.texture.texture import Texture
from rtengine.graph import Graph
from rtengine.native import ahead

class Watch(event.Listener):
    def on_start(self, event): pass
    def on_end(self, event): made.append(event.data["dispatcher"].py_func.__name__)

made, processes, start = [], [], ahead._process
ahead._process = lambda module: processes.append(start(module)) or processes[-1]
ahead._processors = lambda: 2
with event.install_listener("numba:compile", Watch()):
    Graph(48000, 1, texture=Texture())
print(len(processes), *(process.returncode for process in processes), *made)
"""


def run(cache: Path) -> list[str]:
    environment = {**os.environ, "RTENGINE_CACHE": str(cache), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    words = [sys.executable, "-c", TEXTURE]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout.split()


def test_another_process_compiles_the_largest_slow_part_and_this_one_finds_it(tmp_path: Path) -> None:
    processes, status, *made = run(tmp_path)
    assert (processes, status) == ("1", "0")
    assert "process" in made
    assert len({"analyse", "synthesise"} & set(made)) == 1, "one is loaded from what the other process kept"
    processes, *made = run(tmp_path)
    assert (processes, made) == ("0", []), "all is kept"


def test_a_process_that_dies_costs_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_processors", lambda: 2)
    monkeypatch.setattr(ahead, "LEAST", 1)
    monkeypatch.setattr(ahead.sys, "executable", "/bin/false")
    with ahead.elsewhere([(stft.transform, ())]) as left:
        assert left == []
    with ahead.elsewhere([(double, (numba.float64,))]) as left:
        assert left == []


def test_an_error_ends_the_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    start = ahead._process
    monkeypatch.setattr(ahead, "_process", lambda module: started.append(start(module)) or started[-1])
    monkeypatch.setattr(ahead, "_processors", lambda: 2)
    with pytest.raises(RuntimeError), ahead.elsewhere([(stft.transform, (numba.int64,) * 3)]):
        raise RuntimeError
    assert started[0].returncode not in (None, 0)
