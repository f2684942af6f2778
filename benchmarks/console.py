"""The desk: what 16 stereo channels cost at 48 kHz in blocks of 128, beside pedalboard with as many plugins.

pedalboard (JUCE) has no gate with a range, no soft knee, no width and no feedback delay network; its chain is
the nearest: high-pass, six bands, gate, compressor, gain on each channel, and one Reverb and one Limiter on the sum.
"""

import time
from collections.abc import Callable

import numpy as np
import pedalboard as peer

from benchmarks.table import Row
from rtengine.graph import Graph
from rtengine.patches.console import console

RATE, BLOCK, STRIPS, SECONDS = 48_000, 128, 16, 10
TARGET = 40  # per cent of a core
PEER = "pedalboard"
STRIP = {  # everything at work
    "high_pass": 80, "gate_ratio": 2, "gate_threshold": -30, "eq1_gain": 3, "eq2_gain": -3, "eq3_gain": 2,
    "eq4_gain": 2, "eq5_gain": 4, "eq6_gain": 3, "threshold": -30, "ratio": 4, "makeup": 3, "pan": 0.3, "width": 1.2,
    "fader": -3,
}  # fmt: skip


def rows() -> list[Row]:
    """The share of a core, and the longest blocks; the automatic desk beside the plain one."""
    x = (0.05 * np.random.default_rng(0).standard_normal((2 * STRIPS, SECONDS * RATE))).astype(np.float32)
    theirs, _ = _measure(_peer(), x)
    found = []
    for mind in ("", "rules", "controller"):
        share, worst = _measure(_desk(mind).process, x)
        name = f"16 stereo strips, room, width, limiter{', ' * bool(mind)}{mind}"
        note = f"target {TARGET}; p99 of a block {worst:.3f} ms of {1000 * BLOCK / RATE:.2f}"
        found.append(Row(name, share, "% of a core", PEER, theirs, note))
    return found


def _desk(mind: str) -> Graph:
    graph = console(RATE, STRIPS, bool(mind))
    if mind:
        graph["/automix/mind"] = float(mind == "controller")
    for strip in range(1, STRIPS + 1):
        for name, value in STRIP.items():
            if not graph.automatic(f"/strip/{strip}/{name}"):
                graph[f"/strip/{strip}/{name}"] = value
        graph[f"/bus/send{strip}"] = -12
    graph["/bus/threshold"], graph["/bus/ratio"] = -30, 2
    graph.settle()
    return graph


def _peer() -> Callable[[np.ndarray], object]:
    """The same, as far as pedalboard has it, block by block with its memory kept."""

    def channel() -> peer.Pedalboard:
        bands = [peer.PeakFilter(f, 3, 1) for f in (220, 600, 1600, 4200)]
        eq = [peer.LowShelfFilter(90, 3), *bands, peer.HighShelfFilter(9000, 3)]
        dynamics = [peer.NoiseGate(-30, 2), peer.Compressor(-30, 4, 10, 200)]
        return peer.Pedalboard([peer.HighpassFilter(80), *eq, *dynamics, peer.Gain(-3)])

    boards = [channel() for _ in range(STRIPS)]
    room, last = peer.Reverb(wet_level=0.3, dry_level=0), peer.Pedalboard([peer.Compressor(-30, 2), peer.Limiter(-1)])

    def play(x: np.ndarray) -> object:
        strips = [b.process(x[2 * i : 2 * i + 2], RATE, BLOCK, reset=False) for i, b in enumerate(boards)]
        total = np.sum(strips, axis=0)
        return last.process(total + room.process(total, RATE, BLOCK, reset=False), RATE, BLOCK, reset=False)

    return play


def _measure(play: Callable[[np.ndarray], object], x: np.ndarray) -> tuple[float, float]:
    """Per cent of a core, and the 99th percentile of the milliseconds of a block."""
    blocks = [np.ascontiguousarray(x[:, n : n + BLOCK]) for n in range(0, x.shape[1] - BLOCK + 1, BLOCK)]
    for block in blocks[: RATE // BLOCK]:
        play(block)
    walls, cpu = [], time.process_time()
    for block in blocks:
        begun = time.perf_counter()
        play(block)
        walls.append(time.perf_counter() - begun)
    share = 100 * (time.process_time() - cpu) / (len(blocks) * BLOCK / RATE)
    return share, 1000 * float(np.percentile(walls, 99))
