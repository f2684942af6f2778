"""Beyond a hundred thousand pieces: those near a vector without a look at all of them, by a graph of neighbours.

The graph is made while the library is scanned, and only what is new is added to it. It gives candidates, more than are
needed; they are compared exactly, so that the order is right, and about one in two hundred of the nearest is missed.
Source: Y. Malkov, D. Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical navigable
small world graphs", 2016; as voyager has it (Spotify, Apache 2.0).
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.files.beside import beside
from rtengine.library.vectors import Index, Vector

EXACT = 100_000  # pieces up to which all are compared
LINKS, CARE = 16, 200  # of the graph: links of a piece, candidates while it is made
BREADTH = 400  # candidates while one asks, at least
PORTION = 5_000  # pieces between two words about the progress


class Near:
    """The graph of one model's vectors."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph

    def __len__(self) -> int:
        return int(self._graph.num_elements)

    def ids(self, vector: Vector, count: int) -> NDArray[np.int64]:
        """About the `count` pieces nearest to a vector, the nearest first."""
        count = min(count, len(self))
        found, _ = self._graph.query(vector, k=count, query_ef=max(BREADTH, count))
        return np.asarray(found, np.int64)


def file_of(folder: Path, model: str) -> Path:
    """Where the graph of a model is kept."""
    return folder / f"near-{model[:16]}.voy"


def load(folder: Path, model: str) -> Near | None:
    """The graph, if there is one and voyager is there; a damaged one is none."""
    with suppress(ModuleNotFoundError, OSError, RuntimeError, ValueError):
        from voyager import Index as Graph

        if file_of(folder, model).exists():
            return Near(Graph.load(str(file_of(folder, model))))
    return None


def build(
    folder: Path, model: str, index: Index, threads: int = 1, tell: Callable[[int, int], object] = lambda done, of: None
) -> Near | None:
    """Bring the graph up to date with a library of more than EXACT pieces; None for a smaller one, or without voyager.

    What has gone stays in the graph, and is left out by who asks.
    """
    if len(index.ids) <= EXACT:
        return None
    try:
        from voyager import Index as Graph
        from voyager import Space
    except ModuleNotFoundError:
        return None
    old = load(folder, model)
    graph = old._graph if old else Graph(Space.InnerProduct, index.unit.shape[1], LINKS, CARE)
    known = np.fromiter(graph.ids, np.int64, len(graph)) if old else np.zeros(0, np.int64)
    new = np.flatnonzero(~np.isin(index.ids, known))
    for start in range(0, len(new), PORTION):
        part = new[start : start + PORTION]
        graph.add_items(index.unit[part], index.ids[part].tolist(), num_threads=threads)
        tell(start + len(part), len(new))
    if len(new):
        with beside(file_of(folder, model), True) as whole:
            graph.save(str(whole))
    return Near(graph)
