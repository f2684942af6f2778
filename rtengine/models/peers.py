"""What a texture model is compared with: transfers that need no training."""

import numpy as np
import torch
from numpy.typing import NDArray

from rtengine.models.bands import BANDS, FLOOR, band_matrices
from rtengine.models.exemplars import exemplar
from rtengine.models.songs import istft, settle, stft

Samples = NDArray[np.float32]


def equalised(x: Samples, name: str) -> Samples:
    """Give the content (samples,) the exemplar's long-term spectrum."""
    analysis, synthesis = (torch.as_tensor(m) for m in band_matrices())
    spectrum = stft(torch.as_tensor(x[None]))
    target = stft(torch.as_tensor(exemplar(name, seed=7)[None]))
    usual = [0.5 * torch.log(s.abs().square().mean(1) @ analysis.T + FLOOR) for s in (target, spectrum)]
    return np.asarray(istft(spectrum * torch.exp((usual[0] - usual[1]) @ synthesis)[:, None], len(x))[0].numpy())


def imprint(x: Samples, name: str) -> Samples:
    """Multiply the content's bands (samples,) by a Gaussian surrogate of the exemplar's band envelopes.

    The surrogate has the envelopes' spectra, their relations between bands and their distributions, but random phases,
    so that nothing is copied.  Source: Prichard and Theiler, Phys. Rev. Lett. 73, 1994, with ranks remapped.
    """
    analysis, synthesis = (torch.as_tensor(m) for m in band_matrices())
    spectrum = stft(torch.as_tensor(x[None]))[0]
    target, content = (
        0.5 * torch.log(s.abs().square() @ analysis.T + FLOOR).numpy()
        for s in (stft(torch.as_tensor(exemplar(name, seed=7)[None]))[0], spectrum)
    )
    frames = len(content)
    moves = np.resize(target - target.mean(0), (frames, BANDS))
    deviation = content - content.mean(0)
    f = np.fft.rfft(moves, axis=0)
    turn = np.exp(2j * np.pi * np.random.default_rng(0).random((len(f), 1)))  # one for all bands keeps their relations
    ranks = np.fft.irfft(f * turn, frames, axis=0).argsort(0).argsort(0)
    surrogate = np.take_along_axis(np.sort(moves, 0), ranks, 0)
    gain = surrogate + 0.6 * (target.mean(0) - content.mean(0)) - 0.3 * np.clip(deviation, -4, 4)
    y = spectrum * torch.exp(torch.as_tensor(np.clip(gain, -6, 5).astype(np.float32)) @ synthesis)
    return np.asarray(settle(y[None], len(x))[0].numpy())
