"""What leads the network through a sequence: parts of courses, blended."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rtengine.block import kernel
from rtengine.models.bands import BANDS, BINS
from rtengine.models.course import Course, follow


class Lead(NamedTuple):
    """moves (batch, frames, BANDS) in nepers, tones (batch, frames, BINS)."""

    moves: Tensor
    tones: Tensor


def lead(courses: Sequence[Course], shares: Tensor, frames: int, random: np.random.Generator) -> Lead:
    """Follow each course of which there is a share, (batch, courses), from any place of it."""
    moves = np.zeros((len(shares), frames, BANDS), np.float32)
    tones = np.zeros((len(shares), frames, BINS), np.float32)
    for i, row in enumerate(shares.tolist()):
        for one, share in zip(courses, row, strict=True):
            if share > 0:
                _follow(one.moves, one.tones, int(random.integers(len(one.moves))), share, moves[i], tones[i])
    place = torch.get_default_device()
    return Lead(torch.as_tensor(moves, device=place), torch.as_tensor(tones, device=place))


@kernel
def _follow(moves, tones, start, share, now, spectra):
    for m in range(now.shape[0]):
        follow(moves, tones, (start + m) % moves.shape[0], share, now[m], spectra[m])
