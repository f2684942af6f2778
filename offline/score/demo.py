"""The demo's film: drawn here, scored, with its picture of curves, cuts and notes."""

from pathlib import Path

from offline.score.command import run
from offline.score.scenes import make_film
from rtengine.files.sink import beside

NAMES = {"film.mp4": "a film of our own, silent", "film-scored.mp4": "with the music that was written for it",
         "film.png": "its curves, cuts, bars and notes"}  # fmt: skip


def scored(folder: Path) -> None:
    """Write the files of NAMES into the folder, over what is there."""
    from offline.arguments import parse

    film, output, picture = (folder / name for name in NAMES)
    with beside(film, force=True) as whole:
        make_film(whole)
    run(parse(["score", str(film), "-o", str(output), "--picture", str(picture), "--force"]))
