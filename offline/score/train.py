"""score train: teach the score network a folder of MIDI files, and write it as a file that score and the host play."""

import argparse
import importlib.util
from pathlib import Path

from offline.progress import progress
from rtengine.files.sink import beside, check_path

NEEDS = ("torch", "onnx", "mido")
WORDS, STATE = "words.npz", "state.pt"


def run(options: argparse.Namespace) -> None:
    """Train, going on from what stands in the folder of the training; errors in a sentence."""
    missing = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        raise ValueError(f"training needs {', '.join(missing)}: pip install 'rtengine[train,score]'")
    if not options.folder.is_dir():
        raise NotADirectoryError(f"{options.folder} is no folder of MIDI files")
    out = options.out or options.folder.with_name(f"{options.folder.name}.onnx")
    if out.suffix != ".onnx":
        raise ValueError(f"--out {out} does not end in .onnx")
    check_path(out, options.force)
    kept = options.state or options.folder.with_name(f"{options.folder.name}-training")
    kept.mkdir(parents=True, exist_ok=True)
    train(options.folder, kept, out, options)


def train(folder: Path, kept: Path, out: Path, options: argparse.Namespace) -> None:
    """Words from MIDI, once; then training until the time is over; then the file."""
    import torch

    from rtengine.models.score.training import data
    from rtengine.models.score.training.begin import begun
    from rtengine.models.score.training.export import export
    from rtengine.models.score.training.memory import longest_shared
    from rtengine.models.score.training.trainer import Trainer

    torch.set_num_threads(options.threads)
    if not (kept / WORDS).is_file():
        with progress("reading MIDI") as done:
            data.keep(data.gathered(folder, done), kept / WORDS)
    music = data.divided(data.kept(kept / WORDS))
    trainer = Trainer(music, options.minutes, options.seed, begun(options.begin) if options.begin else None)
    if (kept / STATE).is_file():
        trainer.resume(kept / STATE)
    print(
        f"{sum(len(s.words) for s in music.seen)} words to learn from, {sum(len(s.words) for s in music.held)} held out"
    )
    trainer.run(kept / STATE, lambda line: print(line, flush=True))
    facts = {"seed": trainer.seed, "steps": trainer.step, "minutes": round(trainer.seconds / 60, 1),
             "words": sum(len(s.words) for s in music.seen), "sources": options.sources, "earlier": trainer.earlier,
             "held out": [round(float(v), 3) for v in trainer.judge()]}  # fmt: skip
    with beside(out, options.force) as whole:
        export(trainer.network, whole, facts)
        shared = longest_shared(whole, music.seen)
        print(f"{out}: {trainer.step} steps; the longest run that it shares with what it learnt from: {shared} notes")
