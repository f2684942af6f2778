"""The sounds that music is to be made of, as training needs them."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rtengine.models.bands import HOP_LENGTH, SAMPLE_RATE
from rtengine.models.clip import measured
from rtengine.models.embedding import Statistics
from rtengine.models.exemplars import exemplar
from rtengine.models.songs import levelled
from rtengine.models.textures import statistics
from rtengine.models.zoo import unnamed

CROP = 688 * HOP_LENGTH  # samples, 4 s


class Subject(NamedTuple):
    """A sound: what the network is told of it, and takes of it, (takes, CROP)."""

    statistics: Statistics
    takes: Tensor


def named(name: str) -> Subject:
    """A shipped texture, six takes of its exemplar."""
    return Subject(statistics(name), exemplar_takes(name, 6))


def exemplar_takes(name: str, count: int) -> Tensor:
    """So many takes of a texture's exemplar, (count, CROP)."""
    takes = [exemplar(name, CROP / SAMPLE_RATE, SAMPLE_RATE, seed) for seed in range(1, count + 1)]
    return levelled(torch.as_tensor(np.stack(takes)))


def stranger(number: int) -> Subject:
    """A texture without a name, three takes of it, told as any dropped sound would be."""
    takes = np.stack([unnamed(number, CROP / SAMPLE_RATE, seed) for seed in range(1, 4)])
    return Subject(measured(takes.ravel()), levelled(torch.as_tensor(takes)))
