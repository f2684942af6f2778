"""python -m rtengine.models.score.training MUSIC.npz|FOLDER --out FOLDER: train the score network."""

import argparse
from pathlib import Path

import torch

from rtengine.models.score.training.data import divided, gathered, keep, kept
from rtengine.models.score.training.trainer import Trainer


def main() -> None:
    """Train, resuming what stands in the folder."""
    parser = argparse.ArgumentParser(prog="python -m rtengine.models.score.training")
    parser.add_argument("music", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    words = options.out / "words.npz"
    if not words.exists():
        keep(gathered(options.music), words)
    music = divided(kept(words))
    print(f"{sum(len(s.words) for s in music.seen)} words to learn, {sum(len(s.words) for s in music.held)} held out",
          flush=True)  # fmt: skip
    trainer = Trainer(music, options.minutes, options.seed)
    state = options.out / "state.pt"
    if state.exists():
        trainer.resume(state)
    print(f"{sum(p.numel() for p in trainer.network.parameters())} parameters", flush=True)
    trainer.run(state, lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
