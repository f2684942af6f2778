"""Griffin-Lim: the signal whose STFT has a given magnitude, for a whole file or hop by hop.

Each iteration takes the STFT of the signal, replaces its magnitude and goes back; momentum makes it go further each
time than the last time. The work is done by `cascade`, all iterations at once; the result is that of one after another.
Source: N. Perraudin, P. Balazs, P. Sondergaard, "A fast Griffin-Lim algorithm", WASPAA 2013, algorithm 2.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rtengine.dsp.phase import cascade
from rtengine.dsp.phase.whole_signal import improve, random_start, shares
from rtengine.dsp.stft import istft
from rtengine.dsp.vector import fft
from rtengine.dsp.vector.frames import check_hop, gains, hann
from rtengine.dsp.vector.lanes import LANES, Lanes, lanes_of, width_of
from rtengine.native.kernel import kernel

MOMENTUM = 0.99
CHUNK = 16  # hops that a stage does in one go, lest its memory leave the cache after each
MOST_CHANNELS = 4


def griffin_lim(
    magnitude: ArrayLike,
    hop_length: int,
    n_iter: int,
    momentum: float = MOMENTUM,
    seed: int = 0,
    threads: int = 1,
    start: ArrayLike | None = None,
    lanes: Lanes = LANES,
) -> NDArray[np.float32]:
    """Find a signal whose STFT has the given magnitude.

    magnitude: (..., n_fft // 2 + 1, frames), at least 0, of centred frames as `stft` and librosa make them.
    hop_length: a half, 4th, 8th or 16th of n_fft.  momentum: 0 is the algorithm of Griffin and Lim.
    start: spectra of the same shape whose phases to start from, or a signal of the shape that is returned, which is
    what the first iteration improves; random phases if None.
    Returns (..., hop_length * (frames - 1)) samples, the same for any number of threads.
    Error: as `librosa.griffinlim` from the same phases, to -80 dB after 32 iterations.
    Raises ValueError for numbers it cannot do.
    """
    target = np.asarray(magnitude, np.float32)
    bins, frames = target.shape[-2:]
    n_fft = 2 * (bins - 1)
    fft.check(n_fft)
    check_hop(n_fft, hop_length)
    for name, value, least in (("n_iter", n_iter, 0), ("momentum", momentum, 0), ("threads", threads, 1)):
        if not value >= least:
            raise ValueError(f"{name} = {value} is below {least}")
    peak = float(target.max(initial=0))
    if not (math.isfinite(peak) and target.min(initial=0) >= 0):
        raise ValueError("magnitude holds numbers that are negative or not finite")
    scale = np.float32(math.ldexp(1.0, -max(math.frexp(peak)[1], -100)))  # exact, and squares stay within float32
    target = target * scale
    y = np.empty((*target.shape[:-2], hop_length * (frames - 1)), np.float32)
    given = None if start is None else np.asarray(start)
    if given is not None and given.shape not in (target.shape, y.shape):
        raise ValueError(f"a start of shape {given.shape} is neither spectra {target.shape} nor a signal {y.shape}")
    for index in np.ndindex(*target.shape[:-2]):
        if given is None:
            x = random_start(target[index], hop_length, seed, lanes)
        elif given.shape == target.shape:
            x = istft(target[index] * unit(given[index]), hop_length, lanes=lanes)
        else:
            x = given[index].astype(np.float32) * scale
        y[index] = improve(target[index], x, hop_length, n_iter, momentum, threads, lanes) / scale
    return y


def unit(spectra: NDArray[Any]) -> NDArray[np.complex64]:
    """X / |X|, and 0 where X is 0."""
    size = np.abs(spectra)
    return (spectra / np.where(size > 0, size, 1)).astype(np.complex64)


def delay(n_fft: int, hop_length: int, n_iter: int) -> int:
    """Hops between a hop that goes into `step` and what the iterations make of it."""
    return n_iter * (n_fft // hop_length) + CHUNK - 1 if n_iter else 0


def prepare(
    n_fft: int,
    hop_length: int,
    channels: int,
    n_iter: int,
    momentum: float = MOMENTUM,
    lanes: Lanes = LANES,
) -> dict[str, Any]:
    """Return the memory of `step`.

    hop_length: a half, 4th, 8th or 16th of n_fft.  channels: 1 to 4.  n_iter: at least 1.
    Raises ValueError for other numbers.
    """
    fft.check(n_fft)
    check_hop(n_fft, hop_length)
    if not 1 <= channels <= MOST_CHANNELS:
        raise ValueError(f"{channels} channels are not 1 to {MOST_CHANNELS}")
    if n_iter < 1:
        raise ValueError(f"n_iter = {n_iter} is below 1")
    overlap = n_fft // hop_length
    table = gains(hann(n_fft), hop_length, overlap)[n_fft - hop_length : n_fft]
    stages = len(shares(n_iter, lanes.width // channels))
    slots = delay(n_fft, hop_length, n_iter) + overlap
    memory = cascade.memory(n_fft, hop_length, channels, stages, slots, table[None], lanes.width)
    return memory | {"step": np.float32(momentum / (1 + momentum)), "n_iter": n_iter, "hops": 0}


@kernel
def step(state, magnitude, x, y):
    """Take a hop of a signal and the magnitude of the frame that begins with it, give a hop after all iterations.

    magnitude: (channels, bins) float32, at least 0.  x: (channels, hop_length) float32.  y: as x, `delay` hops later.
    Squares must fit float32: bins beyond 1e-15 to 1e15 become silence.  Every CHUNK-th call does the work of all.
    """
    lanes, t = lanes_of(state.z), state.hops
    s = cascade.stage(lanes, state, 0)
    write_slot(s, t % s.slots, magnitude, x)
    state.hops = t + 1
    if state.hops % CHUNK == 0:
        run_all(lanes, state, t + 1 - CHUNK)
    slot = t - state.n_iter * (2 * s.plan.half // s.hop_length) - CHUNK + 1
    tape = s.signal_tape + slot % s.slots * s.hop_length * s.channels
    for c in range(y.shape[0]):
        for u in range(y.shape[1]):
            y[c, u] = tape[u * s.channels + c] if slot >= 0 else np.float32(0)


@kernel
def write_slot(s, slot, magnitude, x):
    """Write what comes in to the tape, without a signal one iteration earlier."""
    half, channels = s.plan.half, s.channels
    for c in range(channels):
        tape = s.magnitude_tape + (slot * (half + 2) * channels + c)
        for i in range(half // 2 + 1):
            tape[2 * i * channels] = magnitude[c, s.plan.bin[i]]
            tape[(2 * i + 1) * channels] = magnitude[c, half - s.plan.bin[i]]
        tape = slot * s.hop_length * channels + c
        for u in range(s.hop_length):
            s.signal_tape[tape + u * channels] = x[c, u]
            s.before_tape[tape + u * channels] = np.float32(0)


@kernel
def run_all(lanes, state, first):
    """Let each stage do CHUNK slots, the first one from `first` on, the next one where what that has made begins."""
    left, most = state.n_iter, width_of(lanes) // state.channels
    for g in range(state.z.shape[0]):
        s, count = cascade.stage(lanes, state, g), min(left, most)
        cascade.run(lanes, s, first, CHUNK, count)
        first -= count * (2 * s.plan.half // s.hop_length)
        left -= count
