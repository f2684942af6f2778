"""Rendering: seconds for ten seconds of stereo in a warm process, beside librosa's Griffin-Lim on ten seconds of mono.

What librosa takes for 100 iterations is the unit U: a measure of the machine, with which runs on two machines can be
compared.
"""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.griffin_lim import HOP, N_FFT, with_librosa
from benchmarks.table import Row
from benchmarks.timing import Times
from rtengine.dsp.stft import stft
from rtengine.graph import Graph
from rtengine.models.exemplars.music import music
from rtengine.patches.texture import FIT, REFINE, texture

SECONDS, SAMPLE_RATE, RUNS = 10, 44_100, 5
ORIGINAL = {"lofi": 20, "standard": 30, "hifi": 45}  # seconds, as the manual of MusiCoder states for its server


def rows() -> list[Row]:
    """One row for each quality and number of threads."""
    x = music(SAMPLE_RATE)[:, 4 * SAMPLE_RATE : (4 + SECONDS) * SAMPLE_RATE].astype(np.float32)
    magnitude = np.abs(stft(x[0], N_FFT, HOP))
    unit = Times.of([_wall(lambda: with_librosa(magnitude, 100)) for _ in range(3)]).least
    found = []
    for quality, refine in REFINE.items():
        for threads in (0, 2):
            with texture(SAMPLE_RATE, refine=refine, fit=FIT[quality], threads=threads) as graph:
                graph["/texture/quality"] = list(REFINE).index(quality)
                graph.settle()
                late = np.pad(x, ((0, 0), (0, graph.latency)))
                graph.process(late)
                walls, cpus = zip(*(_timed(graph, late) for _ in range(RUNS)), strict=True)
            wall, how = Times.of(walls), f"{threads} threads" if threads else "in one thread"
            note = (
                f"{wall.least / unit:.3f} U, {SECONDS / wall.least:.0f} x real time, CPU {min(cpus):.2f} s; "
                f"MusiCoder's manual states {ORIGINAL[quality]} s"
            )
            name = f"{quality}, 10 s stereo, {how}"
            found.append(Row(name, wall.least, "s", "librosa, 100 iterations", unit, note, median=wall.median))
    return found


def _wall(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _timed(graph: Graph, x: np.ndarray) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    graph.process(x)
    return time.perf_counter() - wall, time.process_time() - cpu
