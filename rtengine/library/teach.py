"""Teach a library one's own words: some pieces of each are shown, and all others are judged by them, in a second.

The pieces were heard already, so that only a head is trained (rtengine.models.listen.head) on their vectors. What is
sure of a piece becomes its heard genre; where it is not sure, nothing is said.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import numpy as np

from rtengine.library.analysis import fitting
from rtengine.library.store import Library
from rtengine.models.listen.head import UNSURE, Head, Rows, save, train
from rtengine.models.listen.measures import crossed
from rtengine.models.listen.model import Model

LIKES, DISLIKES = "likes", "dislikes"
PLAYLISTS = (".m3u8", ".m3u")
FILE = "taught.npz"
LARGEST = 1 << 24  # bytes of a playlist


class Lesson(NamedTuple):
    """The head, how well it tells pieces by artists that it was not shown, and how many pieces it now names."""

    head: Head
    measured: dict[str, object]
    shown: dict[str, int]
    named: dict[str, int]


def teach(library: Library, model: Model, examples: Mapping[str, str]) -> Lesson:
    """Learn each name from its source: a folder, a playlist, "likes" or "dislikes"; ValueError or OSError if it cannot.

    A piece that is shown for two names is shown for neither.
    """
    rows = library.rows("gone = 0 AND model = ?", (model.digest,))
    if not rows:
        raise ValueError(f"the library in {library.folder} has no pieces: python -m offline library add FOLDER")
    given = {name: pieces(library, source) for name, source in examples.items()}
    names = [[name for name, ids in given.items() if row["id"] in ids] for row in rows]
    shown = [i for i, of in enumerate(names) if len(of) == 1]
    features = features_of(library, model, [row["place"] for row in rows])
    labels = [names[i][0] for i in shown]
    groups = [rows[i]["artist"] or str(Path(os.fsdecode(rows[i]["path"])).parent) for i in shown]
    if len(set(groups)) < 2 * len(given):
        groups = [rows[i]["artist"] or str(rows[i]["id"]) for i in shown]  # folders that are the lesson itself
    head = train(features[shown], labels, groups, model.digest)
    verdicts = [head.verdict(p) for p in head.probabilities(features)]
    with library.change():
        library.db.executemany(
            "UPDATE tracks SET heard_genre = ? WHERE id = ?",
            [("" if v == UNSURE else v, row["id"]) for v, row in zip(verdicts, rows, strict=True)],
        )
    own = fitting(model)
    save(replace(head, center=own.center) if own else head, library.folder / FILE)
    counts = {name: verdicts.count(name) for name in head.genres}
    measured = crossed(features[shown], labels, groups, model.digest)
    return Lesson(head, measured, {name: labels.count(name) for name in head.genres}, counts)


def features_of(library: Library, model: Model, places: list[int]) -> Rows:
    """The mean logits (n, tags) of pieces by their places: their vectors, back from the middle of all music."""
    head = fitting(model)
    vectors = np.array(library.vectors(model.digest, len(model.tags))[places])
    return np.asarray(vectors + (head.center if head else 0), np.float32)


def pieces(library: Library, source: str) -> set[int]:
    """The numbers of the pieces that a source holds; ValueError or OSError in a sentence if there are none."""
    if source in (LIKES, DISLIKES):
        found = {r["id"] for r in library.rows(f"gone = 0 AND rating {'>' if source == LIKES else '<'} 0")}
    elif Path(source).suffix.lower() in PLAYLISTS:
        known = {r["path"]: r["id"] for r in library.db.execute("SELECT id, path FROM tracks WHERE gone = 0")}
        found = {known[p] for p in playlist(Path(source)) if p in known}
    else:
        folder = Path(source).expanduser()
        if not folder.is_dir():
            raise ValueError(f"{source} is no folder, no playlist (.m3u8), and neither likes nor dislikes")
        inside = os.fsencode(folder.resolve()).rstrip(b"/") + b"/"
        rows = library.db.execute("SELECT id, path FROM tracks WHERE gone = 0")
        found = {r["id"] for r in rows if r["path"].startswith(inside)}
    if not found:
        raise ValueError(f"no piece of the library is in {source}")
    return found


def playlist(file: Path) -> set[bytes]:
    """The paths that a playlist names, as the system writes them."""
    file = file.expanduser()
    if file.stat().st_size > LARGEST:
        raise ValueError(f"{file} has more than {LARGEST} bytes, which no playlist has")
    found = set()
    for line in file.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines():
        line = line.strip()
        if not line or line.startswith(b"#"):
            continue
        if line.startswith(b"file://"):
            line = os.fsencode(unquote(urlsplit(os.fsdecode(line)).path, errors="surrogateescape"))
        path = file.resolve().parent / os.fsdecode(line)
        found |= {os.fsencode(os.path.normpath(path)), os.fsencode(path.resolve())}
    return found
