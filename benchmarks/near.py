"""Similar pieces beyond 100,000: the graph of neighbours against exact search, on vectors that were made up."""

import os
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Row
from rtengine.library import near
from rtengine.library.vectors import Index

PIECES, WIDTH, KINDS = 200_000, 50, 2_000
SPREAD = 0.7  # of the pieces of a kind about its middle; the middles have 1
ASKED, COUNT = 500, 20


def vectors(pieces: int, seed: int = 0) -> NDArray[np.float32]:
    """(pieces, WIDTH) of length 1: kinds of music, and about each the pieces that are of it."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(KINDS, WIDTH))[rng.integers(KINDS, size=pieces)]
    x += SPREAD * rng.normal(size=x.shape)
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True), np.float32)


def similar(pieces: int = PIECES) -> list[Row]:
    """How many of the nearest the graph finds, how long it takes, and how much memory there is with it."""
    unit, ids = vectors(pieces), np.arange(pieces)
    rng = np.random.default_rng(1)
    asked = unit[rng.choice(pieces, ASKED, replace=False)]
    before, began = resident(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        graph = near.build(Path(folder), "made up", Index(ids, unit), threads=2)
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
    assert graph, "there is no voyager: pip install 'rtengine[large]'"
    built, more = time.perf_counter() - began, resident() - before
    took: dict[str, list[float]] = {"graph": [], "exact": []}
    right = 0
    for vector in asked:
        began = time.perf_counter()
        candidates = graph.ids(vector, near.BREADTH)
        found = candidates[np.argsort(-(unit[candidates] @ vector), kind="stable")[:COUNT]]
        took["graph"].append(time.perf_counter() - began)
        began = time.perf_counter()
        cosine = unit @ vector
        best = np.argpartition(-cosine, COUNT)[:COUNT]
        took["exact"].append(time.perf_counter() - began)
        right += len(np.intersect1d(found, best))
    p99 = {name: 1e3 * sorted(times)[ASKED * 99 // 100] for name, times in took.items()}
    median = {name: 1e3 * sorted(times)[ASKED // 2] for name, times in took.items()}
    return [
        Row(f"graph of {pieces}, made", built, "s", note=f"{size:.0f} MB on disk"),
        Row(f"of the {COUNT} nearest found", 100 * right / (ASKED * COUNT), "%", more=True),
        Row("similar, median", median["graph"], "ms", "exact", median["exact"]),
        Row("similar, p99", p99["graph"], "ms", "exact", p99["exact"], "<= 20 ms"),
        Row("memory for the graph", more, "MB", "vectors", unit.nbytes / 1e6),
    ]


def resident() -> float:
    """MB of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def rows() -> list[Row]:
    """All of it."""
    return similar()
