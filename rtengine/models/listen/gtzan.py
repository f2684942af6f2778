"""What is published about GTZAN: which clips to train on and to test with, who plays, and what musicnn hears in 733.

The 1,000 clips were passed on for 20 years with repetitions, distortions and wrong labels, and most tests put pieces of
one album on both sides. The split here is Kereliuk's: 70 faulty clips are left out, and no artist is on two sides.

    python -m rtengine.models.listen.gtzan FOLDER

makes gtzan.npz and genre.npz again from gtzan_manifest.csv and gtzan_musicnn_{train,test}.npz in FOLDER.
Source: G. Tzanetakis, P. Cook, 2002; B. L. Sturm, "The GTZAN dataset: its contents, its faults", 2013 (artists);
C. Kereliuk, B. L. Sturm, J. Larsen, "Deep learning and music adversaries", 2015 (the split), as listed in
jongpillee/music_dataset_split (MIT); taggrams of jordipons/sklearn-audio-transfer-learning (ISC), see LICENSE.gtzan.
"""

import csv
import re
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.models.listen.head import SHIPPED, Head, Rows, save, train
from rtengine.models.listen.model import load_model

FILE = Path(__file__).with_name("gtzan.npz")
NAME = re.compile(r"(blues|classical|country|disco|hiphop|jazz|metal|pop|reggae|rock)\.\d{5}(?=\.|$)")
PARTS = ("train", "valid", "test", "removed")


@dataclass(frozen=True, eq=False)
class Clips:
    """Names, genres, artists (numbers as text; "" if not known) and mean logits (n, 50) of clips."""

    tracks: tuple[str, ...]
    genres: tuple[str, ...]
    artists: tuple[str, ...]
    features: Rows


def part(name: str) -> str:
    """Where a file of this name belongs: train, valid, test, removed, or "" for no clip of GTZAN."""
    found = NAME.match(Path(name).name)
    return _parts().get(found[0], "") if found else ""


def artist(name: str) -> str:
    """A number that stands for the artist of the clip, or the clip's own name where nobody knows."""
    found = NAME.match(Path(name).name)
    clip = found[0] if found else Path(name).stem
    return _artists().get(clip, "") or clip


def clips(which: str) -> Clips:
    """The clips of a part ("train" or "test") that musicnn was published for: 443 and 290."""
    with np.load(FILE) as z:
        tracks, features = z["tracks"], z["features"]
    chosen = np.array([part(t) == which for t in tracks])
    names = tuple(map(str, tracks[chosen]))
    return Clips(names, tuple(t.split(".")[0] for t in names), tuple(map(artist, names)), features[chosen])


def shipped(model: str) -> Head:
    """The head that comes with the project, trained again. Sure at most of genres for which the network has a tag."""
    data = clips("train")
    head = train(data.features, data.genres, data.artists, model)
    return replace(head, certain=own_tags(head.genres))


def own_tags(genres: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which of the genres are tags of the shipped network, in any spelling."""
    tags = {_plain(tag) for tag in load_model().tags}
    return np.array([_plain(genre) in tags for genre in genres])


def _plain(name: str) -> str:
    return re.sub(r"\W", "", name).lower()


@cache
def _parts() -> dict[str, str]:
    with np.load(FILE) as z:
        return {str(t): PARTS[p] for t, p in zip(z["all_tracks"], z["parts"], strict=True)}


@cache
def _artists() -> dict[str, str]:
    with np.load(FILE) as z:
        return {str(t): f"artist {a}" if a >= 0 else "" for t, a in zip(z["all_tracks"], z["artists"], strict=True)}


def build(folder: Path) -> None:
    """Make the files that are shipped."""
    with (folder / "gtzan_manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["artist"] for row in rows} - {""})
    sources = [np.load(folder / f"gtzan_musicnn_{name}.npz") for name in ("train", "test")]
    np.savez_compressed(
        FILE,
        all_tracks=np.array([row["track"] for row in rows]),
        parts=np.array([PARTS.index(row["fault_filtered_split"] or "removed") for row in rows], np.uint8),
        artists=np.array([names.index(row["artist"]) if row["artist"] else -1 for row in rows], np.int16),
        tracks=np.concatenate([z["track"] for z in sources]),
        features=np.concatenate([z["logit_mean"] for z in sources]),
    )
    save(shipped(load_model().digest), SHIPPED)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
