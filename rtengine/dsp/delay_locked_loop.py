"""The time at which a sound card's buffers come, free of the jitter with which a program sees them come.

A buffer of n samples is expected at t[1] = t[0] + n p, where p is the card's own period of a sample. What it comes too
late by, e, moves both: t[1] += b e, p += c e / n, a loop of second order and of bandwidth B in Hz. At the start B is
wide, to find the period, and then falls as 1 / time: the noise left in t and p falls with it.

A buffer that is more than OUTLIER and 3 times the usual away from its time is taken for what it mostly is, a program
that did not run: it is not followed. If they prevail for LOST, then the card has lost time, and the loop starts anew
from there with the period that it knew.
Source: F. Adriaensen, "Using a DLL to filter time", Linux Audio Conference 2005.
"""

from typing import Any

import numpy as np

from rtengine.native.kernel import kernel

WIDEST, NARROWEST = 1.0, 0.05  # Hz
OUTLIER = 0.002  # seconds
MEMORY = 2.0  # seconds, time constant of what is usual
LOST = 0.1  # seconds
SETTLE = 0.25  # seconds until it is near enough to tell how late a buffer is
WORST = 1e-3  # of a period: no clock is farther than this from what it says


def prepare(sample_rate: float) -> dict[str, Any]:
    """Memory of one loop."""
    return {
        "nominal": 1 / sample_rate,
        "period": 1 / sample_rate,  # seconds
        "time": 0.0,  # of the last buffer, seconds
        "next": 0.0,
        "age": 0.0,  # seconds of sound since the start
        "jitter": OUTLIER,  # mean absolute error, seconds
        "outside": 0.0,  # seconds of outliers
        "late": 0.0,  # the most by which a buffer came late, and early, but for outliers
        "early": 0.0,
        "restarts": -1,
    }


@kernel
def bandwidth(age):
    """B of a loop that has run for so many seconds."""
    return min(max(1 / max(age, 1e-3), NARROWEST), WIDEST)


@kernel
def update(loop, now, n):
    """A buffer of n samples came at `now`, in seconds."""
    length = n * loop.period
    error = now - loop.next
    most = max(OUTLIER, 3 * loop.jitter)
    outlier = abs(error) > most
    loop.outside = max(loop.outside + (length if outlier else -length), 0.0)
    if loop.restarts < 0 or loop.outside > LOST:
        loop.time, loop.next, loop.outside = now, now + length, 0.0
        loop.restarts += 1
        return
    loop.jitter += min(length / MEMORY, 1.0) * (min(abs(error), most) - loop.jitter)
    loop.time = loop.next
    loop.next += length
    if outlier:
        return
    omega = 2 * np.pi * bandwidth(loop.age) * length
    loop.next += np.sqrt(2) * omega * error
    loop.period += omega * omega * error / n
    loop.period = min(max(loop.period, (1 - WORST) * loop.nominal), (1 + WORST) * loop.nominal)
    loop.age += length
    if loop.age > SETTLE:
        loop.late, loop.early = max(loop.late, error), max(loop.early, -error)
