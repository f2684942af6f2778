"""The map as a page draws it: points, and of which group each is."""

import json
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.library.layout import Points
from rtengine.library.store import Library
from rtengine.library.vectors import Index

GROUPS = 11  # colours; what is left is grey
SIDE = 65_535
FRINGE = 0.001  # share of the points on each edge: a few far ones do not make all others small


def square(at: Points) -> NDArray[np.int64]:
    """The same points (n, 2), stretched to 0 to SIDE in both directions."""
    if len(at) < 2:
        return np.full((len(at), 2), SIDE // 2)
    low, high = np.quantile(at, [FRINGE, 1 - FRINGE], axis=0)
    return np.round(np.clip((at - low) / np.maximum(high - low, 1e-9), 0, 1) * SIDE).astype(np.int64)


def drawn(library: Library, index: Index, at: Points) -> dict[str, Any]:
    """The points: ids, x, y, and of which group each is: the tag that holds most, where that is a frequent one."""
    rows = library.db.execute("SELECT id, tags FROM tracks WHERE gone = 0").fetchall()
    first = {r["id"]: next(iter(json.loads(r["tags"])), "") for r in rows}
    tags = [first.get(int(i), "") for i in index.ids]
    groups = [tag for tag, _ in Counter(tags).most_common(GROUPS)]
    number = {tag: n for n, tag in enumerate(groups)}
    on = square(at)
    return {
        "ids": index.ids.tolist(), "x": on[:, 0].tolist(), "y": on[:, 1].tolist(), "groups": groups,
        "group": [number.get(tag, len(groups)) for tag in tags],
    }  # fmt: skip
