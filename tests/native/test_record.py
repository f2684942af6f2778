"""Records: laid out on cache lines, brought back by a snapshot, and given by the system only where they are used."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from rtengine.native.record import LINE, Snapshot, record

VALUES: dict[str, Any] = {
    "count": np.int64(3),
    "row": np.arange(40, dtype=np.float32),
    "inner": {"flag": True, "deep": {"z": np.full((2, 16), 0.5, np.float32)}, "zeros": np.zeros(100)},
}


def test_it_holds_what_it_was_given() -> None:
    memory = record(VALUES)[0]
    assert memory["count"] == 3
    assert memory["inner"]["flag"]
    np.testing.assert_array_equal(memory["row"], VALUES["row"])
    np.testing.assert_array_equal(memory["inner"]["deep"]["z"], 0.5)
    assert not memory["inner"]["zeros"].any()


def test_long_fields_begin_on_lines() -> None:
    memory = record(VALUES)
    for field in (memory, memory["row"], memory["inner"], memory["inner"]["deep"]["z"], memory["inner"]["zeros"]):
        assert field.ctypes.data % LINE == 0
    assert memory.dtype.itemsize % LINE == 0


def test_a_snapshot_brings_it_back() -> None:
    memory = record(VALUES)
    before, snapshot = memory.tobytes(), Snapshot(memory)
    memory["row"][0, 3], memory["count"], memory["inner"]["zeros"][0, 99] = np.nan, 0, 7
    assert memory.tobytes() != before
    snapshot.restore(memory)
    assert memory.tobytes() == before


TRIAL = """
from pathlib import Path
import numpy as np
from rtengine.native.record import Snapshot, record, touch

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

before = resident()
room = np.zeros((32, 2 << 20), np.uint8)
room[3] = 1
memory = record({"ring": {"data": np.zeros(64 << 20, np.uint8)}, "room": room, "one": 1})
Snapshot(memory).restore(memory)
made = resident() - before
touch(memory)
assert memory["one"] == 1 and not memory["ring"]["data"].any() and np.array_equal(memory["room"][0], room)
print(made, resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_zeros_take_no_memory_until_they_are_touched() -> None:
    """In a process of its own: in one that has lived, the C library may have such memory at hand."""
    answer = subprocess.run([sys.executable, "-c", TRIAL], capture_output=True, text=True, check=True).stdout
    made, touched = map(int, answer.split())
    assert made < 16 << 20
    assert touched > 60 << 20
