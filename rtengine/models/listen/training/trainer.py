"""The training: batches, a learning rate that rises and falls, and the state that was best on the pieces left out."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from rtengine.models.listen.model import windows
from rtengine.models.listen.training.data import Half, Pieces, batches
from rtengine.models.listen.training.network import Genres

BATCH = 32
RATE, DECAY = 2e-3, 1e-2  # of AdamW
WARM = 0.1  # of the steps, in which the rate rises
SMOOTH = 0.1  # of the labels (C. Szegedy et al., "Rethinking the Inception architecture", CVPR 2016)
LOOKS, BETWEEN = 20, 10  # looks at the pieces left out, over the training; steps between two, at least


@dataclass(frozen=True, eq=False)
class Trained:
    """The network, its accuracy on the pieces left out (by whose best state it was chosen), and that of each look."""

    network: Genres
    valid: float
    course: tuple[float, ...]


def train(
    inside: Pieces, valid: Pieces, genres: int, steps: int, seed: int, tell: Callable[[int], object] = lambda n: None
) -> Trained:
    """Train on some pieces, and choose by others: never by those that it is tested with."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = Genres(genres, *inside.level())
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    best, state, course = -1.0, copy.deepcopy(network.state_dict()), []
    every = max(steps // LOOKS, BETWEEN)
    for n, (x, y) in enumerate(batches(inside, BATCH, steps, rng)):
        for group in optimiser.param_groups:
            group["lr"] = RATE * rate(n / steps)
        network.train()
        scores, _ = network(torch.from_numpy(x))
        loss = functional.cross_entropy(scores, torch.from_numpy(y), label_smoothing=SMOOTH)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if (n + 1) % every == 0 or n + 1 == steps:
            right = accuracy(network, valid)
            course.append(right)
            if right > best:
                best, state = right, copy.deepcopy(network.state_dict())
        tell(n + 1)
    network.load_state_dict(state)
    return Trained(network.eval(), best, tuple(course))


def rate(share: float) -> float:
    """Of the learning rate, 0 to 1: up in a straight line, down as a cosine."""
    return share / WARM if share < WARM else 0.5 * (1 + math.cos(math.pi * (share - WARM) / (1 - WARM)))


def taggram(network: Genres, frames: Half) -> NDArray[np.float32]:
    """Softmax of each window of a piece, (windows, genres)."""
    network.eval()
    with torch.no_grad():
        x = torch.from_numpy(np.stack(windows(frames.astype(np.float32))))
        return np.concatenate([network(part)[0].softmax(dim=1).numpy() for part in x.split(BATCH)])


def accuracy(network: Genres, pieces: Pieces) -> float:
    """The share of pieces whose genre has the highest mean over their windows."""
    found = [int(taggram(network, f).mean(axis=0).argmax()) for f in pieces.frames]
    return float((np.array(found) == pieces.genres).mean()) if found else 0.0
