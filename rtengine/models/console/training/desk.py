"""A desk with gradients: strips as one complex gain a bin, and a loss between its mix and the human one.

    mix(f, m) = sum over s of g_s c_s(m) H_s(f) X_s(f, m),     side(f, m) = w(f) |mix(f, m)|
    loss = mean over resolutions, sum and difference, of  |Y - Z| / |Y|  +  mean |log Y - log Z|

H are the very filters of the strip, evaluated at the bins; g brings the strip to its loudness; c is the compressor's
curve over the peaks of hops, without its movement, which is faster than a window. The level of the whole is free.
Source: C. Steinmetz, J. Reiss, "Style transfer of audio effects with differentiable signal processing", JAES 2022 (the
idea); R. Yamamoto et al., "Parallel WaveGAN", 2020 (the loss); C. Steinmetz et al., "Automatic multitrack mixing with a
differentiable mixing console of neural audio effects", ICASSP 2021 (sum and difference).
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rtengine.dsp.console import biquad
from rtengine.dsp.console.equaliser import EQUALISER, weighting
from rtengine.dsp.console.features import MUSDB18
from rtengine.dsp.console.normalise import ACTION, KNEE
from rtengine.models.console import ear
from rtengine.models.console.training.network import Answer

SIZES = (512, 2048, 8192)  # samples of the windows
LOW, HIGH = 250.0, 2500.0  # Hz, between the bands of the width
SPAN = 8.0  # seconds that are compared


class Spoilt(NamedTuple):
    """One song as a stage gave it: mono stems (S, samples), mid and side of its mix (2, samples), what is heard.

    wide: whether that mix is by people, so that its side counts.
    """

    stems: Tensor
    human: Tensor
    power: Tensor
    peak: Tensor
    active: Tensor
    loudness: Tensor
    roles: list[str]
    sample_rate: int
    wide: bool


def filters(gains: Tensor, frequencies: Tensor, sample_rate: float) -> Tensor:
    """The complex gain of a strip's six bands, gains (S, 6) dB, at frequencies (F,): (S, F)."""
    z = torch.exp(-2j * np.pi * frequencies / sample_rate)[None]
    total = torch.ones(len(gains), len(frequencies), dtype=torch.complex64)
    for band, (kind, frequency, q) in enumerate(EQUALISER):
        w = 2 * np.pi * frequency / sample_rate
        alpha, c = np.sin(w) / (2 * q), np.cos(w)
        a = (10 ** (gains[:, band] / 40))[:, None]
        if kind == biquad.PEAK:
            total = total * ((1 + alpha * a) - 2 * c * z + (1 - alpha * a) * z * z)
            total = total / ((1 + alpha / a) - 2 * c * z + (1 - alpha / a) * z * z)
            continue
        s = 1.0 if kind == biquad.LOW_SHELF else -1.0
        root = 2 * torch.sqrt(a) * alpha
        b0, b2 = a * (a + 1 - s * (a - 1) * c + root), a * (a + 1 - s * (a - 1) * c - root)
        b1 = s * 2 * a * (a - 1 - s * (a + 1) * c)
        a0, a1, a2 = a + 1 + s * (a - 1) * c + root, -s * 2 * (a - 1 + s * (a + 1) * c), a + 1 + s * (a - 1) * c - root
        total = total * (b0 + b1 * z + b2 * z * z) / (a0 + a1 * z + a2 * z * z)
    return total


def gains(song: Spoilt, answer: Answer) -> Tensor:
    """Faders, (S,) dB: what brings each strip, after its bands, to the loudness that is wanted of it."""
    at = torch.tensor(np.array(weighting())[ear.FIRST : ear.LAST], dtype=torch.float32)
    mean = (song.power * song.active[..., None]).sum(1) / song.active.sum(1, keepdim=True).clamp(min=1)
    centres = torch.tensor(1000 * 10 ** ((np.arange(ear.FIRST, ear.LAST) - 16) / 10), dtype=torch.float32)
    curve = filters(answer.bands[0], centres, 48_000.0).abs().square()
    change = 10 * torch.log10((mean * at * curve).sum(1) / (mean * at).sum(1).clamp(min=1e-20))
    wanted = torch.tensor([MUSDB18[r][0] - 10 * np.log10(song.roles.count(r)) for r in song.roles])
    return wanted.float() + answer.balance[0] - song.loudness - change


def reduction(song: Spoilt, answer: Answer) -> Tensor:
    """What the compressors do, (S, hops) dB, at least 0."""
    level = 20 * torch.log10(song.peak + 1e-6)
    loud = torch.quantile(level, 0.875, dim=1, keepdim=True)
    ratio = torch.tensor([ACTION[r][2] for r in song.roles])[:, None]
    slope = 1 - 1 / ratio
    over = level - (loud - answer.taken[0][:, None] / slope)
    return slope * torch.nn.functional.softplus(over, beta=4 / KNEE)


def loss(song: Spoilt, answer: Answer, start: int) -> Tensor:
    """How far the desk's mix of SPAN seconds from sample `start` on is from the song's own."""
    rate = song.sample_rate
    stop = start + int(SPAN * rate)
    total = torch.zeros(())
    quieter, fader = reduction(song, answer), gains(song, answer)
    for size in SIZES:
        window = torch.hann_window(size)
        f = torch.arange(size // 2 + 1) * rate / size
        x, human = (
            torch.stft(t[:, start:stop], size, size // 2, window=window, center=False, return_complex=True)
            for t in (song.stems, song.human)
        )
        frames = x.shape[-1]
        hop = ((start + size / 2 * (torch.arange(frames) + 1)) / ear.HOP).long().clamp(max=quieter.shape[1] - 1)
        level = 10 ** ((fader[:, None] - quieter[:, hop]) / 20)
        mid = (x * filters(answer.bands[0], f, rate)[..., None] * level[:, None]).sum(0).abs()
        low, middle, high = (10 ** (answer.sides[0, k] / 20) for k in range(3))
        wide = torch.where(f < LOW, low, torch.where(f < HIGH, middle, high))
        side = mid * wide[:, None]
        scale = torch.sqrt(human[0].abs().square().sum() / mid.square().sum().clamp(min=1e-12))
        pairs = [(mid * scale, human[0].abs()), (side * scale, human[1].abs())]
        for mine, theirs in pairs if song.wide else pairs[:1]:
            floor = 1e-3 * theirs.square().mean().sqrt() + 1e-7
            total = total + (mine - theirs).square().sum().sqrt() / theirs.square().sum().sqrt().clamp(min=1e-6)
            total = total + (torch.log(mine + floor) - torch.log(theirs + floor)).abs().mean()
    return total / ((2 if song.wide else 1) * len(SIZES))
