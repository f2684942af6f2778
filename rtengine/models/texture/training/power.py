"""Power spectrograms whose gradients cost what they themselves do: one real FFT and no complex number laid out anew.

torch.stft's own gradient takes a complex FFT of twice the size and many copies: half of a training step.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

OVERLAP = 4


def power_spectrogram(x: Tensor, n_fft: int) -> Tensor:
    """|STFT|^2 of (batch, samples) with Hann windows and hops of a quarter, as (batch, bins, frames).

    Frames are centred on multiples of the hop, the signal is reflected at its ends, as torch.stft does.
    """
    x = functional.pad(x[:, None], (n_fft // 2, n_fft // 2), mode="reflect")[:, 0]
    power: Tensor = _Power.apply(x, torch.hann_window(n_fft))
    return power.transpose(1, 2)


class _Power(torch.autograd.Function):
    """Of (batch, samples) without padding, (batch, frames, bins)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, window: Tensor) -> Tensor:
        hop_length = len(window) // OVERLAP
        spectrum = torch.fft.rfft(x.unfold(1, len(window), hop_length) * window)
        ctx.save_for_backward(spectrum, window)
        ctx.samples = x.shape[1]
        return spectrum.real.square() + spectrum.imag.square()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        spectrum, window = ctx.saved_tensors
        spectrum = spectrum * gradients[0]
        spectrum[..., :: spectrum.shape[-1] - 1] *= 2  # the inverse counts all other bins twice
        frames = torch.fft.irfft(spectrum, len(window), norm="forward") * window
        pieces = frames.unflatten(-1, (OVERLAP, -1))
        count, hop_length = pieces.shape[1], pieces.shape[3]
        x = pieces.new_zeros(len(pieces), ctx.samples)
        hops = x[:, : (count + OVERLAP - 1) * hop_length].unflatten(1, (-1, hop_length))
        for n in range(OVERLAP):
            hops[:, n : n + count] += pieces[:, :, n]
        return x, None
