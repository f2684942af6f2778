"""What to play: what is like some pieces, a way from one to another, a radio without an end. And why.

The pieces asked for never come back, and neither does what is the same recording. At most three are by one artist, and
none twice in a row. What was disliked is left out, what was skipped comes later. Everything follows from the library,
the question and a seed.
"""

import sqlite3
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rtengine.library.catalogue import Bools, Catalogue, Floats, best_first
from rtengine.library.near import Near
from rtengine.library.reasons import reasons
from rtengine.library.store import Library
from rtengine.library.vectors import Index, Vector, cosines, unit

PER_ARTIST = 3
RECENT = 20  # pieces of a radio in which an artist comes at most PER_ARTIST times
NOT_AGAIN = 200  # pieces of a radio, or half of the library, before one comes again
SKIPPED = 0.1  # of the cosine, for each time a piece was skipped and not played, up to three
DISLIKED, LIKED = 0.25, 0.5  # how far a profile turns away from what is disliked, and a radio to what is liked
MANY = 20  # candidates of a graph for each piece that is asked for
DRAW = 8  # among how many of the best a radio draws the next
SHARPNESS = 20.0  # of the draw: a cosine lower by 0.05 is drawn e times less often


@dataclass(frozen=True)
class Choice:
    """A piece, how like the question it is (cosine), and why it was chosen."""

    row: sqlite3.Row
    similarity: float
    why: tuple[str, ...]


class Chooser:
    """Answers from one state of a library."""

    def __init__(self, library: Library, index: Index, near: Near | None = None) -> None:
        """near: the graph of a large library, if there is one."""
        self._library, self.all, self._near = library, Catalogue(library, index), near
        self._weigh()

    def note(self, track: int) -> None:
        """Learn what was said of one piece since."""
        row = self._library.row(track)
        if row is None or track not in self.all.index.ids:
            return
        i = self.all.place(track)
        self.all.rating[i], self.all.skips[i], self.all.plays[i] = row["rating"], row["skips"], row["plays"]
        self._weigh()

    def _weigh(self) -> None:
        self._burden = (SKIPPED * np.clip(self.all.skips - self.all.plays, 0, 3)).astype(np.float32)
        self._disliked = self.all.rating < 0

    def similar(
        self, seeds: Sequence[int], count: int = 20, farther: float = 0.0, genre: str = "", mood: str = ""
    ) -> list[Choice]:
        """The pieces nearest to the seeds' mean; farther: 0 the nearest, 1 those in the middle of the library."""
        if self._near and not (farther or genre or mood) and (quick := self._by_graph(self._near, seeds, count)):
            return quick
        similarity = cosines(self.all.unit, self.profile(seeds))
        score = np.where(self._allowed(seeds) & self._fits(genre, mood), similarity - self._burden, -np.inf)
        if farther and (score > -np.inf).any():
            aim = np.quantile(score[score > -np.inf], 1 - farther / 2)
            score = -np.abs(score - aim)
        found = self._ordered(best_first(score), count)
        return [self._choice(i, similarity[i], seeds) for i in found]

    def _by_graph(self, near: Near, seeds: Sequence[int], count: int) -> list[Choice]:
        """The same, from the candidates that a graph gives; none if these are too few to keep the rules."""
        profile, places = self.profile(seeds), [self.all.place(s) for s in seeds]
        ids = near.ids(profile, MANY * count)
        at = np.searchsorted(self.all.index.ids, ids).clip(0, len(self.all) - 1)
        at = at[self.all.index.ids[at] == ids]
        at = at[~self._disliked[at]]
        similarity = self.all.unit[at] @ profile
        order = np.argsort(self._burden[at] - similarity, kind="stable")
        fit = (int(at[n]) for n in order if not self.all.double_of_any(int(at[n]), places) and at[n] not in places)
        like = dict(zip(at.tolist(), similarity.tolist(), strict=True))
        chosen = self._ordered(fit, count)
        return [self._choice(i, like[i], seeds) for i in chosen] if len(chosen) == count else []

    def like(self, vector: Vector, count: int = 20) -> list[Choice]:
        """The pieces nearest to a vector, as of what is playing live."""
        similarity = cosines(self.all.unit, unit(vector))
        score = np.where(self._disliked, -np.inf, similarity - self._burden)
        return [self._choice(i, similarity[i], ()) for i in self._ordered(best_first(score), count)]

    def path(self, start: int, end: int, count: int = 20) -> list[Choice]:
        """A way of up to `count` pieces, at least 2, that begins with one and ends with the other."""
        first, last = self.all.place(start), self.all.place(end)
        a, b = self.all.unit[first], self.all.unit[last]
        chosen, artists = [first], Counter([int(self.all.artist[first]), int(self.all.artist[last])])
        allowed = self._allowed([start, end])
        for step in range(1, count - 1):
            here = between(a, b, step / (count - 1))
            score = np.where(allowed, cosines(self.all.unit, here) - self._burden, -np.inf)
            if step == count - 2 and self.all.artist[last]:
                score[self.all.artist == self.all.artist[last]] = -np.inf
            for i in best_first(score):
                if self._may_follow(i, chosen[-1], artists):
                    chosen.append(i)
                    artists[int(self.all.artist[i])] += 1
                    allowed &= ~self.all.doubles(i)
                    break
        chosen.append(last)
        nearer = np.maximum(self.all.unit[chosen] @ a, self.all.unit[chosen] @ b)
        return [self._choice(i, s, (start, end)) for i, s in zip(chosen, nearer, strict=True)]

    def radio(self, seeds: Sequence[int], seed: int = 0, discover: bool = False) -> Iterator[Choice]:
        """Pieces without an end: each like the seeds and the likes, and like the one before it.

        discover: those that were never played, as long as there are any.  Without seeds or likes it begins anywhere.
        """
        rng = np.random.default_rng(seed)
        if not len(self.all):
            return
        home = cosines(self.all.unit, self.profile(seeds) if seeds else self._taste(rng))
        allowed = self._allowed(seeds)
        again = deque[int](maxlen=max(min(NOT_AGAIN, len(self.all) // 2), 1))
        recent = deque[int](maxlen=RECENT)
        current = self.all.place(seeds[-1]) if seeds else None
        fresh = self.all.plays == 0
        while True:
            near = home if current is None else cosines(self.all.unit, self.all.unit[current])
            score = np.where(allowed, (home + near) / 2 - self._burden, -np.inf)
            score[list(again)] = -np.inf
            if discover and (fresh & np.isfinite(score)).any():
                score[~fresh] = -np.inf
            best = self._best(score, current, Counter(recent))
            if not best:
                if not again and not recent:
                    return
                recent.clear()  # the rules leave nothing: the oldest may come again
                if again:
                    again.popleft()
                if len(again) == 0:
                    current = None
                continue
            weights = np.exp(SHARPNESS * (score[best] - score[best].max()))
            before, current = current, int(rng.choice(best, p=weights / weights.sum()))
            yield self._choice(current, home[current], seeds) if seeds else self._next(current, before)
            fresh[current] = False
            again.append(current)
            recent.append(int(self.all.artist[current]))

    def profile(self, seeds: Sequence[int]) -> Vector:
        """The seeds' mean direction, a little away from what is disliked; KeyError if one is not there."""
        center = unit(np.mean([self.all.unit[self.all.place(s)] for s in seeds], axis=0))
        if self._disliked.any():
            center = center - DISLIKED * unit(self.all.unit[self._disliked].mean(axis=0))
        return unit(center)

    def _taste(self, rng: np.random.Generator) -> Vector:
        start = self.all.unit[int(rng.integers(len(self.all)))]
        liked = self.all.rating > 0
        if not liked.any():
            return start
        return unit(start * (1 - LIKED) + LIKED * unit(self.all.unit[liked].mean(axis=0)))

    def _allowed(self, seeds: Sequence[int]) -> Bools:
        """All but the seeds, their doubles, and what is disliked."""
        allowed: Bools = ~self._disliked
        for s in seeds:
            allowed &= ~self.all.doubles(self.all.place(s))
        return allowed

    def _fits(self, genre: str, mood: str) -> Bools:
        fits = np.ones(len(self.all), bool)
        if genre:
            fits &= (self.all.genres == self.all.genre.get(genre.casefold(), -1)).any(axis=1)
        if mood and len(self.all):
            low, high = np.quantile(self.all.energy, [1 / 3, 2 / 3])
            fits &= self.all.energy <= low if mood == "calm" else self.all.energy >= high
        return fits

    def _ordered(self, order: Iterable[int], count: int) -> list[int]:
        """The first that keep the rules; one whose artist has just been heard waits for the next that is not."""
        chosen: list[int] = []
        held: deque[int] = deque()
        artists: Counter[int] = Counter()
        last = 0
        for i in order:
            if len(chosen) >= count:
                break
            by = int(self.all.artist[i])
            if (by and artists[by] >= PER_ARTIST) or self.all.double_of_any(i, [*chosen, *held]):
                continue
            artists[by] += 1
            if by and by == last:
                held.append(i)
                continue
            chosen.append(i)
            last = by
            if held and len(chosen) < count and int(self.all.artist[held[0]]) != last:
                chosen.append(held.popleft())
                last = int(self.all.artist[chosen[-1]])
        return chosen

    def _may_follow(self, i: int, before: int | None, artists: Counter[int]) -> bool:
        by = int(self.all.artist[i])
        return not by or (artists[by] < PER_ARTIST and (before is None or by != self.all.artist[before]))

    def _best(self, score: Floats, before: int | None, artists: Counter[int]) -> list[int]:
        best: list[int] = []
        for i in best_first(score):
            if self._may_follow(i, before, artists):
                best.append(i)
            if len(best) == DRAW:
                break
        return best

    def _next(self, i: int, before: int | None) -> Choice:
        """A piece of a radio that nobody gave a seed: it is like the one before it, and the first like none."""
        if before is not None:
            return self._choice(i, float(self.all.unit[i] @ self.all.unit[before]), [int(self.all.index.ids[before])])
        row = self._library.row(int(self.all.index.ids[i]))
        assert row is not None  # rows are never deleted
        return Choice(row, 0.0, ())

    def _choice(self, i: int, similarity: float, seeds: Sequence[int]) -> Choice:
        row = self._library.row(int(self.all.index.ids[i]))
        others = [self._library.row(s) for s in seeds]
        assert row is not None  # rows are never deleted
        return Choice(row, float(similarity), reasons(row, [o for o in others if o], float(similarity)))


def between(a: Vector, b: Vector, share: float) -> Vector:
    """The direction at a share of the angle from a to b (spherical interpolation)."""
    angle = float(np.arccos(np.clip(a @ b, -1, 1)))
    if angle < 1e-3:
        return a
    return unit((np.sin((1 - share) * angle) * a + np.sin(share * angle) * b).astype(np.float32))
