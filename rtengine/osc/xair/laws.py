"""How positions of the X Air dialect, 0 to 1, stand for decibels, hertz and milliseconds.

The laws are those that two independent clients agree on: behringer-mixer and xair-api, both from PyPI, drive this in
the tests. They are small enough to be written down as equations:

    fader   four straight pieces: 0 -oo, 1/16 -60, 1/4 -30, 1/2 -10, 1 +10 dB
    linear  low + (high - low) f
    log     low (high / low)^f
    q       10 (0.3 / 10)^f
"""

from bisect import bisect_right
from collections.abc import Callable
from math import log
from typing import NamedTuple

FADER = ((0.0, -90.0), (0.0625, -60.0), (0.25, -30.0), (0.5, -10.0), (1.0, 10.0))
RATIOS = (1.1, 1.3, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 100.0)


class Law(NamedTuple):
    """From the dialect's value to ours, and back; whole: the dialect sends it as an integer."""

    ours: Callable[[float], float]
    theirs: Callable[[float], float]
    whole: bool = False


def _piecewise(x: float, points: tuple[tuple[float, float], ...]) -> float:
    """Straight lines through the points, ends held."""
    x = min(max(x, points[0][0]), points[-1][0])
    i = min(bisect_right([p[0] for p in points], x), len(points) - 1)
    (x0, y0), (x1, y1) = points[i - 1], points[i]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def linear(low: float, high: float) -> Law:
    """A position between two values."""
    return Law(lambda f: low + (high - low) * f, lambda v: (v - low) / (high - low))


def logarithmic(low: float, high: float) -> Law:
    """A position between two values above 0, in equal ratios."""
    return Law(lambda f: low * (high / low) ** f, lambda v: log(max(v, 1e-9) / low) / log(high / low))


def _nearest(ratio: float) -> float:
    return min(range(len(RATIOS)), key=lambda i: abs(log(RATIOS[i] / ratio)))


fader = Law(lambda f: _piecewise(f, FADER), lambda v: _piecewise(v, tuple((b, a) for a, b in FADER)))
quality = Law(lambda f: 10 * 0.03**f, lambda v: log(v / 10) / log(0.03))
ratio = Law(lambda i: RATIOS[min(max(int(i), 0), len(RATIOS) - 1)], _nearest, True)
switch = Law(lambda i: float(i > 0), lambda v: v, True)
inverted = Law(lambda i: float(i == 0), lambda v: 1 - v, True)
member = Law(  # of groups: the dialect has a bit for each; here a strip is in one, the lowest
    lambda bits: float((int(bits) & -int(bits)).bit_length()), lambda g: float(1 << int(g - 1)) if g > 0 else 0.0, True
)
