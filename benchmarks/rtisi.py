"""RTISI-LA live: microseconds of CPU for a stereo hop, beside the time that a hop lasts."""

import numpy as np

from benchmarks.table import Row
from benchmarks.timing import Times, several
from rtengine.dsp import rtisi
from rtengine.dsp.rtisi import BOTH
from rtengine.native.kernel import kernel
from rtengine.native.record import record

N_FFT, HOP, CHANNELS, SAMPLE_RATE, HOPS = 1024, 256, 2, 48_000, 200


def rows() -> list[Row]:
    """The peer is the hop itself: what one core could spend on it."""
    found = []
    for look_ahead, n_iter in ((-2, 1), (-2, 2), (0, 4), (1, 4), (3, 2), (3, 4), (3, 8), (3, 16), (7, 4)):
        took, hop = step(look_ahead, n_iter).scaled(1e6), HOP / SAMPLE_RATE * 1e6
        name = f"look-ahead {look_ahead}, {n_iter} iterations, stereo"
        note = f"{100 * took.least / hop:.1f} % of a core; <= 5 %"
        found.append(Row(name, took.least, "us", "a hop at 48 kHz", hop, note, median=took.median))
    return found


def step(look_ahead: int, n_iter: int) -> Times:
    """CPU seconds for a hop."""
    state = record(rtisi.prepare(N_FFT, HOP, CHANNELS, look_ahead))[0]
    magnitude = np.random.default_rng(0).random((CHANNELS, N_FFT // 2 + 1)).astype(np.float32)
    start = np.random.default_rng(1).standard_normal((CHANNELS, 2, N_FFT // 2 + 1)).astype(np.float32)
    y = np.zeros((CHANNELS, HOP), np.float32)
    return several(lambda: _many(state, magnitude, start, n_iter, y, HOPS)).scaled(1 / HOPS)


@kernel
def _many(state, magnitude, start, n_iter, y, hops):
    for _ in range(hops):
        rtisi.step(state, magnitude, start, BOTH, n_iter, y)
