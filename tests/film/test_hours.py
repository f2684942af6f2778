"""A film of hours is looked at in the memory and the time that its curves take, and no more."""

import time
import tracemalloc
from array import array

import numpy as np
import pytest

from rtengine.film.cuts import Cut, find_cuts, find_fades
from rtengine.film.dissolves import find_dissolves
from rtengine.film.impacts import find_impacts, visual_tempo
from rtengine.film.look import CURVES, Look
from rtengine.film.mood import mood

RATE, HOURS = 25, 5
FRAMES = HOURS * 3600 * RATE
MOST = 80 * FRAMES  # bytes: as much again as the curves themselves
LONGEST = 20.0  # seconds of processor time; what grows with the square of the length takes minutes


@pytest.fixture(scope="module")
def look() -> Look:
    """Shots of four seconds, with a little of everything."""
    random, seen = np.random.default_rng(0), Look()
    levels = {"brightness": 0.5, "contrast": 0.2, "saturation": 0.3}
    curves = {name: np.full(FRAMES, levels.get(name, 0.0), np.float32) for name in CURVES}
    curves["motion"] = random.gamma(2, 0.5, FRAMES).astype(np.float32)
    curves["motion"][::100] = 40
    curves["change"] = curves["beyond"] = curves["motion"]
    curves["start"], curves["stop"] = random.gamma(1, 0.1, (2, FRAMES)).astype(np.float32)
    seen.time = array("d", np.arange(FRAMES) / RATE)
    seen._curves = {name: array("f", curve.tobytes()) for name, curve in curves.items()}
    shots = random.integers(60, 180, (FRAMES // 100, 40), dtype=np.uint8)
    seen._thumbs = array("B", np.repeat(shots, 100, axis=0).tobytes())
    return seen


@pytest.mark.parametrize("what", ["cuts", "fades", "dissolves", "impacts", "tempo", "mood"])
def test_hours_take_little(look: Look, what: str) -> None:
    cuts = [Cut(float(t), 0.7) for t in range(4, HOURS * 3600, 4)]
    asked = {
        "cuts": lambda: find_cuts(look),
        "fades": lambda: find_fades(look),
        "dissolves": lambda: find_dissolves(look, cuts, []),
        "impacts": lambda: find_impacts(look, cuts),
        "tempo": lambda: visual_tempo(look, cuts),
        "mood": lambda: mood(look, cuts, HOURS * 3600.0),
    }[what]
    tracemalloc.start()
    began = time.process_time()
    try:
        asked()
        took, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MOST, f"{peak / 1e6:.0f} MB"
    assert took < LONGEST, f"{took:.1f} s"
