"""The envelopes and partials of a whole sequence: parts of modulators, blended."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rtengine.models.texture.bands import BANDS, BINS, HOP_LENGTH
from rtengine.models.texture.modulator import Modulator, follow
from rtengine.native.kernel import kernel


class Modulation(NamedTuple):
    """envelopes (batch, frames, BANDS) in nepers, partials (batch, frames, BINS)."""

    envelopes: Tensor
    partials: Tensor


def modulate(modulators: Sequence[Modulator], shares: Tensor, samples: int, random: np.random.Generator) -> Modulation:
    """Follow each modulator of which there is a share, (batch, modulators), from any place of it."""
    frames = samples // HOP_LENGTH + 1
    envelopes = np.zeros((len(shares), frames, BANDS), np.float32)
    partials = np.zeros((len(shares), frames, BINS), np.float32)
    for i, row in enumerate(shares.tolist()):
        for one, share in zip(modulators, row, strict=True):
            if share > 0:
                start = int(random.integers(len(one.envelopes)))
                _follow(one.envelopes, one.partials, start, share, envelopes[i], partials[i])
    place = torch.get_default_device()
    return Modulation(torch.as_tensor(envelopes, device=place), torch.as_tensor(partials, device=place))


@kernel
def _follow(envelopes, partials, start, share, now, spectra):
    for m in range(now.shape[0]):
        follow(envelopes, partials, (start + m) % envelopes.shape[0], share, now[m], spectra[m])
