"""Listen closer: fit what is known of one sound to it, in some seconds, and leave the network as it is.

Sixty-four numbers that are added to what the network knows of a texture, and slow bends of where its curves start, go
down the gradient of the loss that all training has. Nothing else changes, so every other texture stays as it is.
A prompt is tuned likewise for a language model that stands: Lester et al., "The power of scale for parameter-efficient
prompt tuning", EMNLP 2021.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from rtengine.models.texture.bands import BANDS
from rtengine.models.texture.embedding import CONDITION, CURVES, LEARNT, columns
from rtengine.models.texture.training.ear import Ear
from rtengine.models.texture.training.losses import ContentKept, Sound, TextureStatistics, leakage, roughness
from rtengine.models.texture.training.modulation import modulate
from rtengine.models.texture.training.network import TextureNetwork
from rtengine.models.texture.training.songs import crops, istft, levelled
from rtengine.models.texture.training.subjects import CROP, Subject
from rtengine.models.texture.training.trainer import CONTENT, LEAK, ROUGHNESS, distances, objective, render

STEPS = 30
CROPS = 2  # of music, in each step
RATES = 0.05, 0.015  # of the numbers, and of the bends, in nepers; falling along a cosine to a tenth
BENDS = 16  # of each curve
STRENGTHS = 0.5, 1.0
MIDDLES = 0.66, 0.74, 0.82, 0.9  # what the middle of the knob may mean
MAKEUP = columns("makeup").start - LEARNT
CLOSER, BEGIN = (slice(c.start - LEARNT, c.stop - LEARNT) for c in (columns("closer"), columns("curves")))


def listen(
    network: TextureNetwork,
    name: str,
    subject: Subject,
    content: Sequence[NDArray[np.float32]],
    ear: Ear,
    seed: int,
    tell: Callable[[int], object] = lambda step: None,
) -> list[dict[str, float]]:
    """Change what the network knows of one of its textures, and what the middle of the knob means with it.

    Only if the ear says that it is nearer so. subject: the sound. content: music, (samples,) at 44.1 kHz, CROP or more
    each. tell: is called after each of STEPS steps. Returns the losses of each.
    """
    i = network.names.index(name)
    row, learnt = network.statistics[i], network.learnt.detach()[i]
    before = row.clone()
    closer, bends = (torch.zeros(size, requires_grad=True) for size in ((CONDITION,), (len(CURVES), BENDS)))
    losses = _descend(network, subject, content, seed, learnt, before, closer, bends, tell)
    at_once, middle = calibrate(network, name, ear), network.middles[name]
    row[:] = _told(before, closer.detach(), bends.detach())
    if calibrate(network, name, ear) < at_once:
        row[:] = before
        network.middles[name] = middle
    row[MAKEUP] = 0
    row[MAKEUP] = ear.taken(network, name)
    return losses


def calibrate(network: TextureNetwork, name: str, ear: Ear) -> float:
    """Let the middle of the knob be where a texture is nearest by the ear, which is returned."""
    scores = {strength: ear.score(network, name, strength) for strength in MIDDLES}
    network.middles[name] = max(scores, key=scores.__getitem__)
    return max(scores.values())


def _descend(
    network: TextureNetwork, subject: Subject, content: Sequence[NDArray[np.float32]], seed: int, learnt: Tensor,
    known: Tensor, closer: Tensor, bends: Tensor, tell: Callable[[int], object],
) -> list[dict[str, float]]:  # fmt: skip
    random, texture, kept = np.random.default_rng(seed), TextureStatistics(), ContentKept()
    generator = torch.Generator(torch.get_default_device()).manual_seed(seed)
    optimiser = torch.optim.Adam([{"params": [p], "lr": r} for p, r in zip((closer, bends), RATES, strict=True)])
    weights = [p for p in network.parameters() if p.requires_grad]
    for p in weights:
        p.requires_grad_(False)
    texture.redraw(seed)
    aim = {family: found.mean(0) for family, found in texture(Sound(subject.takes)).items()}
    losses = []
    for step in range(STEPS):
        for group, rate in zip(optimiser.param_groups, RATES, strict=True):
            group["lr"] = rate * (0.55 + 0.45 * np.cos(np.pi * step / STEPS))
        x = crops(content, CROPS, CROP, random)
        strength = torch.as_tensor(random.uniform(*STRENGTHS, (CROPS, 1)).astype(np.float32))
        modulation = modulate([subject.statistics.modulator], torch.ones(CROPS, 1), CROP, random)
        embedding = torch.cat([learnt, _told(known, closer, bends)])[None].expand(CROPS, -1)
        spectrum, curves = render(network, x, modulation, embedding, strength, generator)
        song, y = Sound(x), Sound(levelled(istft(spectrum, CROP)))
        with torch.no_grad():
            features, own = kept.features(song), texture(song)
        usual = {family: (own[family] - aim[family]).norm(dim=1) for family in aim}
        far, parts = distances(texture(y), aim, usual)
        alike = dict(zip(CONTENT, kept(features, y), strict=True))
        loss = objective(far, alike, strength) + ROUGHNESS * roughness(curves) + LEAK * leakage(song, y).mean()
        optimiser.zero_grad()
        loss.backward()
        if all(torch.isfinite(p.grad).all() for p in (closer, bends) if p.grad is not None):
            optimiser.step()
        losses.append({"loss": loss.item(), **parts, **{k: v.mean().item() for k, v in alike.items()}})
        tell(step + 1)
    for p in weights:
        p.requires_grad_(True)
    return losses


def _told(known: Tensor, closer: Tensor, bends: Tensor) -> Tensor:
    """A row of what is known of a texture, with these numbers and bends added."""
    curves = functional.interpolate(bends[None], BANDS, mode="linear", align_corners=True).flatten()
    return torch.cat(
        [known[: BEGIN.start], known[BEGIN] + curves, known[BEGIN.stop : CLOSER.start], known[CLOSER] + closer]
    )
