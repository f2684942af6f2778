"""train: make textures of your own sounds, by seconds or minutes of training on from the shipped model.

Each sound is listened to closely first: what is known of it changes, and the network does not. Then the network is
trained. What is kept is what came nearest to the sounds with a piece of music that is not trained on, so no training
can lose by that.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rtengine.files.sink import beside, check_path

if TYPE_CHECKING:
    from rtengine.models.texture.training.best import Best
    from rtengine.models.texture.training.trainer import Trainer

Losses = list[dict[str, float]]  # of each step

FIRST = 5  # step that is told of, for the wait to have an end in sight
TOLD = 25  # steps between two lines about how it goes,
HEARD = 10  # and while it listens closer
SAVED = 50  # steps between two checkpoints
PIECES = 4  # of the project's own music, if there is no other; the next one is judged with
JUDGED = 5  # times in a training


def run(options: argparse.Namespace) -> None:
    """Train as the options say; ValueError or OSError in one sentence if they ask for the impossible."""
    out: Path = options.out or Path(options.clips[0].with_suffix(".onnx").name)
    checkpoint, picture = out.with_suffix(".checkpoint"), out.with_suffix(".png")
    check(options, out, checkpoint, picture)
    begin(options.device)
    from rtengine.live.instrument import played_as
    from rtengine.models.texture import clip
    from rtengine.models.texture.model import SHIPPED
    from rtengine.models.texture.training import closer, tuning
    from rtengine.models.texture.training.best import Best
    from rtengine.models.texture.training.ear import Ear
    from rtengine.models.texture.training.export import export

    model = options.model or SHIPPED
    clips = {played_as(file): clip.load(file) for file in options.clips}
    if len(clips) < len(options.clips):
        raise ValueError("two of the clips have one name: give one of them another")
    content = songs(options.content)
    say(f"{len(clips)} clips, {len(content)} pieces of music, going on from {model.name} ...")
    network, sounds = tuning.with_sounds(model, clips)
    ear = Ear(sounds, own_music(PIECES))
    first, scores = next(iter(clips)), {"at once": ear.mean(network)}
    before, losses = ear.hear(network, first, network.middle(first)), Losses()
    if not options.resume:
        for name, sound in sounds.items():
            tell = teller(name, closer.STEPS)
            losses += closer.listen(network, name, sound, content, ear, options.seed, tell)
        scores["listened closer"] = ear.mean(network)
        say(near(scores))
    if not options.closer:
        trainer = tuning.tuner(network, sounds, content, options.seed)
        best = Best(ear, network)
        losses = advance(trainer, checkpoint, options, best)
        best.take()
        scores["trained"] = float(np.mean([closer.calibrate(network, name, ear) for name in clips]))
        trainer.finish()
    after = ear.hear(network, first, network.middle(first))
    facts = {
        "from": model.name, "clips": list(clips), "seed": options.seed, "steps": len(losses), "songs": len(content),
        "nearness": {stage: round(score, 3) for stage, score in scores.items()},
    }  # fmt: skip
    with beside(out, options.force) as whole:
        export(network.cpu(), whole, facts)
    with beside(picture, options.force) as whole:
        from offline.train_picture import draw

        stage = [*scores][-1]
        draw(whole, losses, {"the music": ear.song, f"as {first}, at once": before, stage: after, first: clips[first]})
    checkpoint.unlink(missing_ok=True)
    print(f"{out}: {', '.join(clips)} after {len(losses)} steps; {near(scores)}; {picture} shows how it went")


def check(options: argparse.Namespace, out: Path, checkpoint: Path, picture: Path) -> None:
    """Refuse what can be refused before anything heavy is loaded."""
    if options.closer and (options.steps or options.resume):
        raise ValueError("--closer takes no --steps and no --resume: it is done in seconds")
    if out.suffix != ".onnx":
        raise ValueError(f"{out} does not end in .onnx")
    for file in (out, picture):
        check_path(file, options.force)
    if options.resume and not checkpoint.exists():
        raise ValueError(f"there is no {checkpoint} to go on from")
    if checkpoint.exists() and not options.resume and not options.force:
        raise ValueError(f"{checkpoint} is of a training that was broken off: --resume goes on, --force begins anew")


def begin(device: str) -> None:
    """Load PyTorch and let it make its tensors on this device; OSError or ValueError if it is not there."""
    try:
        import onnx  # noqa: F401  # what the model is written with: better missed now than after ten minutes
        import torch
    except ImportError as error:
        raise OSError(f"{error.name} is missing: training needs pip install 'rtengine[train]'") from None
    from rtengine.models.texture.training.allocation import keep_freed_memory

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("--device cuda: PyTorch finds no CUDA device here")
    torch.set_default_device(device)
    keep_freed_memory()


def songs(folder: Path | None) -> list[NDArray[np.float32]]:
    """Music to train on, mono at 44.1 kHz: a folder's, or else our own."""
    if folder is None:
        return [own_music(seed) for seed in range(PIECES)]
    from rtengine.models.texture.training import songs as library
    from rtengine.models.texture.training.subjects import CROP

    return list(library.songs(folder, CROP).values())


def own_music(seed: int) -> NDArray[np.float32]:
    """A piece of the project's own, mono at 44.1 kHz."""
    from rtengine.models.exemplars.music import music

    return np.asarray(music(seed=seed).mean(0), np.float32)


def near(scores: Mapping[str, float]) -> str:
    """How near each stage came."""
    return "nearness " + ", ".join(f"{score:.2f} {stage}" for stage, score in scores.items())


def teller(name: str, steps: int) -> Callable[[int], None]:
    """Says how far listening to a sound is."""
    begun = time.monotonic()

    def tell(step: int) -> None:
        if step % HEARD == 0 or step == FIRST:
            left = (time.monotonic() - begun) / step * (steps - step)
            say(f"listening closer to {name}: step {step} of {steps}, {left:.0f} s left")

    return tell


def advance(trainer: "Trainer", checkpoint: Path, options: argparse.Namespace, best: "Best") -> Losses:
    """Take as many steps as were asked for, or as the minutes hold; returns the losses of all since step 0.

    best: looks JUDGED times.
    """
    clips = [str(file) for file in options.clips]
    steps, losses, before = options.steps or 0, Losses(), 0.0
    if options.resume:
        plan = trainer.restore(checkpoint)
        if plan["clips"] != clips:
            raise ValueError(f"{checkpoint} is of other clips: {', '.join(plan['clips'])}")
        steps, losses, before = plan["steps"], plan["losses"], plan["seconds"]
        best.restore(plan["best"])
    begun = time.monotonic() - before
    seconds, progress = before, trainer.step / steps if steps else before / (60 * options.minutes)
    while progress < 1:  # by which the learning rate falls
        losses.append(trainer.advance(progress))
        seconds, last = time.monotonic() - begun, progress
        progress = trainer.step / steps if steps else seconds / (60 * options.minutes)
        if int(min(progress, 1) * JUDGED) > int(last * JUDGED):
            best.look()
        if trainer.step == FIRST or trainer.step % TOLD == 0 or progress >= 1:
            left, of = max(0.0, seconds / progress - seconds) / 60, f" of {steps}" if steps else ""
            say(f"step {trainer.step}{of}, {left:.1f} min left: {summary(losses[-TOLD:])}")
        if trainer.step % SAVED == 0:
            plan = {"steps": steps, "losses": losses, "clips": clips, "seconds": seconds, "best": best.plan()}
            trainer.save(checkpoint, plan)
    return losses


def summary(recent: Losses) -> str:
    """What the last steps lost, on average."""
    from rtengine.models.texture.training.losses import WEIGHTS

    mean = {key: float(np.mean([one[key] for one in recent])) for key in recent[-1]}
    far = sum(weight * mean[family] for family, weight in WEIGHTS.items()) / sum(WEIGHTS.values())
    return f"loss {mean['loss']:.2f}, {far:.0%} of the way to the sounds left, melody kept {mean['melody']:.2f}"


def say(sentence: str) -> None:
    print(f"offline train: {sentence}", file=sys.stderr, flush=True)
