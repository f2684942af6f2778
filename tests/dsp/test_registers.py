"""Compiled for processors with sixteen registers, the passes of the transform move no more to the stack than they must.

Radix 8 has sixteen numbers in work; eight of them are set aside while the others are finished (see vector/aside.py).
What LLVM moves besides, it moves because it ran out of registers.
"""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import numpy as np
from rtengine.dsp.vector import fft
from rtengine.dsp.vector.frames import forward_windowed, join_overlapped
from rtengine.dsp.vector.lanes import LANES
from rtengine.dsp.vector.pointer import complex_vectors, numbers, vectors
from rtengine.native.kernel import kernel

@kernel
def both(lanes, tables, window, x, z):
    plan, frame = fft.plan(tables), complex_vectors(lanes, z)
    forward_windowed(vectors(lanes, x), 0, numbers(window), frame, plan)
    fft.inverse(frame, plan)
    join_overlapped(frame, plan, numbers(window), vectors(lanes, x), 0)

assert LANES.width == 8
x, z = np.zeros((2, 1024, 8), np.float32)
both(LANES, fft.Plan(**fft.prepare(1024)), np.ones(1024, np.float32), x, z)
print(*both.inspect_asm().values())
"""
OLD = {"NUMBA_CPU_NAME": "x86-64-v3", "NUMBA_CPU_FEATURES": ""}  # AVX2: sixteen registers of eight floats
BUTTERFLY = 52  # sums and differences of radix 8
PASSES = 6  # of radix 8: with a window, in the middle, the last; and back
MOST = 10  # vectors to the stack: eight set aside, and two
LABEL = re.compile(r"^\S+:")
SUM = re.compile(r"\sv(?:add|sub)ps\s.*ymm")
SPILL = re.compile(r"\sv\w+\s+%ymm\d+, *-?\d*\(%r[sb]p\)")


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="counts registers of x86-64")
def test_butterflies_fit_sixteen_registers(tmp_path: Path) -> None:
    environment = {**os.environ, **OLD, "RTENGINE_CACHE": str(tmp_path)}
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program)]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    loops: list[list[str]] = [[]]
    for line in answer.splitlines():
        if LABEL.match(line):
            loops.append([])
        loops[-1].append(line)
    butterflies = [loop for loop in loops if sum(bool(SUM.search(line)) for line in loop) >= BUTTERFLY]
    spills = [sum(bool(SPILL.search(line)) for line in loop) for loop in butterflies]
    assert len(spills) >= PASSES, "every pass is looked at"
    assert max(spills) <= MOST, spills
