"""Numba's cache on disk: code for one layout of memory must never run on another."""

import subprocess
import sys

PROGRAM = """
import sys
import numpy as np
import numba
from rtengine.native import kernel  # mends numba
from rtengine.native.record import record
for samples in map(int, sys.argv[1:]):
    layout = numba.from_dtype(record({"a": np.zeros(samples, np.float32)}).dtype)
    print(layout.mangling_args, layout.fields["a"].type.mangling_args)
"""


def symbols(*samples: str) -> list[str]:
    """The parts of symbols that name a record and the array in it, in a new process that meets these layouts."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *samples], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_symbol_names_one_layout_whatever_a_process_met_before():
    three, five = symbols("3"), symbols("5")
    assert three != five
    assert symbols("5", "3") == five + three
