"""How the texture network learns, step by step.

Each step takes a few random crops of songs, textures them in one piece (the network is causal, so this is what the
host will do frame by frame), rebuilds the signal by inverse STFT, and asks how near the texture's statistics are and
how much of the song is left. The strength is drawn at random, weighs the two against each other, and is told to the
network: so it becomes a knob. Equal seed, data and steps give equal weights on one machine with as many threads.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rtengine.models.texture.bands import loudness_weights
from rtengine.models.texture.embedding import EMBEDDING, LEARNT, columns
from rtengine.models.texture.training.losses import (
    REDRAW,
    WEIGHTS,
    ContentKept,
    Sound,
    TextureStatistics,
    leakage,
    roughness,
)
from rtengine.models.texture.training.modulation import Modulation, modulate
from rtengine.models.texture.training.network import TextureNetwork
from rtengine.models.texture.training.songs import crops, istft, levelled, settle, stft
from rtengine.models.texture.training.subjects import CROP, Subject
from rtengine.models.texture.weights import kept

BATCH = 7
STRANGERS, BLENDS = 3, 1  # of a batch; the rest have names
PRESENT = 8  # strangers at a time
UNTOLD = 0.2  # how often a name is told by its fingerprint alone
RATE = 2e-3  # learning rate, falling along a cosine to a twentieth
CONTENT = {"melody": 0.8, "chroma": 0.5, "onsets": 0.8, "loudness": 0.5}
ROUGHNESS = 0.1  # weight of the curves' bends; without it, combs appear above 8 kHz
TINY = 1e-12  # a magnitude below which there is no phase
LEAK = 0.5  # weight of what is added to the quietest moments
MAKEUP = columns("makeup").start - LEARNT  # the column in a subject's numbers


def render(
    network: TextureNetwork,
    x: Tensor,
    modulation: Modulation,
    embedding: Tensor,
    strength: Tensor,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Texture mono signals (batch, samples): the spectrum (batch, frames, bins) and the network's curves."""
    spectrum = stft(x)
    magnitude, past = spectrum.abs(), network.start(len(x))
    phase = torch.where(magnitude > TINY, spectrum / magnitude.clamp(min=TINY), 1)
    noise = stft(torch.randn(x.shape, generator=generator)) * phase.conj()
    relative = torch.stack([noise.real, noise.imag], 2)[:, :, None]
    y, _, curves = network(magnitude[:, :, None], relative, *modulation, embedding[:, None], strength[:, None], past)
    return torch.complex(y[:, :, 0, 0], y[:, :, 0, 1]) * phase, curves


def objective(far: Tensor, kept: Mapping[str, Tensor], strength: Tensor) -> Tensor:
    """What is to be small: the stronger, the more the distance from the texture, (batch,), counts against the song's.

    kept: how alike the song is, (batch,), by the names in CONTENT. strength (batch, 1).
    """
    lost = sum((w * (1 - kept[k]) for k, w in CONTENT.items()), torch.zeros(len(far)))
    weight = 0.4 + 0.55 * strength[:, 0]
    return 2 * (weight * far + (1 - weight) * lost).mean()


def distances(
    found: Mapping[str, Tensor], wanted: Mapping[str, Tensor], usual: Mapping[str, Tensor]
) -> tuple[Tensor, dict[str, float]]:
    """Distance of statistics from the wanted ones by family, (batch,): 0 there, 1 if it is the usual one; its parts."""
    total, parts = torch.zeros(()), {}
    for family, weight in WEIGHTS.items():
        part = (found[family] - wanted[family]).square().sum(1).add(1e-8).sqrt() / usual[family]
        total, parts[family] = total + weight * part, part.mean().item()
    return total, parts


class Trainer:
    """All that a run needs to go on exactly where it stopped: network, optimiser, random states, step.

    Of a batch, some textures have a name. Some are strangers, so that the network learns to read fingerprints; one is a
    blend of two, whose aim lies between theirs, so that a morph passes through what lies between. Now and then a name
    is told by its fingerprint alone, as a dropped sound is. Each follows any part of its modulator.

    network: begun, or trained before. subjects: one for each of its names, then strangers. content: songs, (samples,).
    turns: the names (numbers) that the crops of a batch are made of, one after another; all of them if none is given.
    rate: the highest learning rate.
    """

    def __init__(
        self,
        network: TextureNetwork,
        subjects: Sequence[Subject],
        content: Sequence[NDArray[np.float32]],
        seed: int,
        turns: Sequence[int] = (),
        rate: float = RATE,
    ) -> None:
        self.network, self.subjects, self.rate = network, subjects, rate
        self.count = len(network.names)
        self.turns = turns or range(self.count)
        strangers = [s.statistics.numbers() for s in subjects[self.count :]]
        self.strangers = torch.tensor(strangers).reshape(len(strangers), EMBEDDING - LEARNT)
        self.optimiser = torch.optim.AdamW(network.parameters(), rate, (0.9, 0.98), weight_decay=1e-4)
        self.random = np.random.default_rng(seed)
        self.generator = torch.Generator(torch.get_default_device()).manual_seed(seed)
        self.seed, self.step = seed, 0
        self.content = content
        self.modulators = [*network.modulators.values(), *(s.statistics.modulator for s in subjects[self.count :])]
        self.texture, self.kept = TextureStatistics(), ContentKept()
        self.present: list[int] = []  # the strangers of these steps
        self.target: dict[str, Tensor] = {}  # statistics of each subject, 0 for strangers that are not present
        self.usual: dict[str, float] = {}  # running mean of the songs' own distance, by family and subject

    @property
    def told(self) -> Tensor:
        """What is known of each subject and not learnt, (subjects, EMBEDDING - LEARNT)."""
        return torch.cat([self.network.statistics, self.strangers])

    def batch(self) -> Tensor:
        """Random crops of random songs, levelled, (BATCH, CROP)."""
        return crops(self.content, BATCH, CROP, self.random)

    def shares(self) -> Tensor:
        """Which subjects a batch is made of: a row of weights for each crop, (BATCH, subjects)."""
        shares = torch.zeros(BATCH, len(self.subjects))
        plain = BATCH - BLENDS - (STRANGERS if self.present else 0)
        first, names = self.step * plain, sorted(set(self.turns))
        for i in range(plain):
            shares[i, self.turns[(first + i) % len(self.turns)]] = 1
        for i in range(plain, BATCH - BLENDS):
            shares[i, self.random.choice(self.present)] = 1
        for i in range(BATCH - BLENDS, BATCH):
            a, b = self.random.choice(names, 2, replace=len(names) < 2)
            shares[i, a] = share = float(self.random.uniform(0.25, 0.75))
            shares[i, b] += 1 - share
        return shares

    def embedding(self, shares: Tensor) -> Tensor:
        """The embeddings of these blends, (BATCH, EMBEDDING); some without what was learnt of the name."""
        known = torch.as_tensor(self.random.random((len(shares), 1)) > UNTOLD).float()
        return torch.cat([known * (shares[:, : self.count] @ self.network.learnt), shares @ self.told], 1)

    def render(self, x: Tensor, shares: Tensor, embedding: Tensor, strength: Tensor) -> tuple[Tensor, Tensor]:
        """Texture a batch with any parts of the blends' modulators."""
        modulation = modulate(self.modulators, shares, x.shape[1], self.random)
        return render(self.network, x, modulation, embedding, strength, self.generator)

    def advance(self, progress: float) -> dict[str, float]:
        """Take one step; progress 0 to 1 sets the learning rate. Returns the losses."""
        if self.step % REDRAW == 0 or not self.target:
            self._redraw()
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * min(1.0, (self.step + 1) / 60) * (0.05 + 0.475 * (1 + np.cos(np.pi * progress)))
        x = self.batch()
        shares = self.shares()
        strength = torch.as_tensor(self.random.uniform(0.3, 1.0, (BATCH, 1)).astype(np.float32))
        spectrum, curves = self.render(x, shares, self.embedding(shares), strength)
        before, y = Sound(x), Sound(levelled(istft(spectrum, CROP)))
        with torch.no_grad():
            song, own = self.kept.features(before), self.texture(before)
        far, log = self._distance(self.texture(y), own, shares)
        kept = dict(zip(CONTENT, self.kept(song, y), strict=True))
        bend, leak = roughness(curves), leakage(before, y).mean()
        loss = objective(far, kept, strength) + ROUGHNESS * bend + LEAK * leak
        self.optimiser.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimiser.step()
        self.step += 1
        kept_log = {k: v.mean().item() for k, v in kept.items()}
        return {"loss": loss.item(), **log, **kept_log, "bend": bend.item(), "leak": leak.item()}

    def _redraw(self) -> None:
        """Other random convolutions, and other strangers."""
        begin = self.step // REDRAW * REDRAW
        self.texture.redraw(self.seed * 1000 + begin // REDRAW)
        strangers = len(self.subjects) - self.count
        if strangers:
            drawn = np.random.default_rng([self.seed, begin]).choice(strangers, min(PRESENT, strangers), replace=False)
            self.present = sorted((self.count + drawn).tolist())
        with torch.no_grad():
            for i in [*sorted(set(self.turns)), *self.present]:
                for family, found in self.texture(Sound(self.subjects[i].takes)).items():
                    aims = self.target.setdefault(family, torch.zeros(len(self.subjects), found.shape[1]))
                    aims[i] = found.mean(0)

    def _distance(
        self, found: dict[str, Tensor], own: dict[str, Tensor], shares: Tensor
    ) -> tuple[Tensor, dict[str, float]]:
        """Distance from the aims (BATCH,): 0 there, 1 as far as songs are on average; and its parts."""
        wanted = {family: shares @ self.target[family] for family in WEIGHTS}
        usual = {family: self._usual(family, own[family] - wanted[family], shares) for family in WEIGHTS}
        return distances(found, wanted, usual)

    def _usual(self, family: str, away: Tensor, shares: Tensor) -> Tensor:
        """How far songs are on average from the subject that each crop is most of, (BATCH,)."""
        usual = []
        for i, d in zip(shares.argmax(1).tolist(), away.norm(dim=1).tolist(), strict=True):
            key = f"{family} {i}"
            self.usual[key] = 0.95 * self.usual.get(key, d) + 0.05 * d
            usual.append(self.usual[key])
        return torch.tensor(usual)

    def finish(self, rounds: int = 4) -> None:
        """Round the matrices to the 16 bits that the host keeps of a number, and make good for what phases take.

        That goes into the embeddings: what phase reconstruction takes from each one's loudness, by `rounds` crops.
        """
        statistics = self.network.statistics
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                value.copy_(torch.as_tensor(np.ascontiguousarray(kept(name, value.cpu().numpy()))))
        weights = torch.as_tensor(loudness_weights())
        statistics[: self.count, MAKEUP] = 0
        taken: list[list[float]] = [[] for _ in range(self.count)]
        with torch.no_grad():
            for turn in range(-(-rounds * self.count // BATCH)):
                x = self.batch()
                chosen = (turn * BATCH + torch.arange(BATCH)) % self.count
                shares = torch.eye(len(self.subjects))[chosen]
                told = self.network.embeddings()[chosen]
                spectrum, _ = self.render(x, shares, told, torch.full((BATCH, 1), 0.7))
                heard = [(stft(s).abs().square() @ weights).mean(1) for s in (x, settle(spectrum, CROP))]
                for i, d in zip(chosen.tolist(), (0.5 * torch.log(heard[0] / heard[1])).tolist(), strict=True):
                    taken[i].append(d)
        statistics[: self.count, MAKEUP] = torch.tensor([float(np.median(t)) for t in taken])

    def save(self, path: Path, plan: Mapping[str, object] = MappingProxyType({})) -> None:
        """Write a checkpoint beside and rename, so that it is whole or absent; plan: what the caller wants back."""
        state = {
            "network": self.network.state_dict(), "optimiser": self.optimiser.state_dict(), "step": self.step,
            "random": self.random.bit_generator.state, "generator": self.generator.get_state(), "usual": self.usual,
            "plan": dict(plan),
        }  # fmt: skip
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def restore(self, path: Path) -> dict[str, Any]:
        """Go on from a checkpoint; returns its plan."""
        state = torch.load(path, weights_only=False)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.usual = state["step"], state["usual"]
        self.random.bit_generator.state = state["random"]
        self.generator.set_state(state["generator"])
        plan: dict[str, Any] = state["plan"]
        return plan
