"""What the texture network hears: bands against their running means, levels, attacks.

Everything is (..., frames, width), and serves whole sequences and single frames. With one frame a running mean is a
line of ONNX; with many it is a sum over blocks, so that training sees no loop over time.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from rtengine.models.texture.bands import BANDS, FLOOR
from rtengine.models.texture.shape import FAST, SLOW, decay


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
    one = torch.ones_like(mean_power)
    keep = torch.tensor([decay(SLOW)] * (BANDS + 2) + [decay(FAST)] * (BANDS + 2))
    means = running_mean(torch.cat([bands, mean_power, one] * 2, -1), means, keep)
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
