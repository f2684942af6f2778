"""Votes of raters as figures: means with 95 % intervals by bootstrap over raters, preferences with Wilson's."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

COLUMNS = ("view", "role", "scale", "system", "mean", "low", "high", "votes", "raters")
DRAWS = 2000  # of the bootstrap
Z = 1.96  # of 95 %
MOST = 1_000_000  # votes of a file
EVERYBODY = "all"


class Vote(NamedTuple):
    """One score, or with scale "preferred" 1, 0.5 or 0 for a system against another."""

    rater: str
    role: str
    view: str
    scale: str
    system: str
    score: float


def read(files: Iterable[Path], key: Mapping[str, Mapping[str, str]], views: Mapping[str, Sequence[str]],
         roles: Sequence[str]) -> list[Vote]:  # fmt: skip
    """All votes; ValueError names the file and the line of one that is none. A rater's later vote counts."""
    found: dict[tuple[str, ...], list[Vote]] = {}
    for file in files:
        with file.open(newline="", encoding="utf-8") as opened:
            for n, row in enumerate(csv.DictReader(opened), 2):
                if n > MOST:
                    raise ValueError(f"{file} has more than {MOST} votes")
                try:
                    votes = _votes(row, key, views, roles)
                except (KeyError, ValueError, TypeError) as error:
                    raise ValueError(f"{file}, line {n}, is no vote of these pages ({error})") from None
                found[row["rater"], row["view"], *sorted((row["code"], row["other"])),
                      row["code"] if row["scale"] != "preferred" else "", row["scale"]] = votes  # fmt: skip
    return [vote for votes in found.values() for vote in votes]


def _votes(row: Mapping[str, str], key: Mapping[str, Mapping[str, str]], views: Mapping[str, Sequence[str]],
           roles: Sequence[str]) -> list[Vote]:  # fmt: skip
    rater, role, view, scale = (row[name] for name in ("rater", "role", "view", "scale"))
    own, other = key[row["code"]]["system"], key[row["other"]]["system"]
    if role not in roles or view not in views:
        raise ValueError(f"{role!r}, {view!r}")
    if scale == "preferred":
        if row["score"] not in ("", row["code"], row["other"]):
            raise ValueError(f"{row['score'][:20]!r} is none of the two")
        mine = 0.5 if not row["score"] else float(row["score"] == row["code"])
        return [Vote(rater, role, view, scale, own, mine), Vote(rater, role, view, scale, other, 1 - mine)]
    score = float(row["score"])
    if scale not in views[view] or not 0.5 <= score <= 5:
        raise ValueError(f"{scale!r} = {score:g} is outside 0.5 to 5")
    return [Vote(rater, role, view, scale, own, score)]


def table(votes: Sequence[Vote]) -> list[tuple[str | float, ...]]:
    """Rows of COLUMNS, for each role and for all of them."""
    groups: dict[tuple[str, str, str, str], list[Vote]] = defaultdict(list)
    for vote in votes:
        for role in (EVERYBODY, vote.role):
            groups[vote.view, role, vote.scale, vote.system].append(vote)
    return [(*names, *(preference(group) if names[2] == "preferred" else interval(group)), float(len(group)),
             float(len({v.rater for v in group}))) for names, group in sorted(groups.items())]  # fmt: skip


def interval(votes: Sequence[Vote]) -> tuple[float, float, float]:
    """(mean, low, high): raters are drawn with all their votes, for those of one rater hang together."""
    by_rater: dict[str, list[float]] = defaultdict(list)
    for vote in votes:
        by_rater[vote.rater].append(vote.score)
    sums = np.array([(sum(scores), len(scores)) for scores in by_rater.values()], float)
    drawn = sums[np.random.default_rng(0).integers(0, len(sums), (DRAWS, len(sums)))].sum(axis=1)
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], (2.5, 97.5))
    return float(sums[:, 0].sum() / sums[:, 1].sum()), float(low), float(high)


def preference(votes: Sequence[Vote]) -> tuple[float, float, float]:
    """(share, low, high) of comparisons won, draws as halves: E. Wilson, 1927."""
    n, p = len(votes), float(np.mean([v.score for v in votes]))
    middle, wide = (
        (p + Z**2 / (2 * n)) / (1 + Z**2 / n),
        Z / (1 + Z**2 / n) * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)),
    )
    return p, float(max(middle - wide, 0)), float(min(middle + wide, 1))
