"""A listener that no loss has seen: a small network that is taught here, in a minute, to tell sounds from one another.

It hears band levels of 1.5 s without their loudness, and names one of all exemplars, of the recordings (their first
halves), or music; sounds are equalised anew each time, and every other one has music under it. What it is asked for is
not the name but the 64 numbers before it: where a sound lies among sounds. It must never become a loss.
"""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rtengine.models.exemplars import EXEMPLARS, exemplar
from rtengine.models.texture.bands import SAMPLE_RATE, band_matrices
from rtengine.models.texture.training import judge
from rtengine.models.texture.training.songs import HELD_OUT_SONGS, content_folder, songs, sounds_folder

Samples = NDArray[np.float32]
Array = NDArray[np.float64]

BANDS, N_FFT, HOP_LENGTH, PATCH = 64, 1024, 512, 128  # a patch is 1.5 s
STEPS, BATCH, RATE = 700, 48, 2e-3
TAKE = 100  # seed of the exemplars, far from those of training and of the judge
WIDTH = 64


class Listener(nn.Module):
    """Patches (batch, 1, BANDS, PATCH) in nepers to (batch, WIDTH)."""

    def __init__(self, names: int) -> None:
        super().__init__()
        self.hear = nn.Sequential(
            nn.Conv2d(1, 16, 5, 2, 2), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 32, 3, 2, 1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 64, 3, 2, 1), nn.BatchNorm2d(64), nn.ReLU(),
            nn.Conv2d(64, WIDTH, 3, 2, 1), nn.BatchNorm2d(WIDTH), nn.ReLU(),
        )  # fmt: skip
        self.name = nn.Linear(WIDTH, names)

    def forward(self, x: Tensor) -> Tensor:
        return self.hear(x).mean((2, 3))


def embedding(x: Samples) -> Array:
    """Where a sound, (samples,) at 44.1 kHz, lies: (WIDTH,)."""
    power = _power(x)
    starts = range(0, max(1, power.shape[1] - PATCH + 1), PATCH // 2)
    patches = torch.stack([_levels(_cut(power, start)) for start in starts])[:, None]
    return np.asarray(listener()(patches).mean(0).detach().numpy(), np.float64)


def _power(x: Samples) -> Tensor:
    bands = band_matrices(BANDS, N_FFT)[0] @ judge.spectrogram(x, N_FFT, HOP_LENGTH)
    return torch.as_tensor(bands.astype(np.float32))


def _cut(power: Tensor, start: int) -> Tensor:
    return power[:, torch.arange(start, start + PATCH) % power.shape[1]]


def _levels(power: Tensor) -> Tensor:
    """Nepers against the patch's mean power, 60 dB deep."""
    return 0.5 * torch.log(power / (power.mean() + 1e-12) + 1e-6)


@cache
def listener() -> Listener:
    """Taught once in a process, always the same."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    music = [_power(x[: 30 * SAMPLE_RATE]) for x in _music().values()]
    sounds = [_power(exemplar(name, 20, seed=TAKE)) for name in EXEMPLARS]
    sounds += [_power(x[: len(x) // 2]) for x in _recordings().values()]
    network = Listener(len(sounds) + 1)
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, STEPS)
    for _ in range(STEPS):
        patches, names = [], []
        for _ in range(BATCH):
            name = int(random.integers(len(sounds) + 1))
            song = _varied(music[random.integers(len(music))], random)
            if name == len(sounds):
                patches.append(_levels(song))
            else:
                sound = _varied(sounds[name], random)
                level = 10 ** random.uniform(-1.5, 0.3) if random.random() < 0.5 else 0.0
                patches.append(_levels(sound + level * song))
            names.append(name)
        loss = nn.functional.cross_entropy(network.name(network(torch.stack(patches)[:, None])), torch.tensor(names))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return network.eval()


def _varied(power: Tensor, random: np.random.Generator) -> Tensor:
    """A patch from anywhere, of power 1, with a smooth curve of some decibels over its bands."""
    patch = _cut(power, int(random.integers(power.shape[1])))
    octaves = np.linspace(-1, 1, BANDS)
    curve = random.normal(0, 0.35) * octaves + random.normal(0, 0.35) * np.cos(3 * octaves + random.uniform(0, 6.3))
    patch = patch * torch.as_tensor(np.exp(2 * curve).astype(np.float32))[:, None]
    return patch / (patch.mean() + 1e-12)


def _music() -> dict[str, Samples]:
    try:
        return songs(content_folder(), 5 * SAMPLE_RATE, without=HELD_OUT_SONGS)
    except OSError:
        from rtengine.models.exemplars.music import music

        return {"own piece": music(SAMPLE_RATE).mean(0)}


def _recordings() -> dict[str, Samples]:
    try:
        return songs(sounds_folder(), SAMPLE_RATE)
    except OSError:
        return {}
