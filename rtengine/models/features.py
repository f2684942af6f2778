"""What the texture network hears: bands, running means, levels. One code for whole sequences and for one frame.

Everything is (..., frames, width). With one frame a running mean is one line of ONNX; with many it is a sum over
blocks, so training sees no loop over time. Both agree to float32 rounding, which a test holds.
"""

import math

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
LOUDNESS = 1.5  # s, of the powers that the output's level is matched by


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
    """Power weight of each bin: the K curve of BS.1770, from its two biquads' response at 48 kHz, (bins,)."""
    z = np.exp(-2j * np.pi * np.arange(BINS) * SAMPLE_RATE / N_FFT / 48000)
    shelf = np.polyval([1.19839281085285, -2.69169618940638, 1.53512485958697], z)
    shelf = shelf / np.polyval([0.73248077421585, -1.69065929318241, 1.0], z)
    high_pass = np.polyval([1.0, -2.0, 1.0], z) / np.polyval([0.99007225036621, -1.99004745483398, 1.0], z)
    return (np.abs(shelf * high_pass) ** 2).astype(np.float32)


def decay(seconds: float) -> float:
    """What a running mean of this time constant keeps from one frame to the next."""
    return math.exp(-1 / (seconds * FRAME_RATE))


def running_mean(x: Tensor, past: Tensor, keep: float, block: int = 128) -> Tensor:
    """y[m] = keep y[m-1] + (1 - keep) x[m], y[-1] = past.  x (..., frames, width), past (..., 1, width)."""
    if int(x.shape[-2]) == 1:
        return keep * past + (1 - keep) * x
    n = torch.arange(block, dtype=torch.float64)
    power = (n[:, None] - n[None, :]).clamp(min=0)
    weights = ((1 - keep) * torch.tril(keep**power)).to(x)
    fade = (keep ** (n + 1)).to(x)[:, None]
    parts = []
    for piece in x.split(block, -2):
        size = piece.shape[-2]
        parts.append(weights[:size, :size] @ piece + fade[:size] * past)
        past = parts[-1][..., -1:, :]
    return torch.cat(parts, -2)
