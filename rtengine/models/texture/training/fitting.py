"""What HIFI does for files beside the network: each six seconds are fitted to the texture's own statistics.

The band levels of what the network made are moved by gains, one for each band and frame, a few steps down the gradient
of a distance from the texture, weighed against what would be lost of the song. The texture is known by its modulator's
envelopes alone, so that any sound can be aimed at. Both functions are written to ONNX files, the gradient written out,
for the host has no automatic differentiation: `hear` gives statistics and features of band levels and of the low bins,
`step` takes one step of Adam.

Statistics are of the kinds in losses.py, but of the 64 levels of the network's own bands. Sources: as there; Gatys,
Ecker, Bethge, "A neural algorithm of artistic style", 2015 (optimising the picture itself); Kingma, Ba, "Adam", 2015.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from rtengine.models.texture.bands import BANDS, FRAME_RATE, HOP_LENGTH, band_matrices
from rtengine.models.texture.curve import LOW
from rtengine.models.texture.fit import FEWER, FRAMES, LONG, LONG_HOP, ROOT, TONES, tables
from rtengine.models.texture.training.losses import KERNELS, correlation

WEIGHTS = {"spectrum": 0.4, "gram": 0.45, "moments": 0.25, "correlation": 0.15, "modulation": 0.3}
CONTENT = {"melody": 0.8, "chroma": 0.5, "onsets": 0.8, "loudness": 0.5}
SEED = 77  # of the random convolutions
RATE, FIRST, SECOND = 0.1, 0.8, 0.95  # nepers a step, and what Adam's two means keep
BEND = 0.02  # weight of the gains' bends from band to band
DEEP = 6.9  # nepers, 60 dB, below the loudest that counts
NECK = math.log(10) / 20  # nepers of a decibel


def random_kernels() -> list[tuple[Tensor, int]]:
    """Convolutions (channels, 1, bands, frames) of several shapes, and their strides in frames."""
    generator = torch.Generator().manual_seed(SEED)
    kernels = []
    for channels, bands, frames, stride in KERNELS:
        w = torch.randn(channels, 1, bands, frames, generator=generator)
        if frames > 9:  # long kernels are for slow things
            w = functional.avg_pool2d(functional.pad(w, (2, 2, 0, 0)), (1, 5), 1)
        w = w - w.mean((2, 3), keepdim=True)
        kernels.append((w / w.square().sum((2, 3), keepdim=True).sqrt(), stride))
    return kernels


class Constants:
    """Matrices of both functions."""

    def __init__(self, kernels: list[tuple[Tensor, int]], given: Sequence[Tensor] = ()) -> None:
        """Given: the tables, in their order, where they come from outside."""
        analysis, synthesis = (torch.as_tensor(m) for m in band_matrices())
        self.spread = synthesis @ analysis.T  # from a gain in each band to what the levels of bands move by
        self.low = synthesis[:, :LOW].contiguous()
        self.width = synthesis.mean(1)  # of each band, of all
        self.kernels = kernels
        found = given or [torch.as_tensor(t) for t in tables().values()]
        self.rates, self.frame, self.pitches, self.hann, self.columns, self.rows = found


def transform(x: Tensor, c: Constants, bins: int) -> tuple[Tensor, Tensor]:
    """Real and imaginary parts of the first bins of the windowed DFT of (rows, ROOT ** 2) numbers.

    In two products of small matrices, a fifth of the work of one of large ones: with n = ROOT a + b, first the sums
    over a, whose bins only go up to ROOT, then those over b. Source: Cooley and Tukey, 1965.
    """
    sums = (x * c.hann).reshape(len(x), ROOT, ROOT).transpose(1, 2).reshape(-1, ROOT) @ c.columns  # (rows b, part bin)
    sums = sums.reshape(len(x), 2 * ROOT, ROOT).permute(2, 0, 1)  # (bin, rows, b part)
    count = -(-bins // ROOT)
    found = torch.bmm(sums, c.rows[..., :count].reshape(ROOT, 2 * ROOT, -1))  # (bin, rows, part times)
    real, imaginary = found.permute(1, 2, 0).reshape(len(x), 2, -1)[..., :bins].unbind(1)
    return real, imaginary


def statistics(levels: Tensor, c: Constants) -> dict[str, Tensor]:
    """Of band levels (FRAMES, BANDS) in nepers, by family, (numbers,) each."""
    d = torch.maximum(levels.T, levels.detach().amax() - DEEP)
    broad = 0.5 * torch.log(torch.exp(2 * levels.T).mean(0) + 1e-12)
    d = d - _running(broad[None], int(FRAME_RATE) | 1)
    e = torch.exp(0.6 * d)
    mean = e.mean(1, keepdim=True)
    spread = (e - mean).square().mean(1, keepdim=True).add(1e-8).sqrt()
    z = (e - mean) / spread
    square = z * z
    skew = (square * z).mean(1)
    real, imaginary = transform(z, c, FRAMES // 2 + 1)
    rates = (real * real + imaginary * imaginary) @ c.rates
    return {
        "spectrum": d.mean(1),
        "gram": _gram((d - d.mean(1, keepdim=True)) * (0.1 / NECK), c),
        "moments": torch.cat(
            [
                4 * (spread / mean)[:, 0],
                torch.sign(skew.detach()) * (skew.abs() + 1e-3).pow(1 / 3),
                torch.log((square * square).mean(1) / 3),
            ]
        ),
        "correlation": (z @ z.T / FRAMES).reshape(-1),
        "modulation": torch.sqrt(rates / (rates.sum(1, keepdim=True) + 1e-9) + 1e-6).reshape(-1),
    }


def _gram(z: Tensor, c: Constants) -> Tensor:
    """Gram matrices of random convolutions, in four ranges of bands; z (BANDS, FRAMES)."""
    out = []
    half = z.unflatten(1, (-1, 2)).mean(2)
    quarter = half.unflatten(1, (-1, 2)).mean(2)
    for w, stride in c.kernels:
        q = half if stride == 2 else quarter
        a = functional.relu(_Convolution.apply(q[None, None], w, 2))[0]
        for part in a.split(-(-a.shape[1] // 4), 1):
            u = part.reshape(len(a), -1)
            g = (u @ u.T / u.shape[1]).reshape(-1)
            size = g.square().sum().add(1e-12).sqrt()
            out += [g / size, 0.15 * torch.log(size).reshape(1)]
    return torch.cat(out)


class _Convolution(torch.autograd.Function):
    """By fixed kernels, in strides of so many: its gradient as an operation that ONNX has."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor, stride: int) -> Tensor:
        ctx.w, ctx.shape, ctx.stride = w, x.shape, stride
        return functional.conv2d(x, w, stride=stride)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        rest = [(n - k) % ctx.stride for n, k in zip(ctx.shape[2:], ctx.w.shape[2:], strict=True)]
        back = functional.conv_transpose2d(gradients[0], ctx.w, stride=ctx.stride, output_padding=rest)
        return back, None, None


def _running(x: Tensor, frames: int) -> Tensor:
    """Mean over so many frames around each of (rows, frames), the ends repeated."""
    rows, half = len(x), frames // 2
    padded = torch.cat([x[:, :1].expand(rows, half), x, x[:, -1:].expand(rows, half)], 1)
    return _Convolution.apply(padded[None, None], torch.full((1, 1, 1, frames), 1 / frames), 1)[0, 0]


def content(levels: Tensor, low: Tensor, c: Constants) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Peaks (long frames, bins), chroma (long frames, 12), onsets and loudness (frames,) of levels and low bins.

    low (FRAMES, 2, LOW): real and imaginary parts.
    """
    hop = HOP_LENGTH // FEWER
    pieces = (low.reshape(FRAMES, -1) @ c.frame).split(hop, 1)
    rows = [functional.pad(piece, (0, 0, i, len(pieces) - 1 - i)) for i, piece in enumerate(pieces)]
    x = torch.stack(rows).sum(0)  # (hops, hop)
    each, step = LONG // hop, LONG_HOP // hop
    many = (len(x) - each) // step + 1
    parts = x[: (many + each // step - 1) * step].reshape(-1, LONG_HOP)
    long = torch.cat([parts[i : i + many] for i in range(each // step)], 1)
    real, imaginary = (part[:, TONES[0] :] for part in transform(long, c, TONES[-1] + 1))
    m = (real * real + imaginary * imaginary + 1e-12).sqrt()
    chroma = m @ c.pitches
    m = torch.log1p(m / (m.detach().amax() * 0.02 + 1e-6))
    peaks = functional.relu(m - _running(m, 31))
    d = levels / NECK
    d = torch.maximum(d, d.detach().amax() - 60)
    onsets = _running(functional.relu(d[3:] - d[:-3]).mean(1)[None], 5)[0]
    power = torch.exp(2 * levels) @ c.width
    loudness = 10 / math.log(10) * torch.log(_running(power[None], 17)[0] + 1e-6)
    return peaks, chroma, onsets, torch.maximum(loudness, loudness.detach().amax() - 40)


def kept(song: tuple[Tensor, ...], y: tuple[Tensor, ...]) -> list[Tensor]:
    """Correlations of melody, chroma, onsets and loudness."""
    found = []
    for a, b in zip(song, y, strict=True):
        if a.dim() == 1:
            found.append(correlation(a, b))
            continue
        weight = (a.square().sum(1) + 1e-12).sqrt()
        found.append((correlation(a, b, 1) * weight).sum() / (weight.sum() + 1e-6))
    return found


def sizes(c: Constants) -> dict[str, int]:
    """How many numbers each family has."""
    return {k: len(v) for k, v in statistics(torch.randn(FRAMES, BANDS), c).items()}


def hear(levels: Tensor, low: Tensor, c: Constants) -> tuple[Tensor, ...]:
    """All statistics, (numbers,), then the four features."""
    return (torch.cat([*statistics(levels, c).values()]), *content(levels, low, c))


def distance(
    gains: Tensor, levels: Tensor, low: Tensor, wanted: Tensor, own: Tensor, weight: Tensor,
    song: tuple[Tensor, ...], c: Constants,
) -> Tensor:  # fmt: skip
    """How far levels and low bins under gains (FRAMES, BANDS) are from what is wanted, and what of the song is lost.

    wanted, own: statistics of the texture and of the song. weight (1,): of the texture, 0 to 1. song: its features.
    """
    moved = levels + gains @ c.spread
    lower = low * torch.exp(gains @ c.low)[:, None]
    far = torch.zeros(())
    begin = 0
    for family, found in statistics(moved, c).items():
        end = begin + len(found)
        d = (found - wanted[begin:end]).square().sum().add(1e-8).sqrt()
        usual = (own[begin:end] - wanted[begin:end]).square().sum().add(1e-4).sqrt()
        far = far + WEIGHTS[family] * d / usual
        begin = end
    lost = sum(
        (w * (1 - k) for w, k in zip(CONTENT.values(), kept(song, content(moved, lower, c)), strict=True)),
        torch.zeros(()),
    )
    bends = (gains[:, 2:] - 2 * gains[:, 1:-1] + gains[:, :-2]).square().mean()
    return (weight * far + (1 - weight) * lost + BEND * bends).sum()


def step(
    gains: Tensor, first: Tensor, second: Tensor, count: Tensor, levels: Tensor, low: Tensor, wanted: Tensor,
    own: Tensor, weight: Tensor, *rest: Any,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """One step of Adam; count (1,): from 1 on. rest: the song's four features, and the constants."""
    *song, c = rest
    (gradient,) = torch.autograd.grad(distance(gains, levels, low, wanted, own, weight, tuple(song), c), gains)
    first = FIRST * first + (1 - FIRST) * gradient
    second = SECOND * second + (1 - SECOND) * gradient * gradient
    mean = first / (1 - torch.exp(count * math.log(FIRST)))
    size = second / (1 - torch.exp(count * math.log(SECOND)))
    return gains.detach() - RATE * mean / (size.sqrt() + 1e-8), first, second
