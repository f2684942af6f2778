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
from rtengine.models.texture.embedding import LEARNT
from rtengine.models.texture.training.network import TextureNetwork
from rtengine.models.texture.training.restore import restored
from rtengine.models.texture.training.subjects import CROP, Subject, exemplar_takes, recorded
from rtengine.models.texture.training.trainer import Trainer

RATE = 1e-3  # highest learning rate
REMEMBERED = 4  # old textures that are heard again


def with_sounds(file: Path, clips: Mapping[str, NDArray[np.float32]]) -> tuple[TextureNetwork, dict[str, Subject]]:
    """The network of a model file with these sounds, (samples,) at 44.1 kHz, as further textures; and the sounds.

    Raises ValueError if the file was not made by this project's training, or has one of the names already.
    """
    network = restored(file)
    if both := set(network.names) & clips.keys():
        raise ValueError(f"{', '.join(sorted(both))}: {file.name} has a texture of this name already: rename the clip")
    makeup = float(network.statistics[:, clip.MAKEUP - LEARNT].median())
    subjects = {name: recorded(x) for name, x in clips.items()}
    network.add(
        {n: clip.embedding(s.statistics, makeup) for n, s in subjects.items()},
        {n: s.statistics.modulator for n, s in subjects.items()},
    )
    return network, subjects


def tuner(
    network: TextureNetwork, sounds: Mapping[str, Subject], content: list[NDArray[np.float32]], seed: int
) -> Trainer:
    """A Trainer of such a network, of which the last textures are the sounds."""
    torch.manual_seed(seed)
    old, subjects = len(network.names) - len(sounds), [*sounds.values()]
    known = [i for i, name in enumerate(network.names[:old]) if name in EXEMPLARS]
    again = np.random.default_rng(seed).permutation(known)[:REMEMBERED].tolist()
    absent = subjects[0]._replace(takes=torch.zeros(0, CROP))
    placed = [
        absent._replace(takes=exemplar_takes(name, 3)) if i in again else absent
        for i, name in enumerate(network.names[:old])
    ]  # what is told of an old texture stands in the network
    new = range(old, len(network.names))
    turns = [turn for i in again for turn in (*new, i)] or list(new)
    return Trainer(network, [*placed, *subjects], content, seed, turns, RATE)
