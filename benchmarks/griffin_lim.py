"""Griffin-Lim: process CPU seconds for ten seconds of sound beside librosa and torch, with how far each converges."""

import time
from collections.abc import Callable

import librosa
import numpy as np

from benchmarks.table import Row
from offline.music import music
from rtengine.dsp.griffin_lim import griffin_lim
from rtengine.dsp.rtisi import rtisi
from rtengine.dsp.stft import stft

N_FFT, HOP, SECONDS, SAMPLE_RATE = 1024, 256, 10, 44_100
MOMENTUM = 0.99


def rows() -> list[Row]:
    """The same magnitude for all; librosa in one thread as ours, and RTISI-LA as a start at equal convergence."""
    x = music(SAMPLE_RATE)[0, 4 * SAMPLE_RATE : (4 + SECONDS) * SAMPLE_RATE].astype(np.float32)
    magnitude = np.abs(stft(x, N_FFT, HOP))
    griffin_lim(magnitude, HOP, 1)
    found, peers = [], {}
    for n_iter in (8, 32, 100):
        peers[n_iter] = cpu, y = _timed(lambda n=n_iter: _librosa(magnitude, n))
        mine, z = _timed(lambda n=n_iter: griffin_lim(magnitude, HOP, n))
        note = f"{_convergence(magnitude, z):.1f} dB against {_convergence(magnitude, y):.1f} dB"
        found.append(Row(f"{n_iter} iterations, 10 s mono", mine, "s CPU", "librosa", cpu, note))
    cpu, y = _timed(lambda: _torch(magnitude, 32))
    mine, z = _timed(lambda: griffin_lim(magnitude, HOP, 32))
    note = f"{_convergence(magnitude, z):.1f} dB against {_convergence(magnitude, y):.1f} dB"
    found.append(Row("32 iterations, 10 s mono", mine, "s CPU", "torch", cpu, note))
    cpu, y = peers[100]
    mine, z = _timed(lambda: griffin_lim(magnitude, HOP, 8, start=stft(rtisi(magnitude, HOP, n_iter=4), N_FFT, HOP)))
    note = f"{_convergence(magnitude, z):.1f} dB against {_convergence(magnitude, y):.1f} dB"
    found.append(Row("RTISI-LA 3 x 4, then 8 iterations", mine, "s CPU", "librosa, 100", cpu, note))
    return found


def _timed(function: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """The least CPU time of three runs, and the result."""
    times = []
    for _ in range(3):
        start = time.process_time()
        result = function()
        times.append(time.process_time() - start)
    return min(times), result


def _librosa(magnitude: np.ndarray, n_iter: int) -> np.ndarray:
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
