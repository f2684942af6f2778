"""Go on training from a model file, for sounds that it does not know: what `python -m offline train` does.

The network keeps its names and is given new ones. A batch is made of the new sounds, of a few old ones, so that they
are not forgotten, and of a blend of two of these.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from rtengine.models.exemplars import EXEMPLARS
from rtengine.models.texture import clip
from rtengine.models.texture.bands import SAMPLE_RATE
from rtengine.models.texture.embedding import LEARNT
from rtengine.models.texture.training.modulation import modulate
from rtengine.models.texture.training.restore import restored
from rtengine.models.texture.training.songs import settle
from rtengine.models.texture.training.subjects import CROP, exemplar_takes, recorded
from rtengine.models.texture.training.trainer import Trainer, render

RATE = 1e-3  # highest learning rate
REMEMBERED = 4  # old textures that are heard again


def tuner(
    file: Path, clips: Mapping[str, NDArray[np.float32]], content: list[NDArray[np.float32]], seed: int
) -> Trainer:
    """A Trainer that goes on from a model file with these sounds, (samples,) at 44.1 kHz, as further textures.

    Raises ValueError if the file was not made by this project's training, or has one of the names already.
    """
    torch.manual_seed(seed)
    network = restored(file)
    if both := set(network.names) & clips.keys():
        raise ValueError(f"{', '.join(sorted(both))}: {file.name} has a texture of this name already: rename the clip")
    old = len(network.names)
    makeup = float(network.statistics[:, clip.MAKEUP - LEARNT].median())
    subjects = [recorded(x) for x in clips.values()]
    network.add(
        {n: clip.embedding(s.statistics, makeup) for n, s in zip(clips, subjects, strict=True)},
        {n: s.statistics.modulator for n, s in zip(clips, subjects, strict=True)},
    )
    known = [i for i, name in enumerate(network.names[:old]) if name in EXEMPLARS]
    again = np.random.default_rng(seed).permutation(known)[:REMEMBERED].tolist()
    absent = subjects[0]._replace(takes=torch.zeros(0, CROP))
    placed = [
        absent._replace(takes=exemplar_takes(name, 3)) if i in again else absent
        for i, name in enumerate(network.names[:old])
    ]  # what is told of an old texture stands in the network
    new = range(old, old + len(clips))
    turns = [turn for i in again for turn in (*new, i)] or list(new)
    return Trainer(network, [*placed, *subjects], content, seed, turns, RATE)


def heard(trainer: Trainer, name: str, seconds: float = 8.0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A piece of the music, and what the network makes of it at strength 0.7, (samples,) at 44.1 kHz."""
    longest = max(trainer.content, key=len)
    start = max(0, len(longest) - round(seconds * SAMPLE_RATE)) // 2
    x = torch.as_tensor(longest[start : start + round(seconds * SAMPLE_RATE)][None].copy())
    embedding = trainer.network.embeddings()[trainer.network.names.index(name)][None]
    with torch.no_grad():
        generator = torch.Generator(torch.get_default_device()).manual_seed(0)
        modulator = trainer.network.modulators[name]
        modulation = modulate([modulator], torch.ones(1, 1), x.shape[1], np.random.default_rng(0))
        spectrum, _ = render(trainer.network, x, modulation, embedding, torch.full((1, 1), 0.7), generator)
        y = settle(spectrum, x.shape[1])
    return x[0].cpu().numpy(), y[0].cpu().numpy()
