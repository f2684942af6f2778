"""Train the texture network: python -m rtengine.models.training --out FOLDER --minutes 40.

Each step takes a few random crops of songs, textures them in one piece (the network is causal, so this is what the host
will do frame by frame), rebuilds the signal by inverse STFT, and asks how near the texture's statistics are and how
much of the song is left. The strength is drawn at random, weighs the two against each other, and is told to the network:
so it becomes a knob. Equal seed, data and step count give equal weights on one machine with one thread.
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor

from rtengine.models.exemplars import exemplar
from rtengine.models.export import export
from rtengine.models.features import HOP_LENGTH, N_FFT, SAMPLE_RATE
from rtengine.models.losses import REDRAW, WEIGHTS, ContentKept, TextureStatistics
from rtengine.models.network import TextureNetwork
from rtengine.models.textures import CHOSEN, statistics

HELD_OUT = (
    "acappella_vocadito_1", "drums_loops_sonicpi", "electronic_synthgroove", "game_rpg_16", "indie_cabin_fever",
    "lofi_tad_florist", "orchestral_sugar_plum_fairy", "piano_chopin_op55_eliogu", "rock_hyde_acoustic_driven",
    "vocal_folkpop_karissa_hobbs",
)  # songs that training never sees  # fmt: skip
LONGEST = 60  # s of each song
CROP = 688 * HOP_LENGTH  # samples, 4 s
BATCH = 6
LEVEL = 0.06  # RMS of every crop, in and out of the losses
RATE = 2e-3  # learning rate, falling along a cosine to a twentieth
WINDOW = torch.hann_window(N_FFT)


def content_folder() -> Path:
    """Where the songs are: $RTENGINE_DATA/content, or ../shared/data/content."""
    return Path(os.environ.get("RTENGINE_DATA", "../shared/data")) / "content"


def load(path: Path) -> NDArray[np.float32]:
    """Decode a song to mono at the model's sample rate, at most a minute."""
    with soundfile.SoundFile(path) as file:
        x = file.read(LONGEST * file.samplerate, dtype="float32", always_2d=True).mean(1)
        return soxr.resample(x, file.samplerate, SAMPLE_RATE).astype(np.float32)


def songs(folder: Path, held_out: bool) -> dict[str, NDArray[np.float32]]:
    """All songs of a folder by name: those held out of training, or the others.  Raises OSError if there is none."""
    paths = [p for p in sorted(folder.glob("*.*")) if p.suffix[1:].upper() in soundfile.available_formats() | {"OPUS": 0}]
    found = {p.stem: load(p) for p in paths if (p.stem in HELD_OUT) == held_out}
    found = {n: x for n, x in found.items() if len(x) >= CROP}
    if not found:
        raise OSError(f"no songs of {CROP / SAMPLE_RATE:.0f} s or more in {folder}")
    return found


def stft(x: Tensor) -> Tensor:
    """(batch, samples) to (batch, frames, bins), complex."""
    return torch.stft(x, N_FFT, HOP_LENGTH, window=WINDOW, return_complex=True).transpose(1, 2)


def istft(spectrum: Tensor, samples: int) -> Tensor:
    return torch.istft(spectrum.transpose(1, 2), N_FFT, HOP_LENGTH, window=WINDOW, length=samples)


def render(
    network: TextureNetwork, x: Tensor, embedding: Tensor, strength: Tensor, generator: torch.Generator
) -> Tensor:
    """Texture a batch of mono signals (batch, samples) as the host does, but for its phase iterations."""
    spectrum = stft(x)
    phase = torch.polar(torch.ones_like(spectrum.real), spectrum.angle())
    noise = stft(torch.randn(x.shape, generator=generator)) / phase
    past = network.zeros(len(x))
    past[network.CLOCKS] = torch.rand(past[network.CLOCKS].shape, generator=generator)  # any time of day
    relative, _ = network(
        spectrum.abs()[:, :, None], torch.stack([noise.real, noise.imag], 2)[:, :, None], embedding[:, None], strength[:, None], past
    )
    return istft(torch.complex(relative[:, :, 0, 0], relative[:, :, 0, 1]) * phase, x.shape[1])


def levelled(x: Tensor) -> Tensor:
    return x * (LEVEL / (x.detach().square().mean(1, keepdim=True).sqrt() + 1e-4))


def exemplars(name: str, count: int = 6) -> Tensor:
    """Several realisations of a texture, (count, CROP)."""
    found = [exemplar(name, CROP / SAMPLE_RATE, SAMPLE_RATE, seed) for seed in range(1, count + 1)]
    return levelled(torch.as_tensor(np.stack(found)))


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
        self.exemplars = {n: exemplars(n) for n in self.names}
        self.usual: dict[str, float] = {}  # running mean of the songs' own distance, by family and texture

    def batch(self) -> Tensor:
        """Random crops of random songs, levelled, (BATCH, CROP)."""
        out = []
        for i in self.random.choice(len(self.content), BATCH, p=self.chances):
            start = self.random.integers(len(self.content[i]) - CROP + 1)
            out.append(self.content[i][start : start + CROP])
        return levelled(torch.as_tensor(np.stack(out)))

    def targets(self) -> None:
        self.texture.redraw(self.seed * 1000 + self.step // REDRAW)
        with torch.no_grad():
            found = {n: self.texture(x) for n, x in self.exemplars.items()}
            self.target = {k: torch.stack([found[n][k].mean(0) for n in self.names]) for k in WEIGHTS}

    def advance(self, progress: float) -> dict[str, float]:
        """One step; progress 0 to 1 sets the learning rate. Returns the losses."""
        if self.step % REDRAW == 0 or not hasattr(self, "target"):
            self.targets()
        for group in self.optimiser.param_groups:
            warm = min(1.0, (self.step + 1) / 60)
            group["lr"] = RATE * warm * (0.05 + 0.475 * (1 + np.cos(np.pi * min(1.0, progress))))
        x = self.batch()
        chosen = torch.arange(BATCH) % len(self.names)
        strength = torch.as_tensor(self.random.uniform(0.3, 1.0, (BATCH, 1)).astype(np.float32))
        y = levelled(render(self.network, x, self.network.embeddings()[chosen], strength, self.generator))
        with torch.no_grad():
            song, own = self.kept.features(x), self.texture(x)
        far, log = self._distance(self.texture(y), own, chosen)
        melody, onsets, loudness = self.kept(song, y)
        lost = (1 - melody) + 0.7 * (1 - onsets) + 0.3 * (1 - loudness)
        weight = 0.25 + 0.6 * strength[:, 0]
        loss = 2 * (weight * far + (1 - weight) * lost).mean()
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimiser.step()
        self.step += 1
        kept = {"melody": melody, "onsets": onsets, "loudness": loudness}
        return {"loss": float(loss.detach()), **log, **{k: float(v.detach().mean()) for k, v in kept.items()}}

    def _distance(self, found: dict[str, Tensor], own: dict[str, Tensor], chosen: Tensor) -> tuple[Tensor, dict[str, float]]:
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
            log[family] = float(part.detach().mean())
        return total, log

    def save(self, path: Path) -> None:
        """Write a checkpoint beside and rename, so that it is whole or absent."""
        state = {
            "network": self.network.state_dict(), "optimiser": self.optimiser.state_dict(), "step": self.step,
            "random": self.random.bit_generator.state, "generator": self.generator.get_state(), "usual": self.usual,
        }  # fmt: skip
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def restore(self, path: Path) -> None:
        state = torch.load(path, weights_only=False)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.usual = state["step"], state["usual"]
        self.random.bit_generator.state = state["random"]
        self.generator.set_state(state["generator"])


def train(arguments: argparse.Namespace) -> None:
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(arguments.threads)
    trainer = Trainer(songs(Path(arguments.content), held_out=False), arguments.seed, arguments.width, arguments.layers)
    checkpoint = out / "checkpoint.pt"
    if arguments.resume and checkpoint.exists():
        trainer.restore(checkpoint)
    begun, first, recent = time.monotonic(), trainer.step, []
    while trainer.step < arguments.steps:
        recent.append(trainer.advance(trainer.step / arguments.steps))
        if trainer.step % 50 == 0 or trainer.step == first + 5:
            seconds = (time.monotonic() - begun) / (trainer.step - first)
            means = " ".join(f"{k} {np.mean([r[k] for r in recent]):.3f}" for k in recent[-1])
            left = seconds * (arguments.steps - trainer.step) / 60
            print(f"step {trainer.step} of {arguments.steps}, {seconds:.2f} s each, {left:.0f} min left: {means}", flush=True)
            recent = []
        if trainer.step % 100 == 0 or trainer.step == arguments.steps:
            trainer.save(checkpoint)
    facts = {"seed": arguments.seed, "steps": trainer.step, "batch": BATCH, "torch": torch.__version__}
    export(trainer.network, out / "textures.onnx", facts)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rtengine.models.training", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", default="training", help="folder of the checkpoint and textures.onnx")
    parser.add_argument("--content", default=str(content_folder()), help="folder of songs")
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
