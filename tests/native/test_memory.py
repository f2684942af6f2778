"""Threads that come and go leave no memory behind."""

import subprocess
import sys

import pytest

TRIAL = """
import sys, threading
from pathlib import Path
from rtengine.native.memory import give_back, one_heap

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

def build(kept):
    pieces = [bytes(20_000) for _ in range(2_000)]
    kept.append(pieces[-1])

if sys.argv[1] == "one":
    one_heap()
kept, before = [], resident()
for _ in range(4):
    threads = [threading.Thread(target=build, args=(kept,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
if sys.argv[1] == "one":
    give_back()
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="this is about glibc")
def test_what_threads_have_freed_goes_back() -> None:
    command = [sys.executable, "-c", TRIAL, "one"]
    grown = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert grown < 10_000_000, "of 160 MB at once, 320 kB are kept"
