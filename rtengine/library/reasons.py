"""Why a piece was chosen, in a few words."""

import json
import sqlite3
from collections.abc import Sequence

SHARED = 3  # tags that two pieces have among their first so many
NEAR, CLOSE = 0.9, 0.7  # cosines
SAME_TEMPO = 0.04  # relative


def reasons(row: sqlite3.Row, others: Sequence[sqlite3.Row], similarity: float) -> tuple[str, ...]:
    """What it shares with the pieces it was chosen for: distance, tags, tempo, key, an artist."""
    found = ["very close" if similarity >= NEAR else "close" if similarity >= CLOSE else "farther off"]
    others = [other for other in others if other["id"] != row["id"]]
    shared = [t for t in list(json.loads(row["tags"]))[:SHARED] if any(t in first(other) for other in others)]
    if shared:
        found.append(f"both {' and '.join(shared[:2])}")
    if any(same_tempo(row["tempo"], other["tempo"]) for other in others):
        found.append(f"same tempo ({row['tempo']:.0f})")
    if row["key"] and any(row["key"] == other["key"] for other in others):
        found.append(f"same key ({row['key']})")
    if row["artist"] and any(row["artist"] == other["artist"] for other in others):
        found.append("same artist")
    return tuple(found)


def first(row: sqlite3.Row) -> list[str]:
    return list(json.loads(row["tags"]))[:SHARED]


def same_tempo(a: float, b: float) -> bool:
    """Whether two tempi are one, or one twice the other; 0 is none."""
    if not a or not b:
        return False
    return any(abs(a * factor / b - 1) < SAME_TEMPO for factor in (0.5, 1, 2))
