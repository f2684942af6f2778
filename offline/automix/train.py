"""automix train FOLDER: teach the controller from the songs of a data set."""

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from offline.automix.evaluate import human, parts
from offline.automix.stems import folders, load
from offline.progress import progress
from rtengine.files.sink import beside, check_path

if TYPE_CHECKING:
    from rtengine.models.console.training.songs import Song

SOUNDING = 40  # made-up songs at most whose sound is kept
SAVED = 60.0  # seconds between two checkpoints
TOLD = 20  # steps between two lines of the log


def run(options: argparse.Namespace) -> None:
    """Train for so many minutes, or until all steps are done; a checkpoint beside the output is gone on from."""
    if len(options.stems) != 2:
        raise ValueError("train takes one folder, which has a folder with stems for each song")
    output = options.output or Path("controller.onnx")
    if output.suffix.lower() != ".onnx":
        raise ValueError(f"{output} does not end in .onnx")
    check_path(output, options.force)
    root = Path(options.stems[1])
    there = folders(root)
    for name in options.hold:
        if name not in [f.name for f in there]:
            raise ValueError(f"--hold {name} is no song of {root}")
    names = [f for f in there if f.name not in options.hold]
    made_up = [f for root in options.practice for f in folders(root)]
    if not made_up and not any(human(f) for f in names):
        raise ValueError(f"no song in {root} that is not held out has a mix beside its stems")
    import torch

    from offline.automix.degrade import degraded
    from rtengine.models.console.model import load as load_model
    from rtengine.models.console.training.export import export
    from rtengine.models.console.training.trainer import Trainer

    torch.set_num_threads(1)
    with progress("songs heard", options.progress) as tell:
        songs = []
        for i, folder in enumerate(names + made_up):
            songs.append(measured(folder, i >= len(names)))
            if i >= len(names) + SOUNDING:
                songs[-1].stems = []
            tell(i + 1, len(names + made_up))
    trainer = Trainer(songs, degraded, options.steps, seed=options.seed)
    for path in options.controller[:1]:
        trainer.network.load(load_model(path).weights)
    checkpoint, log = output.with_suffix(".checkpoint"), output.with_suffix(".log")
    if checkpoint.exists():
        trainer.resume(checkpoint)
    deadline, saved = time.monotonic() + 60 * options.minutes, time.monotonic()
    with log.open("a") as lines, progress("steps", options.progress) as tell:
        while trainer.until(deadline):
            losses = trainer.advance()
            tell(trainer.step, options.steps)
            if trainer.step % TOLD == 1 or trainer.step == options.steps:  # a step that may also have heard a desk
                lines.write(json.dumps({"step": trainer.step, **losses}) + "\n")
                lines.flush()
            if time.monotonic() - saved > SAVED:
                saved = time.monotonic()
                with beside(checkpoint, True) as whole:
                    trainer.save(whole)
    facts = {
        "songs": [s.name for s in songs if not s.made_up], "made up": len(made_up),
        "held out": options.hold, "steps": trainer.step, "of": options.steps, "seed": options.seed,
    }  # fmt: skip
    with beside(output, options.force) as whole:
        export(trainer.network, whole, facts)
    checkpoint.unlink(missing_ok=True)
    print(f"{output}: after {trainer.step} steps on {len(names)} songs and {len(made_up)} made up; {log}: how it went")


def measured(folder: Path, made_up: bool = False) -> "Song":
    """A song of the data set, clean; what is named after nothing counts as other."""
    from rtengine.dsp.console.features import ROLES
    from rtengine.dsp.console.roles import by_name
    from rtengine.models.console.training.songs import song

    track, mix = load(parts(folder)), None if made_up else human(folder)
    roles = [by_name(name) for name in track.names]
    whole = load([mix], track.sample_rate).stems[0] if mix else None
    known = [r if r in ROLES else "other" for r in roles]
    return song(folder.name, track.sample_rate, [str(r) for r in known], track.stems, whole, made_up)
