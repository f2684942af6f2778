"""What was heard of late, a row every second: for a picture of it, whatever its size."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SECONDS = 300  # that are kept
LANES = 6  # tags that are drawn
HELD = 0.02  # of a tag's mean: below it a lane says nothing


@dataclass
class Moment:
    """One second. tags: shares in the model's order, () before any were told. Texts "" and numbers None if unknown."""

    tags: tuple[float, ...] = ()
    genre: str = ""
    sureness: float | None = None
    tempo: float | None = None  # 0: no steady beat
    key: str = ""
    loudness: float | None = None  # LUFS


@dataclass
class Past:
    """The moments, the oldest first."""

    moments: deque[Moment | None] = field(default_factory=lambda: deque(maxlen=SECONDS))

    def lanes(self, names: Sequence[str]) -> list[tuple[str, list[float]]]:
        """The tags that held most in what is kept, and their share in each moment, 0 where nothing is known."""
        rows = [m.tags for m in self.moments if m and len(m.tags) == len(names)]
        if not rows:
            return []
        means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
        best = sorted(range(len(names)), key=lambda i: -means[i])[:LANES]
        return [(names[i], [m.tags[i] if m and len(m.tags) == len(names) else 0.0 for m in self.moments])
                for i in best if means[i] >= HELD]  # fmt: skip

    def runs(self, what: str) -> list[tuple[int, int, str]]:
        """Moments in a row with one text ("genre", "key"): the first, the one after the last, the text."""
        found: list[tuple[int, int, str]] = []
        for n, moment in enumerate(self.moments):
            text = str(getattr(moment, what)) if moment else ""
            if found and found[-1][2] == text and found[-1][1] == n:
                found[-1] = found[-1][0], n + 1, text
            else:
                found.append((n, n + 1, text))
        return [run for run in found if run[2]]

    def numbers(self, what: str) -> list[float | None]:
        """A number ("tempo", "loudness") of each moment."""
        return [getattr(m, what) if m else None for m in self.moments]


def moment(values: Mapping[str, Sequence[object]]) -> Moment:
    """What the host told last, by the names of the readings."""

    def number(name: str) -> float | None:
        told = values.get(name, ())
        return float(told[0]) if told and isinstance(told[0], int | float) else None

    def text(name: str) -> str:
        told = values.get(name, ())
        return told[0] if told and isinstance(told[0], str) else ""

    tags = tuple(float(v) for v in values.get("tags", ()) if isinstance(v, int | float))
    return Moment(tags, text("genre"), number("sureness"), number("tempo"), text("key"), number("loudness"))
