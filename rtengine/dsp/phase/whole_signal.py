"""Griffin-Lim iterations on a signal that is in memory as a whole, on one thread or on several."""

from threading import Condition, Thread

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.phase import cascade
from rtengine.dsp.phase.cascade import Cascade
from rtengine.dsp.vector import fft
from rtengine.dsp.vector.frames import gains, hann, normalise
from rtengine.dsp.vector.lanes import Lanes, width_of
from rtengine.dsp.vector.pointer import align, complex_vectors, numbers
from rtengine.dsp.vector.spectra import add_frames, load_spectra
from rtengine.dsp.vector.transpose import from_lanes
from rtengine.native.kernel import kernel

THREAD_CHUNK = 64  # hops that a thread does before it looks for what is most urgent
PHASES = 256


def improve(
    magnitude: NDArray[np.float32],
    x: NDArray[np.float32],
    hop_length: int,
    n_iter: int,
    momentum: float,
    threads: int,
    lanes: Lanes,
) -> NDArray[np.float32]:
    """Return x after n_iter iterations towards a magnitude (bins, frames) of centred frames.

    The tape holds the whole signal, and each stage goes through all of it.
    """
    bins, frames = magnitude.shape
    n_fft = 2 * (bins - 1)
    overlap = n_fft // hop_length
    counts = shares(n_iter, lanes.width)
    kinds, table = kinds_of_blocks(n_fft, hop_length, frames)
    hops = frames + overlap // 2 - 1  # up to the last block that is not cut off
    slots = hops + overlap * (lanes.width + 1)
    memory = cascade.memory(n_fft, hop_length, 1, len(counts), slots, table, lanes.width)
    memory["step"] = np.float32(momentum / (1 + momentum))
    memory["plan"] = fft.Plan(**memory["plan"])
    state = Cascade(**memory)
    state.kind_tape[:] = len(table) - 1
    state.kind_tape[: len(kinds)] = kinds
    state.signal_tape[n_fft // 2 :][: x.size] = x
    _write_magnitudes(lanes, state.plan, at_least(magnitude, lanes.width), frames, state.magnitude_tape)
    run_stages(lanes, state, counts, hops, overlap, threads)
    return state.signal_tape[n_fft // 2 :][: x.size]


def shares(n_iter: int, most: int) -> list[int]:
    """How many of the iterations each stage does."""
    return [min(most, n_iter - done) for done in range(0, n_iter, most)]


def at_least(x: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Contiguous (bins, frames) with zeros for frames that a vector would miss."""
    return np.ascontiguousarray(np.pad(x, ((0, 0), (0, width - x.shape[1]))) if x.shape[1] < width else x)


def kinds_of_blocks(n_fft: int, hop_length: int, frames: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The kind of each block, and the gains (kinds, hop_length); the last kind is what is cut off.

    All blocks in which all frames overlap are of one kind.
    """
    overlap = n_fft // hop_length
    few = min(frames, overlap)
    table = gains(hann(n_fft), hop_length, few).reshape(-1, hop_length)
    table = np.concatenate([table, np.zeros((1, hop_length), np.float32)])
    table[: overlap // 2] = table[overlap // 2 + few - 1 :] = 0  # librosa cuts n_fft / 2 samples off either end
    blocks = np.arange(frames + overlap - 1)
    return np.minimum(blocks, few - 1) + np.maximum(blocks - (frames - 1), 0), table


def run_stages(lanes: Lanes, state: Cascade, counts: list[int], hops: int, overlap: int, threads: int) -> None:
    """Run all stages over the tape: one after the other, or on threads, each stage close behind the one before."""
    ends = [hops + count * overlap for count in counts]
    done, busy, change = [0] * len(counts), [False] * len(counts), Condition()

    def ready(g: int) -> bool:
        needed = min(done[g] + THREAD_CHUNK, ends[g]) + counts[g - 1] * overlap  # hops of the stage before
        return not busy[g] and done[g] < ends[g] and (g == 0 or done[g - 1] >= min(needed, ends[g - 1]))

    def work() -> None:
        while True:
            with change:
                while not (there := [g for g in range(len(counts)) if ready(g)]):
                    if done == ends:
                        return
                    change.wait()
                g = there[-1]
                busy[g] = True
            hops_now = min(THREAD_CHUNK, ends[g] - done[g])
            _run_stage(lanes, state, g, done[g], hops_now, counts[g])
            with change:
                done[g], busy[g] = done[g] + hops_now, False
                change.notify_all()

    if threads == 1:
        for g, count in enumerate(counts):
            _run_stage(lanes, state, g, 0, ends[g], count)
        return
    workers = [Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


@kernel
def _run_stage(lanes, state, g, first, hops, count):
    cascade.run(lanes, cascade.stage(lanes, state, g), first, hops, count)


@kernel
def _write_magnitudes(lanes, tables, magnitude, frames, tape):
    """Write magnitudes (bins, frames) to the tape: frame by frame, in the order of the plan."""
    plan, width = fft.plan(tables), width_of(lanes)
    bins, stride = magnitude.shape
    frame = np.empty((width, bins), np.float32)
    for first in range(0, frames, width):
        m = max(min(first, frames - width), 0)
        from_lanes(lanes, numbers(magnitude) + m, stride, bins, numbers(frame), bins, min(width, frames))
        for j in range(min(width, frames)):
            out = numbers(tape) + (m + j) * (bins + 1)
            for i in range(plan.half // 2 + 1):
                out[2 * i], out[2 * i + 1] = frame[j, plan.bin[i]], frame[j, plan.half - plan.bin[i]]


def random_start(magnitude: NDArray[np.float32], hop_length: int, seed: int, lanes: Lanes) -> NDArray[np.float32]:
    """Return the signal of a magnitude (bins, frames) with random phases: 256 of them, evenly spread."""
    bins, frames = magnitude.shape
    n_fft, padded = 2 * (bins - 1), at_least(magnitude, lanes.width)
    order = np.random.default_rng(seed).integers(PHASES, size=magnitude.shape, dtype=np.uint8)
    circle = np.exp(2j * np.pi * np.arange(PHASES) / PHASES).astype(np.complex64)
    order = np.ascontiguousarray(np.pad(order, ((0, 0), (0, padded.shape[1] - frames))))
    window, y = hann(n_fft), np.zeros(n_fft + (frames - 1) * hop_length, np.float32)
    synthesis = (window / n_fft).astype(np.float32)
    _random_frames(lanes, fft.Plan(**fft.prepare(n_fft)), synthesis, padded, order, circle, hop_length, frames, y)
    normalise(y, window, hop_length, frames)
    return y[n_fft // 2 :][: hop_length * (frames - 1)]


@kernel
def _random_frames(lanes, tables, window, magnitude, order, circle, hop_length, frames, y):
    plan, width = fft.plan(tables), width_of(lanes)
    n_fft, bins = 2 * plan.half, plan.half + 1
    spectra, frame = np.empty((bins, width), np.complex64), np.empty((width, n_fft), np.float32)
    z = align(complex_vectors(lanes, np.empty((n_fft + 1, width), np.float32)))
    for first in range(0, frames, width):
        m = max(min(first, frames - width), 0)
        for k in range(bins):
            for j in range(width):
                spectra[k, j] = magnitude[k, m + j] * circle[order[k, m + j]]
        load_spectra(lanes, plan, numbers(spectra), width, z)
        fft.inverse(z, plan)
        y_m = numbers(y) + m * hop_length
        add_frames(lanes, plan, z, numbers(frame), numbers(window), hop_length, first - m, min(width, frames), y_m)
