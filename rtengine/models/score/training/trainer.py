"""Training of the score network: by the clock, resumable, from nothing or from a network that was trained before."""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rtengine.models.score.training.begin import Begun
from rtengine.models.score.training.data import Music, crop
from rtengine.models.score.training.network import Composer
from rtengine.models.score.training.pieces import Stretch
from rtengine.models.score.words import FIELDS

LENGTH, BATCH = 512, 4  # words of a crop, crops of a step
RATE, FLOOR, WARM = 1.5e-3, 2e-5, 100  # learning rate, what it falls to along a cosine, steps until it is reached
AGAIN = 0.5  # of RATE, for a network that knows something already
DECAY, CLIP = 0.05, 1.0
EVERY = 100  # steps between two states that are kept
CROPS = 24  # validated on


class Trainer:
    """Trains for `minutes` of this machine's time in all, whatever the number of sessions; `begun` goes on learning."""

    def __init__(self, music: Music, minutes: float, seed: int, begun: Begun | None = None) -> None:
        torch.manual_seed(seed)
        self.music, self.minutes, self.seed = music, minutes, seed
        self.earlier = begun.facts if begun else {}
        self.network, self.rate = (begun.network, AGAIN * RATE) if begun else (Composer(), RATE)
        self.optimiser = torch.optim.AdamW(_groups(self.network), lr=RATE, betas=(0.9, 0.95))
        self.step, self.seconds = 0, 0.0
        sizes = np.array([len(s.words) for s in music.seen], float)
        self.weights = sizes / sizes.sum()
        self.judged = [crop(s, LENGTH, np.random.default_rng(i)) for i, s in enumerate(_some(music.held or music.seen))]

    def run(self, path: Path, told: Callable[[str], None] = print) -> None:
        """Train to the end; the state is kept at `path` every EVERY steps and at the end."""
        began = time.monotonic() - self.seconds
        running = np.zeros(len(FIELDS))
        while self.seconds < 60 * self.minutes:
            losses = self._stepped()
            running = losses if self.step == 1 else 0.98 * running + 0.02 * losses
            self.seconds = time.monotonic() - began
            if self.step % EVERY == 0 or self.seconds >= 60 * self.minutes:
                self.keep(path)
                told(
                    f"{self.step} steps, {self.seconds / 60:.1f} min: seen {_line(running)}; held {_line(self.judge())}"
                )

    def _stepped(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        self.network.train()
        random = np.random.default_rng((self.seed, self.step))
        chosen = random.choice(len(self.weights), BATCH, p=self.weights)
        words, told = _batch([crop(self.music.seen[i], LENGTH, random) for i in chosen])
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        losses = self._losses(words, told)
        self.optimiser.zero_grad()
        losses.sum().backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), CLIP)
        self.optimiser.step()
        self.step += 1
        return losses.detach().double().numpy()

    def _losses(self, words: Tensor, told: Tensor) -> Tensor:
        known = self.network(words[:, :-1].clamp(min=0), told)
        there = words[:, 1:, 0] >= 0
        return self.network.losses(known[there], words[:, 1:][there])

    def _rate(self) -> float:
        done = min(self.seconds / (60 * self.minutes), 1.0)
        return min((self.step + 1) / WARM, 1.0) * (FLOOR + (self.rate - FLOOR) * 0.5 * (1 + math.cos(math.pi * done)))

    def judge(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """(fields,) losses on what is held out."""
        self.network.eval()
        with torch.no_grad():
            found = [self._losses(*_batch(self.judged[i : i + 8])) for i in range(0, len(self.judged), 8)]
        return torch.stack(found).double().mean(dim=0).numpy()

    def keep(self, path: Path) -> None:
        """Write all that training goes on from; renamed when whole."""
        state = {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict(), "step": self.step,
                 "seconds": self.seconds, "seed": self.seed, "shape": self.network.shape, "rate": self.rate,
                 "earlier": self.earlier}  # fmt: skip
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def resume(self, path: Path) -> None:
        """Go on from what `keep` wrote. Its own seed is kept."""
        state = torch.load(path, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds, self.seed = state["step"], state["seconds"], state["seed"]
        self.rate, self.earlier = state["rate"], state["earlier"]


def _batch(crops: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[Tensor, Tensor]:
    words, told = zip(*crops, strict=True)
    return torch.from_numpy(np.stack(words)), torch.from_numpy(np.stack(told))


def _some(found: Sequence[Stretch]) -> list[Stretch]:
    """CROPS of them, half of them drums if there are any."""
    random = np.random.default_rng(0)
    kinds = [[s for s in found if (s.bars.style > 1) == drums and len(s.words) > 64] for drums in (False, True)]
    return [kind[int(random.integers(len(kind)))] for kind in kinds if kind for _ in range(CROPS // 2)] or [*found[:1]]


def _groups(network: Composer) -> list[dict[str, object]]:
    """Matrices decay, the rest does not."""
    matrices = [p for n, p in network.named_parameters() if p.ndim == 2 and not n.startswith(("fields", "told"))]
    known = {id(p) for p in matrices}
    others = [p for p in network.parameters() if id(p) not in known]
    return [{"params": matrices, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]


def _line(losses: np.ndarray) -> str:
    return f"{losses.sum():.3f} ({', '.join(f'{n} {v:.2f}' for n, v in zip(FIELDS, losses, strict=True))})"
