"""Similar pieces in large libraries, by the graph of neighbours and by exact search, on vectors that were made up."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Row
from rtengine.library import near
from rtengine.library.store import Library
from rtengine.library.vectors import Index, index
from rtengine.models.listen.model import load_model

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


ASK = """
import sys, time
from pathlib import Path
from rtengine.library.choose import Chooser
from rtengine.library.near import load
from rtengine.library.store import Library
from rtengine.library.vectors import index
from rtengine.models.listen.model import load_model
began, library, model = time.perf_counter(), Library(Path(sys.argv[1])), load_model()
chooser = Chooser(library, index(library, model), load(library.folder, model.digest))
opened, times = time.perf_counter() - began, []
for n in range(int(sys.argv[2])):
    began = time.perf_counter()
    assert len(chooser.similar([1 + 97 * n], int(sys.argv[3]))) == int(sys.argv[3])
    times.append(1e3 * (time.perf_counter() - began))
times.sort()
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(opened, times[len(times) // 2], times[len(times) * 99 // 100], int(peak) / 1e3)
"""


def whole(pieces: int, name: str) -> list[Row]:
    """A library of so many pieces, opened and asked in a process of its own: tags, artists and reasons included."""
    with tempfile.TemporaryDirectory() as folder:
        library, model = Library(Path(folder)), load_model()
        unit = vectors(pieces)
        library.vectors_file(model.digest).write_bytes(unit.tobytes())
        values = {"size": 1, "changed": 1, "added": 0, "album_artist": "", "genre": "",
                  "track": 1, "disc": 1, "year": 1,
                  "model": model.digest, "seconds": 200, "tempo": 120, "key": "", "loudness": -14, "energy": 0,
                  "heard_genre": "", "tags": '{"rock": 0.5, "pop": 0.4, "indie": 0.2}', "damage": ""}  # fmt: skip
        columns = ["id", "path", "digest", "title", "artist", "album", "place", *values]
        with library.change():
            library.db.executemany(
                f"INSERT INTO tracks ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
                ((n + 1, b"/music/%d.mp3" % n, f"{n:064}", f"Piece {n}", f"Artist {n // 12}", f"Album {n // 12}", n,
                  *values.values()) for n in range(pieces)),
            )  # fmt: skip
        near.build(Path(folder), model.digest, index(library, model), threads=2)
        library.close()
        command = [sys.executable, "-c", ASK, folder, str(ASKED), str(COUNT)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    opened, median, p99, peak = map(float, answer.split())
    return [
        Row(f"{pieces} pieces, {name}: opened", opened, "s"),
        Row("similar, median", median, "ms"),
        Row("similar, p99", p99, "ms", note="<= 20 ms"),
        Row("all memory of the process", peak, "MB", note="<= 300 MB"),
    ]


def rows() -> list[Row]:
    """All of it."""
    return [*whole(near.EXACT, "all compared"), *whole(near.EXACT + 1, "by the graph"), *similar()]
