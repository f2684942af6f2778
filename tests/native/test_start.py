"""What a start does not do: each of these took a tenth of it or more."""

import subprocess
import sys

FIRST = """
import gc, sys
import numpy as np
from rtengine.patches.texture import texture
with texture(44_100) as graph:
    graph.process(np.zeros((2, 1), np.float32))
assert gc.isenabled()
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""
AFTER = """
import numba, numpy
import rtengine.native.kernel
double = numba.njit(lambda a, b: a @ b)
print(double(numpy.eye(3), numpy.ones((3, 3)))[2, 2])
"""


def run(code: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_first_sample_needs_no_linear_algebra_and_no_decoders() -> None:
    assert run(FIRST, "scipy.linalg", "av", "soundfile", "soxr", "onnxruntime", "sounddevice") == ""


def test_whoever_lets_numba_multiply_matrices_still_can() -> None:
    assert run(AFTER) == "1.0"
