"""Training keeps the memory that it frees: the kernel need not clear it again."""

import os
import resource
import subprocess
import sys

import numpy as np
import pytest

from rtengine.models.texture.training.allocation import keep_freed_memory


def faults(rounds: int = 20) -> int:
    """How many pages the kernel had to clear for large arrays made and dropped one after another."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(rounds):
        np.ones(12 << 20, np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it does nothing")
def test_what_is_freed_is_used_again() -> None:
    """In a process of its own, for it cannot be undone."""
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=True, env=paths).stdout
    usual, kept = map(int, told.split())
    assert usual > 100
    assert kept < usual / 10


if __name__ == "__main__":
    usual = faults()
    keep_freed_memory()
    faults(2)
    sys.stdout.write(f"{usual} {faults()}\n")
