"""How much of an output is the song through a filter: what is heard of the dry song behind a texture."""

import numpy as np
import torch
from numpy.typing import NDArray

from rtengine.models.texture.bands import SAMPLE_RATE

Samples = NDArray[np.float32]

N_FFT, HOP_LENGTH = 2048, 512
INDEPENDENT = 1.5  # hops between frames that are independent, with this overlap


def explained(song: Samples, y: Samples, seconds: float = 0.0) -> float:
    """Share of the power of y, (samples,), that one complex gain a bin makes out of the song, the best there is.

    seconds: how long a gain stands; 0 for all of it. Each bin is y's power times its coherence with the song, less what
    coherence is found by chance. 1: an equaliser, 0: another sound, or one that only moves as the song does.
    """
    window = torch.hann_window(N_FFT)
    x, z = (
        torch.stft(torch.as_tensor(v), N_FFT, HOP_LENGTH, window=window, return_complex=True).numpy() for v in (song, y)
    )
    frames = round(seconds * SAMPLE_RATE / HOP_LENGTH) or x.shape[1]
    found = whole = 0.0
    for begin in range(0, x.shape[1] - frames + 1, frames):
        a, b = x[:, begin : begin + frames], z[:, begin : begin + frames]
        powers = [(v.real**2 + v.imag**2).sum(1) + 1e-9 for v in (a, b)]
        coherence = np.abs((a.conj() * b).sum(1)) ** 2 / (powers[0] * powers[1])
        chance = INDEPENDENT / frames
        found += float((np.clip((coherence - chance) / (1 - chance), 0, 1) * powers[1]).sum())
        whole += float(powers[1].sum())
    return found / whole
