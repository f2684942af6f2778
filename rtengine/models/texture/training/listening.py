"""The process in which a sound that is being played is listened to closely, beside the host and behind it.

    python -m rtengine.models.texture.training.listening '{"file": SOUND, "model": MODEL}'

Its answers are lines of JSON: {"done": 0 to 1}, and in the end {"whole": the text of a file, see heard.py, "near": how
near it came at once, and now} or {"error": a sentence}. It ends with its input, and writes no file.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rtengine.models.texture import clip
from rtengine.models.texture.heard import Heard, digest
from rtengine.models.texture.model import load_model
from rtengine.models.texture.training.begin import PIECES, begin, own_music
from rtengine.native.openmp import wait_asleep

GENTLY = 19  # niceness: whatever plays goes first
NAME = "the sound"  # among the model's own textures, whose names are addresses
MUSIC, STEPS = 0.3, 0.54  # of the time, on an AMD EPYC; the rest is the ear's

Tell = Callable[[float], object]


class Found(NamedTuple):
    """A texture, and how near the sound was at once, and is now: 0 to 1."""

    heard: Heard
    near: tuple[float, float]


def main(wanted: Mapping[str, str]) -> None:
    """Do what is asked; the process ends with it."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    if hasattr(os, "nice"):
        os.nice(GENTLY)
    threading.Thread(target=leave_with_the_host, daemon=True).start()

    def answer(**fields: Any) -> None:
        print(json.dumps(fields), file=answers)

    try:
        found = listen(Path(wanted["file"]), Path(wanted["model"]), lambda done: answer(done=done))
        answer(whole=found.heard.text(), near=found.near)
    except MemoryError:
        answer(error="it needs more memory than there is")
    except Exception as error:  # all of them are the host's to tell
        answer(error=" ".join(f"{error.args[0] if error.args else error!r}".split()))
    os._exit(0)


def leave_with_the_host() -> None:
    """When it has gone, or wants no more, its end of our input has gone as well."""
    sys.stdin.read()
    os._exit(0)


def listen(file: Path, model: Path, tell: Tell) -> Found:
    """Hear a sound closely with the network of a model; OSError or ValueError in a sentence if that cannot be."""
    x, own = clip.load(file), load_model(model)
    wait_asleep()
    begin("cpu")
    import torch

    from rtengine.models.texture.training import closer, tuning
    from rtengine.models.texture.training.ear import Ear

    torch.set_num_threads(1)
    pieces = []
    for number in range(PIECES + 1):
        pieces.append(own_music(number))
        tell(MUSIC * (number + 1) / (PIECES + 1))
    network, sounds = tuning.with_sounds(model, {NAME: x})
    ear, at_once = Ear(sounds, pieces.pop()), row(network)
    before = ear.mean(network)

    def stepped(step: int) -> None:
        tell(MUSIC + STEPS * step / closer.STEPS)

    closer.listen(network, NAME, sounds[NAME], pieces, ear, 0, stepped)
    heard = Heard(file.name, digest(own), row(network), at_once, network.modulators[NAME], network.middle(NAME))
    return Found(heard, (round(before, 3), round(ear.mean(network), 3)))


def row(network: Any) -> tuple[float, ...]:
    """What the network knows of the sound, EMBEDDING numbers; network: a TextureNetwork, whose module needs PyTorch."""
    return tuple(np.asarray(network.embeddings().detach()[network.names.index(NAME)], float).tolist())


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
