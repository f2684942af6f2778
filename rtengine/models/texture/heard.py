"""A sound that was listened to closely, in a file: a texture as one network knows it, and any other at once.

JSON: layout (of the numbers, see clip.py), sound (the name of the file that was heard, which lies beside it), network
(a digest of the weights that it was heard with), closer and at_once (embeddings), modulator (see modulator.py), middle
(what that network is told where a player's strength is 0.7).
"""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rtengine.files.json_text import parsed
from rtengine.models.texture import clip
from rtengine.models.texture.embedding import EMBEDDING
from rtengine.models.texture.model import Known, Model, known, usual
from rtengine.models.texture.modulator import Modulator, unpacked

ENDING = ".texture"
DAMAGED = AttributeError, KeyError, TypeError, ValueError  # what reading such a file leads to


class Heard(NamedTuple):
    """What is in a file. closer, at_once: EMBEDDING numbers each."""

    sound: str
    network: str
    closer: tuple[float, ...]
    at_once: tuple[float, ...]
    modulator: Modulator
    middle: float

    def text(self) -> str:
        """The file."""
        return json.dumps({"layout": clip.LAYOUT, **self._asdict(), "modulator": self.modulator.packed()})


def read(file: Path) -> Heard:
    """Read and check a file; OSError or ValueError in one sentence if it cannot serve."""
    try:
        fields = parsed(file.read_text("utf-8"))
        layout, packed = fields.pop("layout"), fields.pop("modulator")
        if layout == clip.LAYOUT:
            found = Heard(**fields, modulator=unpacked(packed))
            numbers = np.array([found.closer, found.at_once], np.float32)
            if numbers.shape != (2, EMBEDDING) or not np.isfinite(numbers).all() or not 0 < found.middle < 1:
                raise ValueError
            return found._replace(closer=tuple(found.closer), at_once=tuple(found.at_once))
    except DAMAGED as error:
        raise ValueError(f"{file.name} is damaged: it is no texture that was listened to") from error
    raise ValueError(f"{file.name} is of another version: let its sound be listened to again")


def texture(model: Model, file: Path) -> Known:
    """What a model is told of a clip, a sound or a file of this kind; OSError or ValueError in one sentence.

    A network that did not hear it closely is told what was measured, as of any sound.
    """
    if file.suffix.lower() != ENDING:
        return known(model, clip.measured(clip.load(file)))
    heard = read(file)
    if heard.network == digest(model):
        return Known(heard.closer, heard.modulator, heard.middle)
    makeup, middle = usual(model)
    numbers = list(heard.at_once)
    numbers[clip.MAKEUP] = makeup
    return Known(tuple(numbers), heard.modulator, middle)


def digest(model: Model) -> str:
    """A name of a network's weights, "" for one that is not ours."""
    return hashlib.sha256(model.weights.data.tobytes()).hexdigest()[:16] if model.weights else ""


def sound_of(file: Path) -> Path:
    """The sound that a clip was made of: itself, or what lies beside it; ValueError or OSError if that is gone."""
    if file.suffix.lower() != ENDING:
        return file
    sound = file.with_name(Path(read(file).sound).name)
    if not sound.is_file():
        raise OSError(f"{sound.name}, of which {file.name} was made, is not beside it")
    return sound
