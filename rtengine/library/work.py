"""What a process of a scan does: get ready once, then hear one file after the other."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from rtengine.files.names import shown
from rtengine.library.analysis import Analysis, analyse
from rtengine.library.decoding import begin, in_time, speakable
from rtengine.library.hear import Ears
from rtengine.library.tags import Tags, read
from rtengine.library.warm import alone, librosa
from rtengine.models.listen.model import load_model

PATIENCE, SLOWEST = 120, 50_000  # seconds for a file, and one more for each so many bytes of it

Result = tuple[Tags, Analysis] | str


def begin_to_hear(parent: int, model: Path) -> None:
    """Begin a process that hears: what it compiles now is not counted as the time of its first file."""
    begin(parent)
    librosa()
    t = np.arange(44_100) / 44_100
    click = (np.sin(2 * np.pi * 440 * t) * np.exp(-20 * t)).astype(np.float32)[None]
    with alone():
        for channels in (2, 1):
            ears = Ears(44_100, channels, load_model(model))
            for _ in range(12):  # seconds: as many beats
                ears.hear(np.repeat(click, channels, axis=0))
            ears.finish()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # decoders complain there: what they say of a file, they also raise


def work(file: Path, model: Path) -> Result:
    """Hear one file, in a process of its own; the sentence why not, if it cannot be read."""
    try:
        with in_time(PATIENCE + file.stat().st_size // SLOWEST), speakable(file) as path:
            tags, heard = replace(read(path), title=read(file).title), analyse(path, load_model(model))
            return tags, replace(heard, damage=heard.damage.replace(shown(path), shown(file)))
    except (OSError, ValueError) as error:
        return " ".join(str(error).splitlines())
