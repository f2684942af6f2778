"""Real FFT of a batch: microseconds of CPU for a frame, in one thread, and the share of the processor's peak.

Ours has the frames side by side, which is how all of `rtengine.dsp` uses it; the peers have each frame in a row, which
suits them best. Ours applies a window too. The last line is ours with rows in and rows out. Operations are counted as
usual: 2.5 n log2(n) for a real transform of n points.
"""

import importlib.util
from collections.abc import Callable
from functools import partial
from math import log2
from typing import Any

import numpy as np
import scipy.fft

from benchmarks.table import Row
from benchmarks.timing import Times, several
from rtengine.dsp import stft
from rtengine.dsp.vector import fft
from rtengine.dsp.vector.frames import hann, split_windowed
from rtengine.dsp.vector.lanes import LANES, Lanes
from rtengine.dsp.vector.pointer import aligned_zeros, complex_vectors, numbers, vectors
from rtengine.native.kernel import kernel
from rtengine.native.record import record

SIZES, FRAMES = (256, 512, 1024, 2048, 4096, 8192), 32
PLACES = 3
CALLS = 20  # of ours from one call of Python's, which takes some microseconds


def rows() -> list[Row]:
    """Ours beside the fastest peer for every size, beside all peers for 1,024 points."""
    peak = peak_flops(LANES)
    note = f"the peak of one core with {LANES.width} lanes; shares refer to it"
    found = [Row("fused multiply-adds alone", peak / 1e9, "GFLOP/s", note=note)]
    for n_fft in SIZES:
        mine = placed(partial(in_lanes, n_fft))
        share = 2.5 * n_fft * log2(n_fft) / (mine.least * 1e-6) / peak
        present = {name: peer for name, peer in PEERS.items() if importlib.util.find_spec(name)}
        others = {name: placed(partial(peer, n_fft)).least for name, peer in present.items()}
        shown = others if n_fft == 1024 else {min(others, key=others.__getitem__): min(others.values())}
        for name, theirs in shown.items():
            note = f"{100 * share:.0f} % of the peak"
            found.append(Row(f"{n_fft} points", mine.least, "us a frame", name, theirs, note, median=mine.median))
    missing = [name for name in PEERS if not importlib.util.find_spec(name)]
    note = f"not installed: {', '.join(missing)}" if missing else ""
    mine, theirs = placed(partial(in_rows, 1024)), placed(partial(with_scipy, 1024)).least
    found.append(Row("1024 points, rows to rows", mine.least, "us a frame", "scipy", theirs, note, median=mine.median))
    return found


def placed(measure: Callable[[], Times]) -> Times:
    """The best of some runs, each with arrays of its own: where memory happens to lie moves some by a third."""
    return min(measure() for _ in range(PLACES))


def timed(function: Callable[[], Any], frames: int) -> Times:
    """Microseconds of CPU for a frame."""
    return several(function).scaled(1e6 / frames)


def in_lanes(n_fft: int) -> Times:
    """Frames side by side in, spectra side by side out, both in arrays of their own."""
    tables, window = fft.Plan(**fft.prepare(n_fft)), hann(n_fft).astype(np.float32)
    x = aligned_zeros(FRAMES // LANES.width, n_fft, LANES.width)
    x[...] = np.random.default_rng(0).standard_normal(x.shape)
    z, spectra = aligned_zeros(n_fft, LANES.width), aligned_zeros(len(x), n_fft + 2, LANES.width)
    return timed(lambda: _transform(LANES, tables, window, x, z, spectra, CALLS), FRAMES * CALLS)


@kernel
def _transform(lanes, tables, window, x, z, spectra, calls):
    plan, z = fft.plan(tables), complex_vectors(lanes, z)
    for call in range(calls * x.shape[0]):
        out = complex_vectors(lanes, spectra[call % x.shape[0]])
        split_windowed(vectors(lanes, x[call % x.shape[0]]), 0, numbers(window), z, plan)
        for part in range(fft.PARTS):
            fft.forward_part(z, plan, part)
            first, end = fft.pairs_of(plan, part)
            for i in range(first, end):
                out[plan.bin[i]], out[plan.half - plan.bin[i]] = fft.bins(z, plan, i)


def in_rows(n_fft: int) -> Times:
    """A frame in a row, as blocks have them: transposed, windowed, transformed and transposed back."""
    signals = np.random.default_rng(0).standard_normal((16, n_fft)).astype(np.float32)
    state, spectrum = record(stft.prepare(n_fft, 16))[0], np.zeros((16, 2, n_fft // 2 + 1), np.float32)
    return timed(lambda: _transform_rows(state, signals, spectrum, CALLS), 16 * CALLS)


@kernel
def _transform_rows(state, signals, spectrum, calls):
    for _ in range(calls):
        stft.transform(state, signals, spectrum)


def batch(n_fft: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(0).standard_normal((FRAMES, n_fft)).astype(np.float32)


def with_numpy(n_fft: int) -> Times:
    x = batch(n_fft)
    return timed(lambda: np.fft.rfft(x), FRAMES)


def with_scipy(n_fft: int) -> Times:
    x = batch(n_fft)
    return timed(lambda: scipy.fft.rfft(x, workers=1), FRAMES)


def with_pyfftw(n_fft: int) -> Times:
    """The better of the plans that FFTW finds by measuring, for rows and for frames side by side."""
    import pyfftw

    times: list[Times] = []
    for axis in (1, 0):
        shape, out = [FRAMES, FRAMES], [FRAMES, FRAMES]
        shape[axis], out[axis] = n_fft, n_fft // 2 + 1
        x, y = pyfftw.empty_aligned(shape, np.float32), pyfftw.empty_aligned(out, np.complex64)
        plan = pyfftw.FFTW(x, y, axes=(axis,), flags=("FFTW_PATIENT",), threads=1, planning_timelimit=20)
        x[...] = np.random.default_rng(0).standard_normal(shape)
        times.append(timed(plan.execute, FRAMES))
    return min(times)


def with_rocket_fft(n_fft: int) -> Times:
    """What numba compiles scipy's transform to where rocket-fft is installed."""
    import numba

    x = batch(n_fft)
    transform = numba.njit(_rfft)  # numba compiles Python functions only
    return timed(lambda: transform(x), FRAMES)


def _rfft(x: np.ndarray) -> np.ndarray:
    return scipy.fft.rfft(x)


def with_torch(n_fft: int) -> Times:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    x = torch.from_numpy(batch(n_fft))
    took = timed(lambda: torch.fft.rfft(x), FRAMES)
    torch.set_num_threads(threads)
    return took


PEERS = {
    "numpy": with_numpy,
    "scipy": with_scipy,
    "pyfftw": with_pyfftw,
    "rocket_fft": with_rocket_fft,
    "torch": with_torch,
}


def peak_flops(lanes: Lanes) -> float:
    """Floating point operations a second of one core that does nothing but fused multiply-adds in registers."""
    x, steps = np.full((16, lanes.width), 0.5, np.float32), 200_000
    seconds = several(lambda: _multiply_add(lanes, x, steps)).least
    return 2 * 12 * lanes.width * steps / seconds


@kernel
def _multiply_add(lanes, x, steps):
    """Twelve chains: more than the latency of the instruction times the units that do it."""
    p = vectors(lanes, x)
    w, v = p[12], p[13]
    a, b, c, d, e, f, g, h, i, j, k, m = p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10], p[11]
    for _ in range(steps):
        a, b, c, d, e, f = a * w + v, b * w + v, c * w + v, d * w + v, e * w + v, f * w + v
        g, h, i, j, k, m = g * w + v, h * w + v, i * w + v, j * w + v, k * w + v, m * w + v
    p[0] = a + b + c + d + e + f + g + h + i + j + k + m
