"""Griffin-Lim: process CPU seconds for ten seconds of sound beside librosa and torch, with how far each converges."""

import time
from collections.abc import Callable
from functools import partial

import librosa
import numpy as np

from benchmarks.fft import in_lanes
from benchmarks.table import Row
from benchmarks.timing import Times, several
from rtengine.dsp.griffin_lim import CHUNK, griffin_lim, prepare, step
from rtengine.dsp.rtisi import rtisi
from rtengine.dsp.stft import stft
from rtengine.dsp.vector.lanes import LANES
from rtengine.models.exemplars.music import music
from rtengine.native.kernel import kernel
from rtengine.native.record import record

N_FFT, HOP, SECONDS, SAMPLE_RATE = 1024, 256, 10, 44_100
MOMENTUM = 0.99
RUNS = 3


def rows() -> list[Row]:
    """The same magnitude for all; librosa in one thread as ours, and RTISI-LA as a start at equal convergence."""
    x = music(SAMPLE_RATE)[0, 4 * SAMPLE_RATE : (4 + SECONDS) * SAMPLE_RATE].astype(np.float32)
    magnitude = np.abs(stft(x, N_FFT, HOP))
    griffin_lim(magnitude, HOP, 1)
    found, peers = [], {}
    for n_iter in (8, 32, 100):
        peers[n_iter] = theirs = _timed(partial(with_librosa, magnitude, n_iter))
        mine = _timed(partial(griffin_lim, magnitude, HOP, n_iter))
        found.append(_row(magnitude, f"{n_iter} iterations, 10 s mono", mine, "librosa", theirs))
    mine, theirs = _timed(lambda: griffin_lim(magnitude, HOP, 32)), _timed(lambda: _torch(magnitude, 32))
    found.append(_row(magnitude, "32 iterations, 10 s mono", mine, "torch", theirs))
    for label, make in (
        ("RTISI-LA 7 x 3 alone", lambda: rtisi(magnitude, HOP, 7, 3)),
        ("RTISI-LA 7 x 2, then 16 iterations", lambda: _improved(magnitude, rtisi(magnitude, HOP, 7, 2))),
    ):
        make()
        found.append(_row(magnitude, label, _timed(make), "librosa, 100", peers[100]))
    return [*found, _threads(magnitude), *_streams(), _iteration()]


def _row(
    magnitude: np.ndarray, label: str, mine: tuple[Times, np.ndarray], peer: str, theirs: tuple[Times, np.ndarray]
) -> Row:
    """CPU seconds of both, and how far each converges."""
    took, y, theirs_took, z = *mine, *theirs
    note = f"{_convergence(magnitude, y):.1f} dB against {_convergence(magnitude, z):.1f} dB"
    return Row(label, took.least, "s CPU", peer, theirs_took.least, note, median=took.median)


def _improved(magnitude: np.ndarray, x: np.ndarray) -> np.ndarray:
    return griffin_lim(magnitude, HOP, 16, start=x)


def _threads(magnitude: np.ndarray) -> Row:
    """Wall time on two threads beside one: on a busy machine they have nothing to gain."""
    walls = []
    for threads in (2, 1):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            griffin_lim(magnitude, HOP, 100, threads=threads)
            times.append(time.perf_counter() - start)
        walls.append(Times.of(times))
    two, one = walls
    note = "the same samples; load matters"
    return Row("100 iterations, two threads", two.least, "s", "one thread", one.least, note, median=two.median)


def _streams() -> list[Row]:
    """The streaming kernel that refines a live or an offline graph, beside the time that ten seconds of music last."""
    found, hops = [], SECONDS * SAMPLE_RATE // HOP
    for n_iter in (8, 64):
        took, label = stream(2, n_iter).scaled(hops), f"{n_iter} iterations, 10 s stereo, hop by hop"
        found.append(Row(label, took.least, "s CPU", "real time", float(SECONDS), median=took.median))
    return found


def stream(channels: int, n_iter: int) -> Times:
    """CPU seconds for a hop."""
    state = record(prepare(N_FFT, HOP, channels, n_iter))[0]
    magnitude = np.ones((channels, N_FFT // 2 + 1), np.float32)
    x, y = np.random.default_rng(0).standard_normal((2, channels, HOP)).astype(np.float32)
    hops = 20 * CHUNK
    return several(lambda: _hops(state, magnitude, x, y, hops)).scaled(1 / hops)


@kernel
def _hops(state, magnitude, x, y, count):
    for _ in range(count):
        step(state, magnitude, x, y)


def _iteration() -> Row:
    """One iteration on one frame, all lanes at work, beside its forward and inverse transform alone."""
    mine, theirs = stream(1, LANES.width).scaled(1e6 / LANES.width), 2 * in_lanes(N_FFT).least
    return Row("an iteration on a frame", mine.least, "us", "its two FFTs", theirs, median=mine.median)


def _timed(function: Callable[[], np.ndarray]) -> tuple[Times, np.ndarray]:
    """CPU seconds of some runs, and the result."""
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        result = function()
        times.append(time.process_time() - start)
    return Times.of(times), result


def with_librosa(magnitude: np.ndarray, n_iter: int) -> np.ndarray:
    return librosa.griffinlim(magnitude, n_iter=n_iter, hop_length=HOP, momentum=MOMENTUM, random_state=0)


def _torch(magnitude: np.ndarray, n_iter: int) -> np.ndarray:
    """The same update with torch's STFT, in one thread."""
    import torch

    torch.set_num_threads(1)
    window, wanted = torch.hann_window(N_FFT), torch.as_tensor(magnitude)
    phases = torch.exp(2j * np.pi * torch.rand(wanted.shape, generator=torch.Generator().manual_seed(0)))
    before = torch.zeros(())
    for _ in range(n_iter):
        y = torch.istft(wanted * phases, N_FFT, HOP, window=window)
        rebuilt = torch.stft(y, N_FFT, HOP, window=window, return_complex=True, pad_mode="constant")
        phases = rebuilt - MOMENTUM / (1 + MOMENTUM) * before
        phases, before = phases / (phases.abs() + 1e-16), rebuilt
    return torch.istft(wanted * phases, N_FFT, HOP, window=window).numpy()


def _convergence(magnitude: np.ndarray, y: np.ndarray) -> float:
    """Spectral convergence, 20 log10 of the relative error of the magnitudes; ends left out."""
    reached = np.abs(stft(y, N_FFT, HOP))[:, 8:-8]
    wanted = magnitude[:, 8 : 8 + reached.shape[1]]
    reached = reached[:, : wanted.shape[1]]
    return float(20 * np.log10(np.linalg.norm(reached - wanted) / np.linalg.norm(wanted)))
