"""Sound between two processes: buffers in shared memory, and a pipe each way that wakes the other side.

    the device's callback -> relay: source, asked + 1 -> pipe -> attend: the host's callback
                             relay <- pipe <- answered + 1, sink  <-

A buffer is asked for and answered before the device's callback returns, so nothing is added to the latency but two
wake-ups. Where no answer comes within the length of a buffer, that buffer is silence, and the next request tells the
host of an underflow; what it makes of the missed one is thrown away. Neither side ever waits for an interpreter.
"""

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numba import carray

from rtengine.native.cache import kernel_directory
from rtengine.native.callback import OUTPUT_UNDERFLOW, compile_callback
from rtengine.native.denormals import FLUSH, float_mode, set_float_mode
from rtengine.native.intrinsics import address_of, call
from rtengine.native.kernel import kernel
from rtengine.native.record import Memory, record
from rtengine.native.ring import load_acquire, store_release

FLOATS = 2**17  # of a buffer at most: 8192 samples of 16 channels; what is longer goes in pieces
LOOK = 50  # milliseconds between two looks at `stop`
POLLIN = 1
BYTES = 64  # of a pipe that are read at once


def ends(listen: int = -1, tell: int = -1) -> Memory:
    """One side's ends of the pipes, as file descriptors, and the functions of the C library that it uses on them."""
    library = ctypes.CDLL(None)
    return record(
        {
            "poll": address_of(library.poll),
            "read": address_of(library.read),
            "write": address_of(library.write),
            "listen": listen,
            "tell": tell,
            "pollfd": np.array([listen, POLLIN], np.int32),  # struct pollfd: the descriptor; events and revents
            "bytes": np.zeros(BYTES, np.uint8),
        }
    )


def shared() -> Memory:
    """The memory that both have; one layout for all devices, so the compiled code is shared. Sizes in samples."""
    return record(
        {
            "inputs": 0,
            "outputs": 0,
            "sample_rate": 48_000.0,
            "device": ends()[0],  # the device's own ends, which nobody else reads
            "missed": 0,  # buffers for which no answer came in time
            "told": 0,  # of these, the host knows of
            "size": 0,
            "flags": 0,
            "asked": np.zeros(8, np.int64),  # a cache line each; the first counts
            "answered": np.zeros(8, np.int64),
            "source": np.zeros(FLOATS, np.float32),
            "sink": np.zeros(FLOATS, np.float32),
        }
    )


@cache
def compile_relay(layout: np.dtype[np.void]) -> Any:
    """The device's callback, for `shared`."""
    return compile_callback(relay, layout, kernel_directory(Path(__file__)))


def relay(indata, outdata, size, time_info, flags, userdata):
    shared = carray(userdata, 1)[0]
    size, inputs, outputs = np.int64(size), shared.inputs, shared.outputs
    source, sink = carray(indata, size * inputs), carray(outdata, size * outputs)
    most, done = FLOATS // max(inputs, outputs, 1), 0
    while done < size:
        n = min(most, size - done)
        heard = ask(shared, source, done * inputs, n, np.int64(flags))
        for i in range(n * outputs):
            sink[done * outputs + i] = shared.sink[i] if heard else np.float32(0)
        done += n
    return 0


@kernel
def ask(shared, source, start, n, flags):
    """Hand n samples over; whether the host has answered."""
    if load_acquire(shared.answered, 0) < shared.asked[0]:  # it is still at work on one that was given up
        shared.missed += 1
        return False
    for i in range(n * shared.inputs):
        shared.source[i] = source[start + i]
    shared.size, shared.flags = n, flags | (OUTPUT_UNDERFLOW if shared.missed > shared.told else 0)
    shared.told = shared.missed
    asked = shared.asked[0] + 1
    store_release(shared.asked, 0, asked)
    wake(shared.device)
    while load_acquire(shared.answered, 0) < asked:
        if not wait(shared.device, 1 + np.int64(1000 * n / shared.sample_rate)):
            shared.missed += 1
            return False
    return True


@kernel
def attend(stop, shared, ends, callback, memory):
    """Answer until stop[0] is set: the host's thread. ends: its own; callback, memory: addresses."""
    set_float_mode(float_mode() | FLUSH)
    answered = shared.answered[0]
    while load_acquire(stop, 0) == 0:
        asked = load_acquire(shared.asked, 0)
        if asked == answered:
            wait(ends, LOOK)
            continue
        n = shared.size
        if 0 < n * max(shared.inputs, shared.outputs) <= FLOATS:  # whatever has become of the other process
            call(callback, (shared.source.ctypes.data, shared.sink.ctypes.data, n, 0, shared.flags, memory))
        answered = asked
        store_release(shared.answered, 0, answered)
        wake(ends)


@kernel
def wake(ends):
    """Let the other side look."""
    call(ends.write, (ends.tell, ends.bytes.ctypes.data, 1))


@kernel
def wait(ends, milliseconds):
    """Sleep until the other side wakes this one; False if it does not within so long."""
    if np.int32(call(ends.poll, (ends.pollfd.ctypes.data, 1, milliseconds))) <= 0:
        return False
    if call(ends.read, (ends.listen, ends.bytes.ctypes.data, BYTES)) <= 0:  # it has left, so poll would not sleep
        call(ends.poll, (0, 0, milliseconds))
        return False
    return True


@kernel
def ask_to_stop(stop):
    """Set the flag so that `attend` sees it."""
    store_release(stop, 0, 1)
