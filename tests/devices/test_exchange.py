"""Sound between two processes, here two threads: what goes through, what is missed, and what becomes of the dead."""

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba import carray, cfunc, types
from numba.core.runtime import rtsys

from rtengine.devices import exchange, remote
from rtengine.devices.portaudio import Device
from rtengine.listing import Callback
from rtengine.native.callback import OUTPUT_UNDERFLOW

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has its devices in the process")
BUFFER = types.CPointer(types.float32)
INPUTS, OUTPUTS = 3, 2


@cfunc(types.intc(BUFFER, BUFFER, types.ulong, types.voidptr, types.ulong, types.CPointer(types.int64)))
def host(indata, outdata, size, time_info, flags, userdata):
    """Plays the first inputs, twice as loud; counts its buffers and keeps the flags."""
    source, sink, seen = carray(indata, (size, 3)), carray(outdata, (size, 2)), carray(userdata, 2)
    for n in range(size):
        for c in range(2):
            sink[n, c] = 2 * source[n, c]
    seen[0] += 1
    seen[1] |= np.int64(flags)
    return 0


@dataclass
class Ends:
    """Both sides, and a thread that answers."""

    shared: Any
    seen: Any
    stop: Any
    thread: threading.Thread
    callback: Any

    def play(self, x: np.ndarray, flags: int = 0) -> np.ndarray:
        y = np.full((len(x), OUTPUTS), np.nan, np.float32)
        self.callback(x.ctypes.data, y.ctypes.data, len(x), None, flags, self.shared.ctypes.data)
        return y


@pytest.fixture
def ends() -> Iterator[Ends]:
    shared, seen, stop = exchange.shared(), np.zeros(2, np.int64), np.zeros(1, np.int64)
    (there, tells), (here, answers) = os.pipe(), os.pipe()
    shared["inputs"], shared["outputs"] = INPUTS, OUTPUTS
    shared["device"], own = exchange.ends(here, tells)[0], exchange.ends(there, answers)
    arguments = (stop, shared[0], own[0], host.address, seen.ctypes.data)
    thread = threading.Thread(target=exchange.attend, args=arguments, daemon=True)
    callback = Callback(exchange.compile_relay(shared.dtype).address)
    yield Ends(shared, seen, stop, thread, callback)
    exchange.ask_to_stop(stop)
    if thread.is_alive():
        thread.join()
    for end in (there, tells, here, answers):
        os.close(end)


def begin(ends: Ends) -> None:
    """Return when the host answers: its code has to be loaded first."""
    ends.thread.start()
    end = time.monotonic() + 60
    while not ends.seen[0]:
        assert time.monotonic() < end
        ends.play(np.zeros((64, INPUTS), np.float32))


@pytest.mark.parametrize("size", [1, 64, 480, 8192, 100_000])
def test_what_goes_in_comes_out_in_the_same_buffer(ends: Ends, size: int) -> None:
    ends.shared["sample_rate"] = 8_000.0  # so that a buffer is long, and a busy machine no reason to give one up
    begin(ends)
    x = np.random.default_rng(0).uniform(-1, 1, (size, INPUTS)).astype(np.float32)
    heard = 0
    for _ in range(200):
        y = ends.play(x, flags=1)
        equal = np.array_equal(y, 2 * x[:, :OUTPUTS])
        assert equal or ends.shared["missed"][0], "all of it, or on a busy machine none"
        heard += equal
        if heard == 20:
            break
    assert heard
    assert ends.seen[1] & 1


def test_a_host_that_does_not_answer_is_silence_in_time_and_an_underflow_afterwards(ends: Ends) -> None:
    x = np.ones((480, INPUTS), np.float32)
    began = time.monotonic()
    assert not ends.play(x).any()
    assert time.monotonic() - began < 1, "it was given up after the length of a buffer, 10 ms"
    assert not ends.play(x).any(), "it is still asked for the first"
    assert ends.shared["missed"][0] == 2
    ends.thread.start()
    end = time.monotonic() + 30
    while ends.shared["answered"][0, 0] < 1:
        assert time.monotonic() < end
    ends.play(x)
    while ends.seen[0] < 2:
        assert time.monotonic() < end
    assert ends.seen[1] & OUTPUT_UNDERFLOW


def test_what_the_other_process_has_damaged_is_not_played(ends: Ends) -> None:
    ends.thread.start()
    for size in (-1, 0, 2**40):
        ends.shared["size"] = size
        ends.shared["asked"][0, 0] += 1
        end = time.monotonic() + 30
        while ends.shared["answered"][0, 0] < ends.shared["asked"][0, 0]:
            assert time.monotonic() < end
    assert ends.seen[0] == 0


CARD = Device(0, "no such card", "no such host", 2, 2, 48_000, 0.01, 0.01)


def opened() -> remote.Remote:
    return remote.Remote(0, 0, CARD, CARD, (2, 2), 48_000, 128)


def test_a_device_that_is_not_there_is_one_sentence_and_leaves_nothing_open() -> None:
    open_files = Path("/proc/self/fd")
    before = len([*open_files.glob("*")])
    with pytest.raises(OSError, match=r"no such card has gone|there is no PortAudio"):
        opened()
    gc.collect()  # the error had hold of it
    assert len([*open_files.glob("*")]) <= before


def test_a_process_that_hangs_or_dies_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "OPEN", 0.5)
    hangs = [sys.executable, "-c", "import time; time.sleep(60)"]
    dies = [sys.executable, "-c", f"import os; os.kill(os.getpid(), {int(signal.SIGSEGV)})"]
    for words in (hangs, dies):
        monkeypatch.setattr(remote, "command", lambda *_, words=words: words)
        began = time.monotonic()
        with pytest.raises(OSError, match="no such card: the device does not answer"):
            opened()
        assert time.monotonic() - began < 10


def test_the_callback_allocates_nothing(ends: Ends) -> None:
    begin(ends)
    x = np.ones((64, INPUTS), np.float32)
    before = rtsys.get_allocation_stats()
    for _ in range(50):
        ends.play(x)
    after = rtsys.get_allocation_stats()
    assert (after.alloc, after.mi_alloc) == (before.alloc, before.mi_alloc)
