"""The two ends of a slow part whose worker stalls: every sample that is not its own is counted, where it was."""

import numpy as np
import pytest

from rtengine.blocks import offload
from rtengine.native import ring
from rtengine.native.record import record

LATENCY, HEADROOM, CELL = 1024, 512, 64


def play(stalls: list[tuple[int, int]], x: np.ndarray) -> tuple[np.ndarray, np.void]:
    """The worker gives minus what it got, in hops of 256; it does nothing in these ranges of samples."""
    ends = record(offload.prepare(LATENCY, HEADROOM, 1, CELL, 1, patient=False))[0]
    params, hop, y = record({"gain": np.float32(0)}, line=4)[0], np.zeros((1, 256), np.float32), np.zeros_like(x)
    ring.drop(ends["down"], HEADROOM)  # as many as a worker that is in time has still to make
    for n in range(0, x.shape[1], CELL):
        offload.send(ends, params, np.ascontiguousarray(x[:, n : n + CELL]))
        while not any(a <= n < b for a, b in stalls) and ring.read(ends["up"], hop):
            ring.write(ends["down"], -hop)
        z = np.zeros((1, CELL), np.float32)
        offload.receive(ends, z, n)
        y[:, n : n + CELL] = z
    return y, ends


@pytest.mark.parametrize("stall", [[], [(20_000, 20_700)], [(20_000, 20_900)], [(20_000, 21_000), (40_000, 48_000)]])
def test_what_departs_from_the_wet_signal_is_counted_with_its_place(stall: list[tuple[int, int]]) -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (1, 64_000)).astype(np.float32)
    latency = LATENCY - HEADROOM
    y, ends = play(stall, x)
    wet = np.concatenate((np.zeros((1, latency), np.float32), -x), axis=1)[:, : x.shape[1]]
    departed = np.flatnonzero(y[0] != wet[0])
    lapses = ends["lapses"]
    count = int(lapses["count"])
    assert ends["late"] == lapses["samples"][:count].sum()
    assert departed.size <= ends["late"] <= departed.size + 8 * count, "but for a sample of equal dry and wet"
    if not stall:
        assert (count, departed.size) == (0, 0)
    for begin, samples in zip(lapses["begin"][:count], lapses["samples"][:count], strict=True):
        assert np.any((departed >= begin) & (departed < begin + CELL)), "it began in this buffer"
        assert samples > 0
