"""Live on JACK, under load: the share of the time that is missing from the sound, beside a Python callback.

Each arm is a process on the same server, one after another: the texture graph left alone and loaded, a gain in the same
host loaded (what of it is the machine), and a gain in a Python callback of sounddevice loaded. See benchmarks.live_arm.
JACK's threads ask for real-time priority, as on any stage; where the system does not grant it, the machine's own noise
is much of what is measured, and the rows say so.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks.table import Row
from rtengine.native.priority import hurry

RATE, SIZES, SECONDS = 48_000, (64, 128, 256), 8
ARMS = (("texture", ""), ("texture", "loaded"), ("wire", "loaded"), ("stock", "loaded"))
SERVER = "rtengine-benchmark"
PATIENCE = 300  # seconds for an arm, its start included, in which all may be compiled


class Result(NamedTuple):
    """Shares of the time that the arm had: sound that was delivered; buffers lost, samples late; CPU of a core."""

    delivered: float
    lost: float
    late: float
    load: float

    @property
    def missing(self) -> float:
        """Per cent of the time: not delivered, or flagged as lost, whichever is more; and late."""
        return 100 * (max(1 - self.delivered, self.lost, 0) + self.late)


def rows() -> list[Row]:
    """A row for each block size."""
    if not shutil.which("jackd"):
        return [Row("not measured", 0, "%", note="needs the Debian package jackd2")]
    return [_row(size) for size in SIZES]


def _row(size: int) -> Row:
    granted = "" if _may_hurry() else "; no real-time priority"
    with _server(size) as environment:
        alone, ours, wire, stock = (_run(arm, size, load, environment) for arm, load in ARMS)
    note = (
        f"delivered {ours.delivered:.2%}, late {ours.late:.2%}; alone {alone.delivered:.2%}, {alone.late:.2%}, "
        f"missing {alone.missing:.2f} %; wire {wire.missing:.2f} %; stock delivered {stock.delivered:.2%}; "
        f"CPU alone {alone.load:.0%}{granted}"
    )
    return Row(f"blocks of {size}, loaded: missing", ours.missing, "%", "Python callback, gain", stock.missing, note)


def _may_hurry() -> bool:
    """Whether the system lets a thread run before others."""
    with ThreadPoolExecutor(1) as thread:  # it alone is changed by it
        return thread.submit(hurry).result()


@contextmanager
def _server(size: int) -> Iterator[dict[str, str]]:
    """JACK without a sound card; gives the environment in which its clients find it."""
    environment = {**os.environ, "JACK_DEFAULT_SERVER": SERVER, "JACK_NO_AUDIO_RESERVATION": "1"}
    command = ["jackd", "--realtime", "-n", SERVER, "-d", "dummy", "-r", str(RATE), "-p", str(size)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
    time.sleep(1.5)
    try:
        yield environment
    finally:
        server.terminate()  # killed, it would not let go of its name
        server.wait()
        time.sleep(0.5)


def _run(arm: str, size: int, load: str, environment: dict[str, str]) -> Result:
    command = [sys.executable, "-m", "benchmarks.live_arm", arm, str(size), str(SECONDS), load]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True)
    result = next(line for line in answer.stdout.splitlines() if line.startswith("result"))
    return Result(*map(float, result.split()[1:]))
