"""STFT and phase reconstruction against scipy and librosa, on music."""

import os
from functools import cache
from pathlib import Path

import librosa
import numpy as np
import pytest
import scipy.signal
import soundfile

from rtengine.dsp.griffin_lim import griffin_lim
from rtengine.dsp.rtisi import rtisi
from rtengine.dsp.stft import istft, stft
from rtengine.models.exemplars.music import music

N_FFT, HOP, SECONDS = 1024, 256, 5
DATA = Path(os.environ.get("RTENGINE_DATA", Path(__file__).parents[3] / "shared" / "data")) / "content"


@cache
def excerpts() -> tuple[np.ndarray, ...]:
    """Five seconds each of the project's own piece and, where there is a folder of music, of three songs in it."""
    found = [music()[0, 4 * 44_100 : (4 + SECONDS) * 44_100]]
    for file in sorted(DATA.glob("*.opus"))[3:30:9]:
        x, rate = soundfile.read(file, dtype="float32", always_2d=True)
        found.append(x[10 * rate : (10 + SECONDS) * rate, 0])
    return tuple(np.ascontiguousarray(x, dtype=np.float32) for x in found)


def convergence(magnitude: np.ndarray, y: np.ndarray) -> float:
    """Spectral convergence in dB, without the frames at the ends, which look-ahead and centring treat differently."""
    reached = np.abs(librosa.stft(y, n_fft=N_FFT, hop_length=HOP))[:, 8:-8]
    wanted = magnitude[:, 8 : 8 + reached.shape[1]]
    reached = reached[:, : wanted.shape[1]]
    return 20 * np.log10(np.linalg.norm(reached - wanted) / np.linalg.norm(wanted))


@pytest.mark.parametrize("n_fft", [256, 512, 1024, 2048, 4096, 8192])
@pytest.mark.parametrize("samples", [1, 777, 30_001])
def test_stft_is_scipys(n_fft: int, samples: int) -> None:
    x = np.random.default_rng(n_fft).standard_normal(samples).astype(np.float32)
    hop = n_fft // 4
    window = scipy.signal.get_window("hann", n_fft)
    padded = np.pad(x.astype(float), n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    expected = scipy.fft.rfft(frames * window, axis=1).T
    mine = stft(x, n_fft, hop)
    assert mine.shape == (n_fft // 2 + 1, 1 + samples // hop)
    assert np.abs(mine - expected[:, : mine.shape[1]]).max() < 1e-6 * np.abs(expected).max()
    if samples > n_fft:
        back = istft(mine, hop, length=samples)
        inside = slice(0, hop * (mine.shape[1] - 1))
        assert np.abs(back - x)[inside].max() < 1e-5


def librosas_phases(shape: tuple[int, ...]) -> np.ndarray:
    """Those that librosa.griffinlim draws from random_state=0."""
    return np.exp(2j * np.pi * np.random.RandomState(0).rand(*shape)).astype(np.complex64)


@pytest.mark.parametrize("n_iter", [8, 32, 100])
def test_griffin_lim_converges_as_far_as_librosas(n_iter: int) -> None:
    mine, peers = [], []
    for x in excerpts():
        magnitude = np.abs(librosa.stft(x, n_fft=N_FFT, hop_length=HOP))
        mine.append(convergence(magnitude, griffin_lim(magnitude, HOP, n_iter, start=librosas_phases(magnitude.shape))))
        peer = librosa.griffinlim(magnitude, n_iter=n_iter, hop_length=HOP, random_state=np.random.RandomState(0))
        peers.append(convergence(magnitude, peer))
    assert np.allclose(mine, peers, atol=0.1)


def test_griffin_lim_makes_librosas_updates() -> None:
    x = np.random.default_rng(0).standard_normal(3 * 44_100).astype(np.float32)
    magnitude = np.abs(librosa.stft(x, n_fft=N_FFT, hop_length=HOP))
    peer = librosa.griffinlim(magnitude, n_iter=32, hop_length=HOP, random_state=np.random.RandomState(0))
    mine = griffin_lim(magnitude, HOP, 32, start=librosas_phases(magnitude.shape))
    assert 20 * np.log10(np.linalg.norm(mine - peer) / np.linalg.norm(peer)) < -80


def test_live_phases_come_within_a_decibel_of_librosas_hundred_iterations() -> None:
    mine, peers = [], []
    for x in excerpts():
        magnitude = np.abs(librosa.stft(x, n_fft=N_FFT, hop_length=HOP))
        mine.append(convergence(magnitude, rtisi(magnitude, HOP, look_ahead=3, n_iter=8)))
        peer = librosa.griffinlim(magnitude, n_iter=100, hop_length=HOP, random_state=0)
        peers.append(convergence(magnitude, peer))
    assert np.mean(mine) < np.mean(peers) + 1


@pytest.mark.parametrize("level", [0, 1e-30, 1, 1e30])
@pytest.mark.parametrize("frames", [1, 2, 20])
def test_any_level_and_length_stays_finite(level: float, frames: int) -> None:
    magnitude = (level * np.random.default_rng(0).random((N_FFT // 2 + 1, frames))).astype(np.float32)
    for y in (griffin_lim(magnitude, HOP, 4), rtisi(magnitude, HOP)):
        assert np.all(np.isfinite(y))


def test_two_threads_give_the_same_samples() -> None:
    magnitude = np.abs(stft(excerpts()[0], N_FFT, HOP))
    assert np.array_equal(griffin_lim(magnitude, HOP, 8, threads=2), griffin_lim(magnitude, HOP, 8, threads=1))
