"""Griffin-Lim: the signal whose STFT has a given magnitude, for a whole file or hop by hop.

Each iteration takes the STFT of the signal, replaces its magnitude and goes back; momentum makes it go further each
time than the last time. The work is done by `cascade`, all iterations at once; the result is that of one after another.
Source: N. Perraudin, P. Balazs, P. Sondergaard, "A fast Griffin-Lim algorithm", WASPAA 2013, algorithm 2.
"""

import math
from threading import Condition, Thread
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rtengine.block import kernel
from rtengine.dsp import cascade, fft
from rtengine.dsp.cascade import Cascade
from rtengine.dsp.frames import gains, hann
from rtengine.dsp.lanes import LANES, Lanes, lanes_of, width_of
from rtengine.dsp.pointer import numbers
from rtengine.dsp.rtisi import check_hop
from rtengine.dsp.stft import istft

MOMENTUM = 0.99
CHUNK = 16  # hops that a stage does in one go, lest its memory leave the cache after each
THREAD_CHUNK = 64  # hops that a thread does in one go
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
    start: spectra of the same shape whose phases to start from; random phases if None.
    Returns (..., hop_length * (frames - 1)) samples, the same for any number of threads.
    Error: as `librosa.griffinlim` from the same phases, to -80 dB after 32 iterations.
    Raises ValueError for numbers it cannot do.
    """
    target = np.asarray(magnitude, np.float32)
    bins, frames = target.shape[-2:]
    n_fft = 2 * (bins - 1)
    fft.check(n_fft)
    check_hop(n_fft, hop_length)
    peak = float(target.max(initial=0))
    if not (math.isfinite(peak) and target.min(initial=0) >= 0):
        raise ValueError("magnitude holds numbers that are negative or not finite")
    scale = np.float32(math.ldexp(1.0, -max(math.frexp(peak)[1], -100)))  # exact, and squares stay within float32
    target = target * scale
    spectra = target * (random_phases(target.shape, seed) if start is None else unit(np.asarray(start)))
    x = istft(spectra, hop_length, lanes=lanes)
    y = np.empty_like(x)
    for index in np.ndindex(*target.shape[:-2]):
        y[index] = iterate(target[index], x[index], hop_length, n_iter, momentum, threads, lanes)
    return y / scale


def random_phases(shape: tuple[int, ...], seed: int) -> NDArray[np.complex64]:
    """Unit vectors of 256 evenly spread phases, in random order."""
    circle = np.exp(2j * np.pi * np.arange(256) / 256).astype(np.complex64)
    return circle[np.random.default_rng(seed).integers(256, size=shape, dtype=np.uint8)]


def unit(spectra: NDArray[Any]) -> NDArray[np.complex64]:
    """X / |X|, and 0 where X is 0."""
    size = np.abs(spectra)
    return (spectra / np.where(size > 0, size, 1)).astype(np.complex64)


def iterate(
    target: NDArray[np.float32],
    x: NDArray[np.float32],
    hop_length: int,
    n_iter: int,
    momentum: float,
    threads: int,
    lanes: Lanes,
) -> NDArray[np.float32]:
    """Do the iterations on one signal that is in memory as a whole: the tape holds all of it."""
    bins, frames = target.shape
    n_fft = 2 * (bins - 1)
    overlap = n_fft // hop_length
    counts = shares(n_iter, lanes.width)
    kinds, table = kinds_of_blocks(n_fft, hop_length, frames)
    hops = frames + overlap // 2 - 1  # the blocks that are not cut off, and what precedes them
    slots = hops + overlap * (lanes.width + 1)
    memory = cascade.memory(n_fft, hop_length, 1, len(counts), slots, table, lanes.width)
    memory["step"] = np.float32(momentum / (1 + momentum))
    memory["plan"] = fft.Plan(**memory["plan"])
    state = Cascade(**memory)
    state.kind_tape[:] = len(table) - 1
    state.kind_tape[: len(kinds)] = kinds
    state.signal_tape[n_fft // 2 :][: x.size] = x
    arrange(state.plan, np.ascontiguousarray(target.T), state.magnitude_tape)
    run_stages(lanes, state, counts, hops, overlap, threads)
    return state.signal_tape[n_fft // 2 :][: x.size]


def shares(n_iter: int, most: int) -> list[int]:
    """How many of the iterations each stage does."""
    return [min(most, n_iter - done) for done in range(0, n_iter, most)]


def kinds_of_blocks(n_fft: int, hop_length: int, frames: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The kind of each block, and the gains (kinds, hop_length); the last kind is what is cut off.

    All blocks where all frames overlap are of one kind.
    """
    overlap = n_fft // hop_length
    few = min(frames, overlap)
    table = gains(hann(n_fft), hop_length, few).reshape(-1, hop_length)
    table = np.concatenate([table, np.zeros((1, hop_length), np.float32)])
    table[: overlap // 2] = table[overlap // 2 + few - 1 :] = 0  # librosa cuts n_fft / 2 samples off either end
    blocks = np.arange(frames + overlap - 1)
    return np.minimum(blocks, few - 1) + np.maximum(blocks - (frames - 1), 0), table


def run_stages(lanes: Lanes, state: Cascade, counts: list[int], hops: int, overlap: int, threads: int) -> None:
    """Run all stages over the tape, one after the other or on several threads, each close behind the one before."""
    ends = [hops + count * overlap - 1 for count in counts]
    if threads == 1:
        for g, count in enumerate(counts):
            run_stage(lanes, state, g, 0, ends[g], count)
        return
    done, busy, change = [0] * len(counts), [False] * len(counts), Condition()

    def ready(g: int) -> bool:
        target = min(done[g] + THREAD_CHUNK, ends[g])
        before = target + counts[g - 1] * overlap - 1  # what it reads must have come out of the stage before
        return not busy[g] and done[g] < ends[g] and (g == 0 or done[g - 1] >= min(before, ends[g - 1]))

    def work() -> None:
        while True:
            with change:
                while not (there := [g for g in range(len(counts)) if ready(g)]):
                    if done == ends:
                        return
                    change.wait()
                g = there[-1]
                busy[g] = True
            run_stage(lanes, state, g, done[g], min(THREAD_CHUNK, ends[g] - done[g]), counts[g])
            with change:
                done[g], busy[g] = min(done[g] + THREAD_CHUNK, ends[g]), False
                change.notify_all()

    workers = [Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


@kernel
def run_stage(lanes, state, g, first, hops, count):
    cascade.run(lanes, cascade.stage(lanes, state, g), first, hops, count)


@kernel
def arrange(tables, magnitude, tape):
    """Write magnitudes (frames, bins) to the tape in the order of the plan."""
    plan, tape = fft.plan(tables), numbers(tape)
    for m in range(magnitude.shape[0]):
        for i in range(plan.half // 2 + 1):
            tape[0], tape[1] = magnitude[m, plan.bin[i]], magnitude[m, plan.half - plan.bin[i]]
            tape = tape + 2


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
    Squares must fit float32: what is beyond 1e-15 to 1e15 becomes silence.  All iterations are done in every CHUNK-th call.
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
        first -= cascade.lag(s, count)
        left -= count
