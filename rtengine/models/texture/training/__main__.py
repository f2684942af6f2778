"""Train the texture model: python -m rtengine.models.texture.training --out FOLDER."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from rtengine.models.texture.bands import SAMPLE_RATE
from rtengine.models.texture.model import load_model
from rtengine.models.texture.textures import SHIPPED_TEXTURES
from rtengine.models.texture.training.allocation import keep_freed_memory
from rtengine.models.texture.training.export import export
from rtengine.models.texture.training.network import TextureNetwork
from rtengine.models.texture.training.restore import take_over
from rtengine.models.texture.training.songs import HELD_OUT_SONGS, HELD_OUT_SOUNDS, content_folder, songs, sounds_folder
from rtengine.models.texture.training.subjects import CROP, named, recorded, stranger
from rtengine.models.texture.training.trainer import BATCH, RATE, Trainer
from rtengine.models.texture.training.zoo import varied

VARIANTS = 4  # of each recording, besides itself
ROUNDS = 24  # crops by which each texture's level is measured at the end


def train(
    out: Path, content: Path, sounds: Path, steps: int, rate: float, seed: int, strangers: int, width: int, layers: int,
    begin: Sequence[Path], resume: bool,
) -> None:  # fmt: skip
    """Train, and write FOLDER/checkpoint.pt every 100 steps and FOLDER/textures.onnx at the end."""
    out.mkdir(parents=True, exist_ok=True)
    found = list(songs(content, CROP, without=HELD_OUT_SONGS).values())
    recordings = songs(sounds, CROP, without=HELD_OUT_SOUNDS) if sounds.is_dir() else {}
    subjects = [
        *(named(name) for name in SHIPPED_TEXTURES), *(recorded(x) for x in recordings.values()),
        *(recorded(varied(x, n)) for n, x in enumerate(list(recordings.values()) * VARIANTS)),
        *(stranger(number) for number in range(strangers)),
    ]  # fmt: skip
    told = [s.statistics for s in subjects]
    torch.manual_seed(seed)
    network = TextureNetwork(dict(zip(SHIPPED_TEXTURES, told, strict=False)), width, layers, told)
    if begin:
        take_over(network, begin)
    trainer = Trainer(network, subjects, found, seed, rate=rate)
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
    trainer.finish(ROUNDS)
    facts = {
        "seed": seed, "steps": trainer.step, "batch": BATCH, "crop_seconds": round(CROP / SAMPLE_RATE, 2),
        "songs": len(found), "recordings": len(recordings), "strangers": strangers,
        "recipe": "python -m rtengine.models.texture.training",
        "torch": torch.__version__,
        "begun": [json.loads(load_model(file).metadata["training"]) for file in begin],
    }  # fmt: skip
    export(trainer.network, out / "textures.onnx", facts)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m rtengine.models.texture.training", description="Train a texture model."
    )
    parser.add_argument("--out", type=Path, default=Path("training"), help="folder of checkpoint.pt and textures.onnx")
    parser.add_argument("--content", type=Path, default=content_folder(), help="folder of songs")
    parser.add_argument("--sounds", type=Path, default=sounds_folder(), help="folder of recordings, strangers too")
    parser.add_argument("--steps", type=int, default=7500)
    parser.add_argument("--rate", type=float, default=RATE, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--strangers", type=int, default=72, help="textures without a name")
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--begin", type=Path, nargs="+", default=[], help="model files from whose mean to go on")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    arguments = vars(parser.parse_args())
    torch.set_num_threads(arguments.pop("threads"))
    keep_freed_memory()
    train(**arguments)


if __name__ == "__main__":
    main()
