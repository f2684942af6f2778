"""All pieces on a plane: those that are alike lie near each other, as far as two numbers of fifty can say.

The two directions in which the vectors differ most (principal components; K. Pearson, 1901), turned to ranks along each
so that no heap hides what is in it, and half the way back so that gaps stay gaps.
"""

import json
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.library.choose import Chooser
from rtengine.library.store import Library

GROUPS = 11  # colours; what is left is grey
SIDE = 65_535


def plane(unit: NDArray[np.float32]) -> NDArray[np.int64]:
    """Where each vector (n, width) lies, (n, 2) from 0 to SIDE."""
    if len(unit) < 2:
        return np.full((len(unit), 2), SIDE // 2)
    x = unit - unit.mean(axis=0)
    _, axes = np.linalg.eigh(x.T @ x)
    y = x @ axes[:, :-3:-1]
    y *= np.sign(y[np.abs(y).argmax(axis=0), [0, 1]])  # an axis has no direction of its own
    ranks = y.argsort(axis=0, kind="stable").argsort(axis=0) / (len(y) - 1)
    low, high = np.quantile(y, [0.005, 0.995], axis=0)
    straight = np.clip((y - low) / np.maximum(high - low, 1e-9), 0, 1)
    return np.round((ranks + straight) / 2 * SIDE).astype(np.int64)


def drawn(library: Library, chooser: Chooser) -> dict[str, Any]:
    """The points: ids, x, y, and of which group each is: the tag that holds most, where that is a frequent one."""
    ids = chooser.all.index.ids
    rows = library.db.execute("SELECT id, tags FROM tracks WHERE gone = 0").fetchall()
    first = {r["id"]: next(iter(json.loads(r["tags"])), "") for r in rows}
    tags = [first.get(int(i), "") for i in ids]
    groups = [tag for tag, _ in Counter(tags).most_common(GROUPS)]
    number = {tag: n for n, tag in enumerate(groups)}
    at = plane(chooser.all.unit)
    return {
        "ids": ids.tolist(), "x": at[:, 0].tolist(), "y": at[:, 1].tolist(), "groups": groups,
        "group": [number.get(tag, len(groups)) for tag in tags],
    }  # fmt: skip
