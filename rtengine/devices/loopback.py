"""How long sound takes out of a device and back in, through a cable, the air, or a connection of JACK.

A maximum-length sequence s is played round and round; what comes back, x, is that late by which their circular
correlation is largest: r[m] = sum of x[n] s[n - m]. All its energy goes into that one value, so it is found far below
the noise, and whatever its loudness and polarity.
Source: D. Rife, J. Vanderkooy, "Transfer-function measurement with maximum-length sequences", JAES 1989.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numba import carray
from numpy.typing import NDArray

from rtengine.native.cache import kernel_directory
from rtengine.native.callback import compile_callback
from rtengine.native.kernel import kernel
from rtengine.native.record import Memory, record
from rtengine.native.ring import load_acquire, store_release

ORDER = 16  # the sequence has 2^16 - 1 samples, 1.4 s at 48 kHz: no device is as late
TAPS = (16, 15, 13, 4)  # of the shift register: a primitive polynomial of this order
AMPLITUDE = 0.1  # -20 dBFS: it is noise, and there may be ears
CLEAR = 12.0  # times the rms of r that its largest value must have: noise alone gives 5 at most
FADE = 0.1  # seconds from silence


@cache
def sequence() -> NDArray[np.float32]:
    """The maximum-length sequence, -1 and 1."""
    register, bits = 1, np.zeros(2**ORDER - 1, np.float32)
    for n in range(len(bits)):
        bits[n] = 1 - 2 * (register & 1)
        feedback = sum(register >> (ORDER - tap) for tap in TAPS) & 1
        register = register >> 1 | feedback << (ORDER - 1)
    return bits


def prepare(inputs: int, outputs: int, sample_rate: float) -> Memory:
    """The record of `callback`; inputs and outputs: channels."""
    return record(
        {
            "inputs": inputs,
            "outputs": outputs,
            "signal": AMPLITUDE * sequence(),
            "heard": np.zeros(2 * len(sequence()), np.float32),  # the last two rounds
            "played": np.zeros(1, np.int64),  # samples
            "gain": np.float32(0),
            "step": np.float32(1 / (FADE * sample_rate)),
        }
    )


@cache
def compile_loopback(layout: np.dtype[np.void]) -> Any:
    """The callback for a record of this layout, a PaStreamCallback."""
    return compile_callback(callback, layout, kernel_directory(Path(__file__)))


def callback(indata, outdata, size, time_info, flags, userdata):
    memory = carray(userdata, 1)[0]
    turn(memory, carray(indata, (size, memory.inputs)), carray(outdata, (size, memory.outputs)))
    return 0


@kernel
def turn(memory, source, sink):
    """Play the sequence on, and keep what is heard meanwhile."""
    n, signal, heard = memory.played[0], memory.signal, memory.heard
    for i in range(sink.shape[0]):
        memory.gain = min(memory.gain + memory.step, np.float32(1))
        for c in range(sink.shape[1]):
            sink[i, c] = memory.gain * signal[(n + i) % signal.shape[0]]
        total = np.float32(0)
        for c in range(source.shape[1]):
            total += source[i, c]
        heard[(n + i) % heard.shape[0]] = total
    store_release(memory.played, 0, n + sink.shape[0])


def round_trip(memory: Memory) -> tuple[int, int | None]:
    """How many rounds were heard, and the samples from output to input in the last; None if nothing clear came back."""
    length = len(sequence())
    rounds = int(played(memory[0]["played"])) // length
    if rounds < 2:  # what was heard in the first was in part from before it was played
        return rounds, None
    start = (rounds - 1) % 2 * length
    heard = memory[0]["heard"][start : start + length].astype(np.float64)
    r = np.abs(np.fft.irfft(np.fft.rfft(heard - heard.mean()) * np.conj(np.fft.rfft(sequence())), length))
    peak = int(np.argmax(r))
    return rounds, peak if r[peak] > CLEAR * np.sqrt(np.mean(r**2)) else None


@kernel
def played(count):
    """Samples that were played, and are all in memory."""
    return load_acquire(count, 0)
