"""What the texture network hears: bands against their running means, levels, attacks.

Everything is (..., frames, width), and serves whole sequences and single frames. With one frame a running mean is a
line of ONNX; with many it is a sum over blocks, so that training sees no loop over time.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SAMPLE_RATE = 44100
N_FFT = 1024
HOP_LENGTH = 256
BINS = N_FFT // 2 + 1
BANDS = 64
FRAME_RATE = SAMPLE_RATE / HOP_LENGTH
WINDOW_POWER = 0.375 * N_FFT  # sum of the squared Hann window: mean |STFT|^2 of white noise of variance 1
FLOOR = 1e-8  # added to powers of bins; a 16-bit signal's own rounding is ten times this
SLOW = 3.0  # s, of the means that tell a song's long-term spectrum and level
FAST = 0.05  # s, of the level that the texture's own sound follows
MEANS = 2 * BANDS + 4  # slow means of bands, power and 1; fast means of the same
WIDTH = 3 * BANDS + 2  # of what the network hears


class Heard(NamedTuple):
    """The music at each frame, levels in nepers; (..., frames, width)."""

    features: Tensor  # (..., WIDTH): bands against the running level, their own means, the last 50 ms; level; rush
    bands: Tensor  # (..., BANDS), log amplitude
    usual: Tensor  # (..., BANDS), slow mean of `bands` against the slow level
    rush: Tensor  # (..., 1), how much the bands rise, on average
    amplitude: Tensor  # (..., 1), of the last 50 ms, as an RMS of bins
    loudness: Tensor  # (..., 1), weighted power


def hear(magnitude: Tensor, analysis: Tensor, means: Tensor) -> tuple[Heard, Tensor]:
    """Features of (..., frames, channels, BINS) and the running means at each frame, (..., frames, MEANS)."""
    power = (magnitude * magnitude).mean(-2)
    energies, mean_power, loudness = (power @ analysis).split([BANDS, 1, 1], -1)
    bands = 0.5 * torch.log(energies + FLOOR)
    once = torch.cat([bands, mean_power, torch.ones_like(mean_power)], -1)
    keep = torch.tensor([decay(SLOW)] * (BANDS + 2) + [decay(FAST)] * (BANDS + 2))
    means = running_mean(torch.cat([once, once], -1), means, keep)
    slow, slow_weight, fast, fast_weight = means.split([BANDS + 1, 1, BANDS + 1, 1], -1)
    slow, slow_power = (slow / slow_weight).split([BANDS, 1], -1)  # of the ones: what a mean since the start weighs
    fast, fast_power = (fast / fast_weight).split([BANDS, 1], -1)
    level = 0.5 * torch.log(slow_power + FLOOR)
    now = 0.5 * torch.log(fast_power + FLOOR)
    relative = bands - level
    attack = bands - fast
    rush = attack.clamp(0, 3).mean(-1, keepdim=True)
    features = torch.cat([relative, bands - slow, attack, now - level, rush], -1).clamp(-4, 4)
    return Heard(features, bands, slow - level, rush, torch.sqrt(fast_power), loudness), means


def analysis_matrix() -> Tensor:
    """(BINS, BANDS + 2): power of bins to power of bands, mean power, loudness."""
    bands = torch.as_tensor(band_matrices()[0]).T
    return torch.cat([bands, torch.full((BINS, 1), 1 / BINS), torch.as_tensor(loudness_weights())[:, None]], 1)


def band_matrices(
    bands: int = BANDS, n_fft: int = N_FFT, low: float = 40.0, high: float = 20000.0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mel-like triangles: analysis (bands, bins), rows of sum 1, and synthesis (bands, bins), columns of sum 1.

    A band is at least two bins wide, so that none is empty. Edges in Hz.
    """
    mel = np.linspace(_mel(low), _mel(high), bands + 2)
    edge = 700 * (10 ** (mel / 2595) - 1)
    step = SAMPLE_RATE / n_fft
    f = np.arange(n_fft // 2 + 1) * step
    centre = edge[1:-1, None]
    left, right = np.minimum(edge[:-2, None], centre - step), np.maximum(edge[2:, None], centre + step)
    triangle = np.maximum(0, np.minimum((f - left) / (centre - left), (right - f) / (right - centre)))
    analysis = triangle / triangle.sum(1, keepdims=True)
    triangle[0, f < centre[0]] = 1  # the outer bands reach to 0 and to half the sample rate
    triangle[-1, f > centre[-1]] = 1
    synthesis = triangle / triangle.sum(0, keepdims=True)
    return analysis.astype(np.float32), synthesis.astype(np.float32)


def _mel(frequency: float) -> float:
    return 2595 * math.log10(1 + frequency / 700)


def loudness_weights() -> NDArray[np.float32]:
    """Power weight of each bin, (bins,): BS.1770's K curve, by the response of its two filters for 48 kHz."""
    z = np.exp(-2j * np.pi * np.arange(BINS) * SAMPLE_RATE / N_FFT / 48000)
    shelf = np.polyval([1.19839281085285, -2.69169618940638, 1.53512485958697], z)
    shelf = shelf / np.polyval([0.73248077421585, -1.69065929318241, 1.0], z)
    high_pass = np.polyval([1.0, -2.0, 1.0], z) / np.polyval([0.99007225036621, -1.99004745483398, 1.0], z)
    return (np.abs(shelf * high_pass) ** 2).astype(np.float32)


def decay(seconds: float) -> float:
    """What a running mean of this time constant keeps from one frame to the next."""
    return math.exp(-1 / (seconds * FRAME_RATE))


def running_mean(x: Tensor, past: Tensor, keep: Tensor, block: int = 128) -> Tensor:
    """y[m] = keep y[m-1] + (1 - keep) x[m], y[-1] = past.

    x (..., frames, width), past (..., 1, width), keep (width,), whose equal values lie together.
    """
    if int(x.shape[-2]) == 1:
        return keep * past + (1 - keep) * x
    values, counts = torch.unique_consecutive(keep, return_counts=True)
    parts = []
    for value, piece, begin in zip(values, x.split(counts.tolist(), -1), past.split(counts.tolist(), -1), strict=True):
        parts.append(_running_mean(piece, begin, float(value), block))
    return torch.cat(parts, -1)


def _running_mean(x: Tensor, past: Tensor, keep: float, block: int) -> Tensor:
    n = torch.arange(block, dtype=torch.float64)
    weights = ((1 - keep) * torch.tril(keep ** (n[:, None] - n).clamp(min=0))).to(x)
    fade = (keep ** (n + 1)).to(x)[:, None]
    parts = []
    for piece in x.split(block, -2):
        size = piece.shape[-2]
        parts.append(weights[:size, :size] @ piece + fade[:size] * past)
        past = parts[-1][..., -1:, :]
    return torch.cat(parts, -2)
