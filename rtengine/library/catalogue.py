"""All pieces of a library as columns: what choosing compares, so that a hundred thousand take milliseconds."""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtengine.library.store import Library
from rtengine.library.vectors import Index

SAME = 0.99  # cosine above which two recordings of nearly one length are the same
SAME_LENGTH = 2.0  # seconds
FIRST = 1024  # of the best that are sorted at once; the rest only when all these are refused

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


class Catalogue:
    """Columns in the order of index.ids. artist: a number for each, 0 if nobody knows. name: of artist and title."""

    def __init__(self, library: Library, index: Index) -> None:
        rows = library.db.execute(
            "SELECT id, seconds, artist, title, genre, heard_genre, rating, skips, plays, energy FROM tracks "
            "WHERE gone = 0 ORDER BY id"
        ).fetchall()
        known = set(index.ids.tolist())
        rows = [r for r in rows if r["id"] in known]
        kept = np.isin(index.ids, np.array([r["id"] for r in rows], np.int64))
        self.index = Index(index.ids[kept], index.unit[kept])  # another process may have added or lost some meanwhile
        self.unit = self.index.unit
        self.seconds = np.array([r["seconds"] for r in rows], np.float32)
        self.rating = np.array([r["rating"] for r in rows], np.int8)
        self.skips = np.array([r["skips"] for r in rows], np.int32)
        self.plays = np.array([r["plays"] for r in rows], np.int32)
        self.energy = np.array([r["energy"] for r in rows], np.float32)
        self.genres = np.array([(r["genre"].casefold(), r["heard_genre"].casefold()) for r in rows], str).reshape(-1, 2)
        artists: dict[str, int] = {"": 0}
        names: dict[str, int] = {}
        self.artist = np.array([artists.setdefault(plain(r["artist"]), len(artists)) for r in rows], np.int32)
        keys = [f"{a}\n{plain(r['title'])}" if a else str(r["id"]) for a, r in zip(self.artist, rows, strict=True)]
        self.name = np.array([names.setdefault(key, len(names)) for key in keys], np.int32)

    def __len__(self) -> int:
        return len(self.seconds)

    def place(self, track: int) -> int:
        """Where a piece stands; KeyError if it is not there."""
        at = int(np.searchsorted(self.index.ids, track))
        if at == len(self.index.ids) or self.index.ids[at] != track:
            raise KeyError(f"there is no piece {track} that was heard by this model")
        return at

    def doubles(self, i: int) -> Bools:
        """Which are the same recording as i, and i itself: nearly one vector and length, or one artist and title."""
        near = (self.unit @ self.unit[i] > SAME) & (np.abs(self.seconds - self.seconds[i]) <= SAME_LENGTH)
        same: Bools = near | (self.name == self.name[i])
        same[i] = True
        return same

    def double_of_any(self, i: int, others: list[int]) -> bool:
        """Whether i is the same recording as one of the others."""
        if not others:
            return False
        o = np.array(others)
        near = (self.unit[o] @ self.unit[i] > SAME) & (np.abs(self.seconds[o] - self.seconds[i]) <= SAME_LENGTH)
        return bool((near | (self.name[o] == self.name[i])).any())


def plain(text: str) -> str:
    """Without case, signs, and what stands in brackets, as "(Remastered 2011)"."""
    return re.sub(r"\W+", " ", re.sub(r"[(\[].*?[)\]]", "", text)).strip().casefold()


def best_first(score: Floats) -> Iterator[int]:
    """The places of a score that is not -infinity, the highest first, equal ones in their order."""
    there = np.flatnonzero(score > -np.inf)
    if len(there) > 2 * FIRST:
        top = np.partition(score[there], len(there) - FIRST)[len(there) - FIRST]
        first = there[score[there] >= top]
        yield from first[np.argsort(-score[first], kind="stable")].tolist()
        there = there[score[there] < top]
    yield from there[np.argsort(-score[there], kind="stable")].tolist()
