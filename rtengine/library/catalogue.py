"""All pieces of a library as columns: what choosing compares, so that a hundred thousand take milliseconds."""

import re
from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.library.store import Library
from rtengine.library.vectors import Index, cosines

SAME = 0.99  # cosine above which two recordings of nearly one length are the same
SAME_LENGTH = 2.0  # seconds
FIRST = 1024  # of the best that are sorted at once; the rest only when all these are refused

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


class Catalogue:
    """Columns in the order of index.ids. artist: a number for each, 0 if nobody knows. name: of artist and title.

    genres: (pieces, 2), the number in genre of what the file says and of what was heard.
    """

    def __init__(self, library: Library, index: Index) -> None:
        rows = library.db.execute(
            "SELECT id, seconds, rating, skips, plays, energy, artist, title, genre, heard_genre FROM tracks "
            "WHERE gone = 0 ORDER BY id"
        )
        known = set(index.ids.tolist())
        ids, artist, name, genres = array("q"), array("i"), array("i"), array("i")
        numbers: dict[str, Any] = {  # arrays of several types
            "seconds": array("f"), "rating": array("b"), "skips": array("i"), "plays": array("i"), "energy": array("f"),
        }  # fmt: skip
        artists: dict[str, int] = {"": 0}
        names: dict[str, int] = {}
        self.genre: dict[str, int] = {}
        for row in rows:  # one at a time: all at once would take more memory than what is kept of them
            if row["id"] not in known:
                continue
            ids.append(row["id"])
            for column, values in numbers.items():
                values.append(row[column])
            by = artists.setdefault(plain(row["artist"]), len(artists))
            artist.append(by)
            name.append(names.setdefault(f"{by}\n{plain(row['title'])}" if by else str(row["id"]), len(names)))
            genres.extend(self.genre.setdefault(row[g].casefold(), len(self.genre)) for g in ("genre", "heard_genre"))
        kept = np.isin(index.ids, np.array(ids, np.int64))
        if not kept.all():  # another process may have lost some meanwhile
            index = Index(index.ids[kept], index.unit[kept])
        self.index, self.unit = index, index.unit
        self.seconds, self.energy = np.array(numbers["seconds"]), np.array(numbers["energy"])
        self.rating, self.skips, self.plays = (np.array(numbers[n]) for n in ("rating", "skips", "plays"))
        self.artist, self.name = np.array(artist), np.array(name)
        self.genres = np.array(genres).reshape(-1, 2)

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
        near = (cosines(self.unit, self.unit[i]) > SAME) & (np.abs(self.seconds - self.seconds[i]) <= SAME_LENGTH)
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
