"""Train the texture network: python -m rtengine.models.training --out FOLDER.

Each step takes a few random crops of songs, textures them in one piece (the network is causal, so this is what the
host will do frame by frame), rebuilds the signal by inverse STFT, and asks how near the texture's statistics are and
how much of the song is left. The strength is drawn at random, weighs the two against each other, and is told to the
network: so it becomes a knob. Equal seed, data and steps give equal weights on one machine with one thread.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rtengine.models.exemplars import exemplar
from rtengine.models.export import export
from rtengine.models.features import HOP_LENGTH, SAMPLE_RATE, loudness_weights
from rtengine.models.losses import REDRAW, WEIGHTS, ContentKept, TextureStatistics, roughness
from rtengine.models.network import CLOCKS, TextureNetwork
from rtengine.models.songs import content_folder, istft, levelled, settle, songs, stft
from rtengine.models.textures import CHOSEN, statistics

CROP = 688 * HOP_LENGTH  # samples, 4 s
BATCH = 6
RATE = 2e-3  # learning rate, falling along a cosine to a twentieth
CONTENT = {"melody": 1.0, "onsets": 0.7, "loudness": 0.5}
ROUGHNESS = 0.1  # weight of the curves' bends; without it, combs appear above 8 kHz


def render(
    network: TextureNetwork, x: Tensor, embedding: Tensor, strength: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Texture mono signals (batch, samples): the spectrum (batch, frames, bins) and the network's curves."""
    spectrum = stft(x)
    phase = torch.polar(torch.ones_like(spectrum.real), spectrum.angle())
    noise = stft(torch.randn(x.shape, generator=generator)) / phase
    past = network.start(len(x), clocks=torch.rand(len(x), 1, CLOCKS, generator=generator))  # any time of day
    relative = torch.stack([noise.real, noise.imag], 2)[:, :, None]
    y, _, curves = network(spectrum.abs()[:, :, None], relative, embedding[:, None], strength[:, None], past)
    return torch.complex(y[:, :, 0, 0], y[:, :, 0, 1]) * phase, curves


class Trainer:
    """All that a run needs to go on exactly where it stopped: network, optimiser, random states, step."""

    def __init__(self, content: dict[str, NDArray[np.float32]], seed: int, width: int, layers: int) -> None:
        torch.manual_seed(seed)
        self.names = list(CHOSEN)
        self.network = TextureNetwork({n: statistics(n) for n in self.names}, width, layers)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), RATE, (0.9, 0.98), weight_decay=1e-4)
        self.random = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)
        self.seed, self.step = seed, 0
        self.content = list(content.values())
        self.chances = np.array([len(x) for x in self.content], float)
        self.chances /= self.chances.sum()
        self.texture, self.kept = TextureStatistics(), ContentKept()
        self.exemplars = {n: self._exemplars(n) for n in self.names}
        self.target: dict[str, Tensor] = {}
        self.usual: dict[str, float] = {}  # running mean of the songs' own distance, by family and texture

    @staticmethod
    def _exemplars(name: str) -> Tensor:
        """Six realisations of a texture, (6, CROP)."""
        found = [exemplar(name, CROP / SAMPLE_RATE, SAMPLE_RATE, seed) for seed in range(1, 7)]
        return levelled(torch.as_tensor(np.stack(found)))

    def batch(self) -> Tensor:
        """Random crops of random songs, levelled, (BATCH, CROP)."""
        out = []
        for i in self.random.choice(len(self.content), BATCH, p=self.chances):
            start = self.random.integers(len(self.content[i]) - CROP + 1)
            out.append(self.content[i][start : start + CROP])
        return levelled(torch.as_tensor(np.stack(out)))

    def advance(self, progress: float) -> dict[str, float]:
        """Take one step; progress 0 to 1 sets the learning rate. Returns the losses."""
        if self.step % REDRAW == 0 or not self.target:
            self._redraw()
        for group in self.optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (self.step + 1) / 60) * (0.05 + 0.475 * (1 + np.cos(np.pi * progress)))
        x = self.batch()
        chosen = torch.arange(BATCH) % len(self.names)
        strength = torch.as_tensor(self.random.uniform(0.3, 1.0, (BATCH, 1)).astype(np.float32))
        spectrum, curves = render(self.network, x, self.network.embeddings()[chosen], strength, self.generator)
        y = levelled(istft(spectrum, CROP))
        with torch.no_grad():
            song, own = self.kept.features(x), self.texture(x)
        far, log = self._distance(self.texture(y), own, chosen)
        kept = dict(zip(CONTENT, self.kept(song, y), strict=True))
        lost = sum((w * (1 - kept[k]) for k, w in CONTENT.items()), torch.zeros(BATCH))
        weight = 0.3 + 0.6 * strength[:, 0]
        bend = roughness(curves)
        loss = 2 * (weight * far + (1 - weight) * lost).mean() + ROUGHNESS * bend
        self.optimiser.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimiser.step()
        self.step += 1
        return {"loss": loss.item(), **log, **{k: v.mean().item() for k, v in kept.items()}, "bend": bend.item()}

    def _redraw(self) -> None:
        self.texture.redraw(self.seed * 1000 + self.step // REDRAW)
        with torch.no_grad():
            found = [self.texture(self.exemplars[n]) for n in self.names]
            self.target = {k: torch.stack([f[k].mean(0) for f in found]) for k in WEIGHTS}

    def _distance(
        self, found: dict[str, Tensor], own: dict[str, Tensor], chosen: Tensor
    ) -> tuple[Tensor, dict[str, float]]:
        """Distance from the targets (BATCH,): 0 there, 1 as far as songs are on average; and its parts."""
        total, log = torch.zeros(BATCH), {}
        for family, weight in WEIGHTS.items():
            wanted = self.target[family][chosen]
            usual = []
            for i, d in zip(chosen.tolist(), (own[family] - wanted).norm(dim=1).tolist(), strict=True):
                key = f"{family} {i}"
                self.usual[key] = 0.95 * self.usual.get(key, d) + 0.05 * d
                usual.append(self.usual[key])
            part = (found[family] - wanted).square().sum(1).add(1e-8).sqrt() / torch.tensor(usual)
            total = total + weight * part
            log[family] = part.mean().item()
        return total, log

    def make_up(self, batches: int = 4) -> None:
        """Measure what phase reconstruction takes from each texture's loudness, and write it into the embeddings."""
        weights = torch.as_tensor(loudness_weights())
        column = self.network.MAKEUP
        self.network.statistics[:, column] = 0
        taken: list[list[float]] = [[] for _ in self.names]
        with torch.no_grad():
            for _ in range(batches):
                x = self.batch()
                chosen = torch.arange(BATCH) % len(self.names)
                spectrum, _ = render(
                    self.network, x, self.network.embeddings()[chosen], torch.full((BATCH, 1), 0.7), self.generator
                )
                heard = [(stft(s).abs().square() @ weights).mean(1) for s in (x, settle(spectrum, CROP))]
                for i, d in zip(chosen.tolist(), (0.5 * torch.log(heard[0] / heard[1])).tolist(), strict=True):
                    taken[i].append(d)
        self.network.statistics[:, column] = torch.tensor([float(np.median(t)) for t in taken])

    def save(self, path: Path) -> None:
        """Write a checkpoint beside and rename, so that it is whole or absent."""
        state = {
            "network": self.network.state_dict(), "optimiser": self.optimiser.state_dict(), "step": self.step,
            "random": self.random.bit_generator.state, "generator": self.generator.get_state(), "usual": self.usual,
        }  # fmt: skip
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def restore(self, path: Path) -> None:
        """Go on from a checkpoint."""
        state = torch.load(path, weights_only=False)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.usual = state["step"], state["usual"]
        self.random.bit_generator.state = state["random"]
        self.generator.set_state(state["generator"])


def train(out: Path, content: Path, steps: int, seed: int, width: int, layers: int, resume: bool) -> None:
    """Train, and write FOLDER/checkpoint.pt every 100 steps and FOLDER/textures.onnx at the end."""
    out.mkdir(parents=True, exist_ok=True)
    found = songs(content, held_out=False, shortest=CROP)
    trainer = Trainer(found, seed, width, layers)
    checkpoint = out / "checkpoint.pt"
    if resume and checkpoint.exists():
        trainer.restore(checkpoint)
    begun, first = time.monotonic(), trainer.step
    recent: list[dict[str, float]] = []
    while trainer.step < steps:
        recent.append(trainer.advance(trainer.step / steps))
        if trainer.step % 50 == 0 or trainer.step in (first + 5, steps):
            pace = (time.monotonic() - begun) / (trainer.step - first)
            means = " ".join(f"{k} {np.mean([r[k] for r in recent]):.3f}" for k in recent[-1])
            left = pace * (steps - trainer.step) / 60
            sys.stdout.write(f"step {trainer.step} of {steps}, {pace:.2f} s each, {left:.0f} min left: {means}\n")
            sys.stdout.flush()
            recent = []
        if trainer.step % 100 == 0 or trainer.step == steps:
            trainer.save(checkpoint)
    trainer.make_up()
    facts = {
        "seed": seed, "steps": trainer.step, "batch": BATCH, "crop_seconds": round(CROP / SAMPLE_RATE, 2),
        "songs": len(found), "recipe": "python -m rtengine.models.training", "torch": torch.__version__,
    }  # fmt: skip
    export(trainer.network, out / "textures.onnx", facts)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rtengine.models.training", description="Train a texture model.")
    parser.add_argument("--out", type=Path, default=Path("training"), help="folder of checkpoint.pt and textures.onnx")
    parser.add_argument("--content", type=Path, default=content_folder(), help="folder of songs")
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    arguments = vars(parser.parse_args())
    torch.set_num_threads(arguments.pop("threads"))
    train(**arguments)


if __name__ == "__main__":
    main()
