"""A score in the making: a film read once, its markers, and what a hand has changed of the music.

Nothing here reads the film again. Whatever is changed, the piece follows from the analysis and these few values, so
that what is heard, what is shown and what is exported are one and the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rtengine.film.analysis import Analysis, analyse
from rtengine.models.score.model import Model
from rtengine.score.compose import compose
from rtengine.score.grid import Hit, hits
from rtengine.score.notes import PARTS, Note, Piece

NEAR = 0.3  # seconds within which a marker finds a moment of the film, or a beat
ALIKE = 0.04  # seconds: markers so near are one
BY_HAND = 0.8  # strength of a marker that is set by hand
MOST = 2000  # markers, stretches and locks of one film


@dataclass(frozen=True)
class Stretch:
    """Notes that begin from `start` on and before `end` (seconds) are those of another take."""

    start: float
    end: float
    take: int


@dataclass(frozen=True)
class Wishes:
    """All that a hand may change. sensitivity 0 to 1; emotion: valence and arousal or None; tempo: beats or None.

    added, removed: markers by hand, and times of those that are not wanted. locked: notes by part, kept as they are.
    """

    sensitivity: float = 0.5
    emotion: tuple[float, float] | None = None
    tempo: float | None = None
    instruments: dict[str, str] = field(default_factory=dict)
    seed: int = 0
    style: str | None = None
    added: tuple[Hit, ...] = ()
    removed: tuple[float, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    locked: dict[str, tuple[Note, ...]] = field(default_factory=dict)


class Session:
    """A film, what is wished, and the piece that follows. Errors are ValueError with the value and the bound."""

    def __init__(self, film: Analysis, model: Model | None = None) -> None:
        self.film, self.model, self.wishes = film, model, Wishes()
        self.version = 0
        self.piece = self._composed()

    @classmethod
    def of(cls, path: Path, model: Model | None = None, done: Callable[[float], object] = lambda s: None) -> "Session":
        """Read a film; errors are those of rtengine.film.analysis.analyse."""
        return cls(analyse(path, done), model)

    def wish(self, **changes: object) -> None:
        """Change some of the wishes and write the piece anew; the old one stays if that fails."""
        before = self.wishes
        self.wishes = replace(before, **changes)  # type: ignore[arg-type]
        try:
            self.piece = self._composed()
        except BaseException:
            self.wishes = before
            raise
        self.version += 1

    def sensitive(self, value: float) -> None:
        """Meet more or fewer of the film's moments, 0 to 1."""
        if not 0 <= value <= 1:
            raise ValueError(f"a sensitivity of {value:g} is outside 0 to 1")
        self.wish(sensitivity=value)

    @property
    def markers(self) -> list[Hit]:
        """The moments that the music meets, in order."""
        found = [h for h in hits(self.film, self.wishes.sensitivity) if not _among(h.time, self.wishes.removed)]
        return sorted([h for h in found if not _among(h.time, [a.time for a in self.wishes.added])]
                      + list(self.wishes.added))  # fmt: skip

    def snapped(self, time: float) -> float:
        """The film's own moment next to a time, whatever its strength; else the next beat; else the time itself."""
        moments = [c.time for c in self.film.cuts] + [i.time for i in self.film.impacts]
        beat = float(self.piece.grid.beat(time))
        for near in (moments, [float(self.piece.grid.time(round(beat)))]):
            best = min(near, key=lambda m: abs(m - time), default=None)
            if best is not None and abs(best - time) <= NEAR:
                return best
        return time

    def add(self, time: float, snap: bool = True) -> float:
        """Set a marker; returns where it stands."""
        self._inside(time)
        time = self.snapped(time) if snap else time
        if _among(time, [m.time for m in self.markers]):
            raise ValueError(f"there is a marker at {time:.2f} s already")
        if len(self.wishes.added) >= MOST:
            raise ValueError(f"{MOST} markers by hand are the most")
        back = tuple(t for t in self.wishes.removed if abs(t - time) > ALIKE)
        self.wish(added=(*self.wishes.added, Hit(time, BY_HAND, False)), removed=back)
        return time

    def remove(self, time: float) -> None:
        """Take the marker next to a time away."""
        old = self._marker(time)
        kept = tuple(a for a in self.wishes.added if a != old)
        self.wish(added=kept, removed=(*self.wishes.removed, old.time)[-MOST:])

    def move(self, time: float, to: float, snap: bool = True) -> float:
        """Move the marker next to a time; returns where it stands. It keeps its strength."""
        self._inside(to)
        old = self._marker(time)
        to = self.snapped(to) if snap else to
        if _among(to, [m.time for m in self.markers if m != old]):
            raise ValueError(f"there is a marker at {to:.2f} s already")
        kept = tuple(a for a in self.wishes.added if a != old)
        gone = tuple(t for t in (*self.wishes.removed, old.time) if abs(t - to) > ALIKE)
        self.wish(added=(*kept, old._replace(time=to)), removed=gone[-MOST:])
        return to

    def regenerate(self, start: float, end: float) -> None:
        """Other notes for what begins from `start` on and before `end`, over the same harmony."""
        if not 0 <= start < end:
            raise ValueError(f"{start:g} to {end:g} s is no stretch of a film")
        take = max((s.take for s in self.wishes.stretches), default=0) + 1
        others = tuple(s for s in self.wishes.stretches if s.start < start or s.end > end)
        if len(others) >= MOST:
            raise ValueError(f"{MOST} stretches are the most")
        self.wish(stretches=(*others, Stretch(start, end, take)))

    def lock(self, part: str, on: bool = True) -> None:
        """Keep a part's notes as they are, whatever else changes, or let it follow again."""
        if part not in PARTS:
            raise ValueError(f"there is no part {part[:40]!r}, but {', '.join(PARTS)}")
        locked = {p: notes for p, notes in self.wishes.locked.items() if p != part}
        if on:
            locked[part] = tuple(n for n in self.piece.notes if n.part == part)
        self.wish(locked=locked)

    def _composed(self) -> Piece:
        takes = {0: self._take(0)} | {s.take: self._take(s.take) for s in self.wishes.stretches}
        whole = takes[0]
        notes = [n for n in whole.notes if not any(s.start <= n.start < s.end for s in self.wishes.stretches)]
        for i, s in enumerate(self.wishes.stretches):
            later = self.wishes.stretches[i + 1 :]
            notes += [n for n in takes[s.take].notes if s.start <= n.start < s.end
                      and not any(o.start <= n.start < o.end for o in later)]  # fmt: skip
        locked = self.wishes.locked
        notes = [n for n in notes if n.part not in locked] + [n for part in locked.values() for n in part]
        return replace(whole, notes=tuple(sorted(notes)))

    def _take(self, take: int) -> Piece:
        w = self.wishes
        return compose(self.film, emotion=w.emotion, sensitivity=w.sensitivity, tempo=w.tempo,
                       instruments=w.instruments, seed=w.seed, model=self.model, style=w.style, moments=self.markers,
                       take=take)  # fmt: skip

    def _marker(self, time: float) -> Hit:
        best = min(self.markers, key=lambda m: abs(m.time - time), default=None)
        if best is None or abs(best.time - time) > NEAR:
            raise ValueError(f"there is no marker within {NEAR:g} s of {time:.2f} s")
        return best

    def _inside(self, time: float) -> None:
        if not 0 <= time < self.film.end - 0.1:
            raise ValueError(f"{time:g} s is outside the film, 0 to {self.film.end - 0.1:.2f} s")


def _among(time: float, times: Sequence[float]) -> bool:
    return any(abs(time - t) <= ALIKE for t in times)
