"""How far a mix is from another one, in the four families of features that FxNorm-automix is judged by.

    spectral   centroid, bandwidth, contrast (low, middle, high), roll-off, flatness
    panning    rms of the places phi: of all bins, below 250 Hz, up to 2500 Hz, above
    dynamic    rms level, spread of the level, crest
    loudness   integrated loudness, peak

Each feature is taken by frame, averaged over 40 frames as time goes on, and compared by mean |y - x| / |y|: 0 is alike.
Both mixes are brought to one peak before, but for loudness. Beside them errors that have a unit: third octaves in dB,
side over mid in dB, loudness in LU. The features are those of the paper, written anew.
Source: M. A. Martinez-Ramirez et al., ISMIR 2022, section 4.2; G. Peeters, "A large set of audio features", 2004; D.-N.
Jiang et al., "Music type classification by spectral contrast feature", 2002.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp import loudness
from rtengine.dsp.console import bands, image
from rtengine.dsp.stft import stft

N_FFT, HOP = 4096, 1024
FRAMES = 40  # of the running mean
PEAK = -1.0  # dBFS
ROLL_OFF = 0.85
EDGES = (0, 250, 500, 1000, 2000, 22_050)  # Hz, of the bands of the contrast
QUANTILE = 0.02  # of the bins of a band that count as its peaks, and as its valleys
LEAST = 1e-10

Series = NDArray[np.float64]


@dataclass(frozen=True)
class Likeness:
    """Distances, 0 is alike: shares by family, then dB of third octaves and of side over mid, and LU."""

    spectral: float
    panning: float
    dynamic: float
    loudness: float
    third_octaves: float
    side: float
    lufs: float


def compare(x: NDArray[np.float32], y: NDArray[np.float32], sample_rate: float) -> Likeness:
    """How far x is from y, both (2, samples) of one length; ValueError if one of them is silent."""
    if not x.any() or not y.any():
        raise ValueError("silence cannot be compared with a mix")
    own, other = (_peaked(s) for s in (x, y))
    spectra = [bands.spectrum(s, sample_rate) for s in (own, other)]
    heard = slice(2, 28)  # 40 Hz to 12.5 kHz
    level = [(s.both - 10 * np.log10(np.sum(10 ** (s.both / 10))))[heard] for s in spectra]
    side = [np.clip(s.side - s.mid, -40, 20)[heard] for s in spectra]
    lufs = [loudness.loudness(s, sample_rate) for s in (x, y)]
    peaks = [20 * float(np.log10(np.abs(s).max())) for s in (x, y)]
    return Likeness(
        _distance(spectral(own, sample_rate), spectral(other, sample_rate)),
        _distance(panning(own, sample_rate), panning(other, sample_rate)),
        _distance(dynamic(own), dynamic(other)),
        (abs(lufs[0] - lufs[1]) / abs(lufs[1]) + abs(peaks[0] - peaks[1]) / max(abs(peaks[1]), 1)) / 2,
        float(np.abs(level[0] - level[1]).mean()),
        float(np.abs(side[0] - side[1]).mean()),
        abs(lufs[0] - lufs[1]),
    )


def _peaked(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return (x * (10 ** (PEAK / 20) / np.abs(x).max())).astype(np.float32)


def _distance(own: list[Series], other: list[Series]) -> float:
    """The mean over features of the mean absolute difference in shares of the other's, of running means."""
    return float(np.mean([np.mean(np.abs(b - a) / np.maximum(np.abs(b), LEAST)) for a, b in _running(own, other)]))


def _running(own: list[Series], other: list[Series]) -> Iterator[tuple[Series, Series]]:
    for a, b in zip(own, other, strict=True):
        n = min(FRAMES, len(a))
        yield tuple(np.convolve(s, np.full(n, 1 / n), "valid") for s in (a, b))  # type: ignore[misc]


def spectral(x: NDArray[np.float32], sample_rate: float) -> list[Series]:
    """Centroid, bandwidth, contrast of low, middle and high bands as one, roll-off, flatness: (frames,) each."""
    found = [_spectral(np.abs(stft(row, N_FFT, HOP)).astype(np.float64), sample_rate) for row in x]
    return [np.mean([f[i] for f in found], axis=0) for i in range(len(found[0]))]


def _spectral(s: NDArray[np.float64], sample_rate: float) -> list[Series]:
    f = np.fft.rfftfreq(N_FFT, 1 / sample_rate)[:, None]
    total = np.maximum(s.sum(0), LEAST)
    centroid = (f * s).sum(0) / total
    bandwidth = np.sqrt(((f - centroid) ** 2 * s).sum(0) / total)
    roll_off = f[np.argmax(np.cumsum(s, 0) >= ROLL_OFF * s.sum(0), 0), 0]
    power = np.maximum(s * s, LEAST)
    flatness = 1 + 10 * np.log10(np.exp(np.log(power).mean(0)) / power.mean(0)) / 100
    return [centroid, bandwidth, _contrast(s, f[:, 0]), np.maximum(roll_off, 1.0), flatness]


def _contrast(s: NDArray[np.float64], f: NDArray[np.floating[Any]]) -> Series:
    """Peaks over valleys in dB, mean over the bands."""
    found = []
    for low, high in pairwise(EDGES):
        band = np.sort(s[(f >= low) & (f < high)], axis=0)
        n = max(round(QUANTILE * len(band)), 1)
        found.append(20 * np.log10(np.maximum(band[-n:].mean(0), LEAST) / np.maximum(band[:n].mean(0), LEAST)))
    return np.clip(np.mean(found, axis=0), 1, 120)


def panning(x: NDArray[np.float32], sample_rate: float) -> list[Series]:
    """Rms of the places, of all bins and of three bands."""
    left, right = stft(x, image.N_FFT, HOP)
    phi = image.places(left, right).astype(np.float64) ** 2
    f = np.fft.rfftfreq(image.N_FFT, 1 / sample_rate)
    parts = [(0, np.inf), (0, 250), (250, 2500), (2500, np.inf)]
    return [np.sqrt(phi[(f >= low) & (f < high)].mean(0)) + 1e-4 for low, high in parts]


def dynamic(x: NDArray[np.float32]) -> list[Series]:
    """1 - rms in dB, 1 + how far the level strays, crest in dB: by frame, left and right together."""
    frames = np.lib.stride_tricks.sliding_window_view(x, N_FFT, axis=1)[:, ::HOP].astype(np.float64)
    power = np.maximum((frames**2).mean(axis=(0, 2)), LEAST)
    peak = np.maximum(np.abs(frames).max(axis=(0, 2)), 1e-5)
    rms = 10 * np.log10(power)
    n = min(FRAMES, len(rms))
    spread = np.abs(rms - np.convolve(rms, np.full(n, 1 / n), "same"))
    return [1 - rms, 1 + spread, np.maximum(20 * np.log10(peak) - rms, 1.0)]
