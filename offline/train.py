"""train: make textures of your own sounds, by seconds or minutes of training on from the shipped model.

Each sound is listened to closely first: what is known of it changes, and the network does not. Then the network is
trained. What is kept is what came nearest to the sounds with a piece of music that is not trained on, so no training
can lose by that.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.files.sink import beside, check_path
from rtengine.live.instrument import played_as
from rtengine.models.texture import clip
from rtengine.models.texture.model import SHIPPED
from rtengine.models.texture.training.begin import PIECES, begin, own_music

if TYPE_CHECKING:
    from rtengine.models.texture.training.best import Best
    from rtengine.models.texture.training.ear import Ear
    from rtengine.models.texture.training.network import TextureNetwork
    from rtengine.models.texture.training.subjects import Subject
    from rtengine.models.texture.training.trainer import Trainer

Losses = list[dict[str, float]]  # of each step
Scores = dict[str, float]  # how near each stage came

AT_ONCE, CLOSER = "at once", "listened closer"  # stages
MINUTES = 10.0  # of a training, unless it is told how many

FIRST = 5  # step that is told of, for the wait to have an end in sight
TOLD = 25  # steps between two lines about how it goes,
HEARD = 10  # and while it listens closer
SAVED = 50  # steps between two checkpoints
JUDGED = 5  # times in a training


class Lesson(NamedTuple):
    """What is taught which sounds, with what music, and who judges how near it comes."""

    network: "TextureNetwork"
    sounds: "Mapping[str, Subject]"
    content: Sequence[NDArray[np.float32]]
    ear: "Ear"


def run(options: argparse.Namespace) -> None:
    """Train as the options say; ValueError or OSError in one sentence if they ask for the impossible."""
    out: Path = options.out or Path(options.clips[0].with_suffix(".onnx").name)
    checkpoint, picture = out.with_suffix(".checkpoint"), out.with_suffix(".png")
    check(options, out, checkpoint, picture)
    begin(options.device)
    clips = loaded(options.clips)
    lesson, first = prepared(options, clips), next(iter(clips))
    network, ear = lesson.network, lesson.ear
    before, scores, losses = ear.hear(network, first, network.middle(first)), Scores(), Losses()
    if not options.resume:
        losses = listen_closer(lesson, options.seed, scores)
    if not options.closer:
        losses = train(lesson, options, checkpoint, scores)
    after = ear.hear(network, first, network.middle(first))
    facts = {
        "from": (options.model or SHIPPED).name, "clips": list(clips), "seed": options.seed, "steps": len(losses),
        "songs": len(lesson.content), "nearness": {stage: round(score, 3) for stage, score in scores.items()},
    }  # fmt: skip
    sounds = {"the music": ear.song, f"as {first}, at once": before, [*scores][-1]: after, first: clips[first]}
    write(out, picture, lesson, facts, losses, sounds, options.force)
    checkpoint.unlink(missing_ok=True)
    print(f"{out}: {', '.join(clips)} after {len(losses)} steps; {near(scores)}; {picture} shows how it went")


def check(options: argparse.Namespace, out: Path, checkpoint: Path, picture: Path) -> None:
    """Refuse what can be refused before anything heavy is loaded."""
    if options.closer and (options.steps or options.minutes or options.resume):
        raise ValueError("--closer takes no --steps, no --minutes and no --resume: it is done in seconds")
    if out.suffix != ".onnx":
        raise ValueError(f"{out} does not end in .onnx")
    for file in (out, picture):
        check_path(file, options.force)
    if options.resume and not checkpoint.exists():
        raise ValueError(f"there is no {checkpoint} to go on from")
    if checkpoint.exists() and not options.resume and not options.force:
        raise ValueError(f"{checkpoint} is of a training that was broken off: --resume goes on, --force begins anew")


def loaded(files: Sequence[Path]) -> dict[str, NDArray[np.float32]]:
    """The clips by the names that they are played under, mono at 44.1 kHz; ValueError or OSError in a sentence."""
    clips = {played_as(file): clip.load(file) for file in files}
    if len(clips) < len(files):
        raise ValueError("two of the clips have one name: give one of them another")
    return clips


def prepared(options: argparse.Namespace, clips: Mapping[str, NDArray[np.float32]]) -> Lesson:
    """The network that knows the clips as it does at once, and all that it takes to know them better."""
    from rtengine.models.texture.training import tuning
    from rtengine.models.texture.training.ear import Ear

    model, content = options.model or SHIPPED, songs(options.content)
    say(f"{len(clips)} clips, {len(content)} pieces of music, going on from {model.name} ...")
    network, sounds = tuning.with_sounds(model, clips)
    return Lesson(network, sounds, content, Ear(sounds, own_music(PIECES)))


def listen_closer(lesson: Lesson, seed: int, scores: Scores) -> Losses:
    """Listen closer to each sound; returns the losses of each step."""
    from rtengine.models.texture.training import closer

    network, losses = lesson.network, Losses()
    scores[AT_ONCE] = lesson.ear.mean(network)
    for name, sound in lesson.sounds.items():
        tell = teller(name, closer.STEPS)
        losses += closer.listen(network, name, sound, lesson.content, lesson.ear, seed, tell)
    scores[CLOSER] = lesson.ear.mean(network)
    say(near(scores))
    return losses


def train(lesson: Lesson, options: argparse.Namespace, checkpoint: Path, scores: Scores) -> Losses:
    """Train the network further, and keep it where it came nearest; returns the losses of each step."""
    from rtengine.models.texture.training import closer, tuning
    from rtengine.models.texture.training.best import Best

    network, ear = lesson.network, lesson.ear
    trainer = tuning.tuner(network, lesson.sounds, list(lesson.content), options.seed)
    best = Best(ear, network)
    if not options.resume:
        best.look(scores[CLOSER])
    losses = advance(trainer, checkpoint, options, best, scores)
    best.take()
    scores["trained"] = float(np.mean([closer.calibrate(network, name, ear) for name in lesson.sounds]))
    trainer.finish()
    return losses


def write(
    out: Path, picture: Path, lesson: Lesson, facts: Mapping[str, object], losses: Losses,
    sounds: Mapping[str, NDArray[np.float32]], force: bool,
) -> None:  # fmt: skip
    """Write the model, and the picture of how it went; sounds: see draw."""
    from rtengine.models.texture.training.export import export

    with beside(out, force) as whole:
        export(lesson.network.cpu(), whole, facts)
    with beside(picture, force) as whole:
        from offline.train_picture import draw

        draw(whole, losses, sounds)


def songs(folder: Path | None) -> list[NDArray[np.float32]]:
    """Music to train on, mono at 44.1 kHz: a folder's, or else our own."""
    if folder is None:
        return [own_music(seed) for seed in range(PIECES)]
    from rtengine.models.texture.training import songs as library
    from rtengine.models.texture.training.subjects import CROP

    return list(library.songs(folder, CROP).values())


def near(scores: Scores) -> str:
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


def advance(trainer: "Trainer", checkpoint: Path, options: argparse.Namespace, best: "Best", scores: Scores) -> Losses:
    """Take as many steps as were asked for, or as the minutes hold; returns the losses of all since step 0.

    best: looks JUDGED times. scores: of the stages before, which a checkpoint knows.
    """
    clips, minutes = [str(file) for file in options.clips], options.minutes or MINUTES
    steps, losses, before = options.steps or 0, Losses(), 0.0
    if options.resume:
        plan = trainer.restore(checkpoint)
        if plan["clips"] != clips:
            raise ValueError(f"{checkpoint} is of other clips: {', '.join(plan['clips'])}")
        steps, losses, before = plan["steps"], plan["losses"], plan["seconds"]
        best.restore(plan["best"])
        scores |= plan["scores"]
    begun = time.monotonic() - before
    seconds, progress = before, trainer.step / steps if steps else before / (60 * minutes)
    while progress < 1:  # by which the learning rate falls
        losses.append(trainer.advance(progress))
        seconds, last = time.monotonic() - begun, progress
        progress = trainer.step / steps if steps else seconds / (60 * minutes)
        if int(min(progress, 1) * JUDGED) > int(last * JUDGED):
            best.look()
        if trainer.step == FIRST or trainer.step % TOLD == 0 or progress >= 1:
            left, of = max(0.0, seconds / progress - seconds) / 60, f" of {steps}" if steps else ""
            say(f"step {trainer.step}{of}, {left:.1f} min left: {summary(losses[-TOLD:])}")
        if trainer.step % SAVED == 0:
            plan = {"steps": steps, "losses": losses, "clips": clips, "seconds": seconds}
            trainer.save(checkpoint, plan | {"best": best.plan(), "scores": scores})
    return losses


def summary(recent: Losses) -> str:
    """What the last steps lost, on average."""
    from rtengine.models.texture.training.losses import WEIGHTS

    mean = {key: float(np.mean([one[key] for one in recent])) for key in recent[-1]}
    far = sum(weight * mean[family] for family, weight in WEIGHTS.items()) / sum(WEIGHTS.values())
    return f"loss {mean['loss']:.2f}, {far:.0%} of the way to the sounds left, melody kept {mean['melody']:.2f}"


def say(sentence: str) -> None:
    print(f"offline train: {sentence}", file=sys.stderr, flush=True)
