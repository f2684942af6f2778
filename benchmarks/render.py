"""Rendering: seconds for ten seconds of stereo in a warm process, and how many times faster than real time."""

import time
from statistics import median

import numpy as np

from benchmarks.table import Row
from rtengine.graph import Graph
from rtengine.patches.texture import REFINE, texture

SECONDS, SAMPLE_RATE, RUNS = 10, 44_100, 5
TARGET = {"lofi": 0.20, "standard": 0.30, "hifi": 0.45}  # seconds, on two cores
ORIGINAL = {"lofi": 20.0, "standard": 30.0, "hifi": 45.0}  # seconds, as the manual of MusiCoder states for its server


def rows() -> list[Row]:
    """One row for each quality and number of threads; the peer is what MusiCoder's manual states, not a measurement."""
    found = []
    for quality, refine in REFINE.items():
        for threads in (0, 2):
            with texture(SAMPLE_RATE, refine=refine, threads=threads) as graph:
                graph["/texture/quality"] = list(REFINE).index(quality)
                graph.settle()
                x = _music(SECONDS * SAMPLE_RATE + graph.latency)
                graph.process(x)
                walls, cpus = zip(*(_timed(graph, x) for _ in range(RUNS)), strict=True)
            wall, how = median(walls), f"{threads} threads" if threads else "in one thread"
            note = f"{SECONDS / wall:.0f} x real time, CPU {median(cpus):.2f} s, target {TARGET[quality]:.2f} s"
            name = f"{quality}, 10 s stereo, {how}"
            found.append(Row(name, wall, "s", "MusiCoder (stated)", ORIGINAL[quality], note))
    return found


def _timed(graph: Graph, x: np.ndarray) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    graph.process(x)
    return time.perf_counter() - wall, time.process_time() - cpu


def _music(samples: int) -> np.ndarray:
    """Tones with a beat: what it sounds like costs the graph nothing more or less."""
    n = np.arange(samples)
    tones = sum(np.sin(n * w) for w in (0.031, 0.047, 0.063))
    beat = np.exp(-(n % 22_050) / 4000) * np.random.default_rng(0).standard_normal((2, samples))
    return (0.1 * tones + 0.2 * beat).astype(np.float32)
