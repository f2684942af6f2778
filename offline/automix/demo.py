"""The demo's multitrack: the parts that the project plays itself, spoilt as on a stage, summed, and mixed."""

from pathlib import Path

import numpy as np

from offline.automix.degrade import degraded
from rtengine.files.blocks import Samples
from rtengine.files.sink import Sink, beside
from rtengine.jobs.overview import Overview

NAMES = {"desk-before.wav": "four of its parts as from a bad stage, just added up",
         "desk-after.wav": "the same, mixed by the desk", "desk.png": "before and after"}  # fmt: skip
ROLES = {"melody": "vocals", "harmony": "other", "bass": "bass", "drums": "drums"}  # part: what it counts as
SEED = 3  # of what the stage does


def mixed(folder: Path) -> None:
    """Write the files of NAMES into the folder, over what is there; the film's music is there already."""
    from offline.arguments import parse
    from offline.automix.mix import run
    from rtengine.files.source import open_source
    from rtengine.score.play import SAMPLE_RATE

    stems = parts(folder / "film.mp4")
    files = [folder / f"desk-{name}.wav" for name in stems]
    for file, x in zip(files, degraded(list(stems.values()), SAMPLE_RATE, SEED), strict=True):
        write(file, x, SAMPLE_RATE)
    before, after, picture = (folder / name for name in NAMES)
    total = np.sum([np.concatenate([*open_source(f).blocks()], axis=1) for f in files], axis=0)
    write(before, (total * (0.8 / np.abs(total).max())).astype(np.float32), SAMPLE_RATE)
    roles = ",".join(ROLES[name] for name in stems)
    run(parse(["automix", *map(str, files), "--roles", roles, "-o", str(after), "--force"]))
    draw(picture, {"just added up": before, "mixed": after})


def parts(film: Path) -> dict[str, Samples]:
    """The film's music, part by part, (2, samples) each; parts that are silent are left out."""
    from rtengine.film.analysis import analyse
    from rtengine.score import play
    from rtengine.score.compose import compose

    piece = compose(analyse(film))
    bank = play.instruments(piece, None)
    found = {name: np.concatenate([*play.play(piece, bank, (name,))], axis=1) for name in ROLES}
    return {name: x for name, x in found.items() if x.any()}


def write(file: Path, x: Samples, sample_rate: int) -> None:
    """Write a WAV over what is there."""
    with beside(file, force=True) as whole, Sink(whole, ".wav", sample_rate, len(x), name=file) as sink:
        sink.write(x)


def draw(file: Path, sounds: dict[str, Path]) -> None:
    """One picture of all the sounds."""
    from rtengine.files.source import open_source
    from rtengine.jobs.picture import drawn

    seen = []
    for name, path in sounds.items():
        source = open_source(path)
        x = np.concatenate([*source.blocks()], axis=1)
        overview = Overview(source.sample_rate, x.shape[1])
        overview.add(x)
        seen.append((name, overview))
    with beside(file, force=True) as whole:
        whole.write_bytes(drawn(seen, "One band, before and after", across=2))
