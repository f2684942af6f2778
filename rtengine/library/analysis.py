"""What is kept of a piece that was heard: some numbers, a few words, one vector."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.files.source import open_source
from rtengine.library.hear import hear
from rtengine.models.listen.head import UNSURE, Head, load_head
from rtengine.models.listen.model import FRAMES, SECONDS, Model, load_model

WORDS = 6  # tags that are kept
PART = round(30 / SECONDS)  # windows to a genre, as the head was trained on
CALM = ("Mellow", "chillout", "chill", "ambient", "acoustic", "easy listening", "beautiful", "sad", "instrumental")
LOUD = ("metal", "hard rock", "heavy metal", "punk", "party", "dance", "rock", "electro", "House")


@dataclass(frozen=True, eq=False)
class Analysis:
    """vector: (tags,) mean logits from the head's center.  energy: of loud tags above calm ones.  loudness: LUFS."""

    model: str
    seconds: float
    tempo: float
    key: str
    loudness: float | None
    energy: float
    genre: str
    tags: dict[str, float]
    damage: str
    vector: NDArray[np.float32]


def analyse(file: Path, model: Model | None = None) -> Analysis:
    """Listen to a file; OSError or ValueError in a sentence if it cannot be read."""
    model = model or load_model()
    heard = hear(open_source(file), model, FRAMES)
    head = fitting(model)
    mean = heard.taggram.mean(axis=0)
    vector = heard.features - (head.center if head else 0)
    genre = head.verdict(head.course(heard.taggram, PART).mean(axis=0)) if head else UNSURE
    return Analysis(
        model=model.digest,
        seconds=heard.seconds,
        tempo=round(heard.tempo, 2),
        key=heard.key.name,
        loudness=round(heard.loudness, 2) if np.isfinite(heard.loudness) else None,
        energy=_mean(vector, model.tags, LOUD) - _mean(vector, model.tags, CALM),
        genre="" if genre == UNSURE else genre,
        tags={model.tags[i]: round(float(mean[i]), 4) for i in np.argsort(-mean, kind="stable")[:WORDS]},
        damage=heard.damage,
        vector=vector,
    )


def fitting(model: Model) -> Head | None:
    """The shipped head, if it was trained on this model."""
    head = load_head()
    return head if head.model == model.digest else None


def _mean(vector: NDArray[np.float32], tags: tuple[str, ...], which: tuple[str, ...]) -> float:
    chosen = [i for i, tag in enumerate(tags) if tag in which]
    return float(vector[chosen].mean()) if chosen else 0.0
