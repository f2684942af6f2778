"""The sounds that music is to be made of, as training needs them."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rtengine.models.exemplars import exemplar
from rtengine.models.texture.bands import HOP_LENGTH, SAMPLE_RATE
from rtengine.models.texture.clip import measured
from rtengine.models.texture.embedding import Statistics
from rtengine.models.texture.training.songs import levelled
from rtengine.models.texture.training.zoo import unnamed

CROP = 688 * HOP_LENGTH  # samples, 4 s
MODULATOR = 12.1  # s of an exemplar that a modulator is made of
TAKES = 6  # of a recording, at most


class Subject(NamedTuple):
    """A sound: what the network is told of it, and takes of it, (takes, CROP)."""

    statistics: Statistics
    takes: Tensor


def named(name: str) -> Subject:
    """A shipped texture, six takes of its exemplar; its modulator is of a further one."""
    return Subject(measured(exemplar(name, MODULATOR, SAMPLE_RATE, seed=0)), exemplar_takes(name, 6))


def exemplar_takes(name: str, count: int) -> Tensor:
    """So many takes of a texture's exemplar, (count, CROP)."""
    found = [exemplar(name, CROP / SAMPLE_RATE, SAMPLE_RATE, seed) for seed in range(1, count + 1)]
    return levelled(torch.as_tensor(np.stack(found)))


def stranger(number: int) -> Subject:
    """A texture without a name, three takes of it, told as any dropped sound would be."""
    found = np.stack([unnamed(number, CROP / SAMPLE_RATE, seed) for seed in range(1, 4)])
    return Subject(measured(found.ravel()), levelled(torch.as_tensor(found)))


def recorded(x: NDArray[np.float32]) -> Subject:
    """A recording, (samples,) at 44.1 kHz."""
    return Subject(measured(x), takes(x))


def takes(x: NDArray[np.float32]) -> Tensor:
    """Crops of a sound, spread over it, (takes, CROP); one that is shorter goes round."""
    if len(x) < CROP:
        x = np.resize(x, CROP)
    starts = np.linspace(0, len(x) - CROP, min(TAKES, max(1, 2 * len(x) // CROP - 1))).astype(int)
    return levelled(torch.as_tensor(np.stack([x[s : s + CROP] for s in starts])))
