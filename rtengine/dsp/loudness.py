"""Loudness as broadcast measures it: K-weighting, blocks of 400 ms every 100 ms, two gates.

A kernel filters and adds up energies; every 100 ms (a hop) it closes a step. Four steps are a momentary block, thirty the
short-term window. Blocks above the absolute gate go to a histogram which keeps their number and their energy, so that the
integrated loudness needs constant memory: only the bin in which the relative gate falls is taken whole or not at all.
Source: ITU-R BS.1770-5; EBU R 128 and Tech 3341. Filters at any rate: B. De Man, "Evaluation of implementations of the
EBU R 128 loudness measurement", AES 145, 2018.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.block import kernel, record

HOP = 0.1  # seconds
MOMENTARY, SHORT_TERM = 4, 30  # hops
GATE = -70.0  # LUFS, absolute
RELATIVE_GATE = -10.0  # LU
OFFSET = -0.691  # dB: a full-scale sine of 997 Hz in one channel reads -3.01 LUFS
BINS, BIN = 1024, 0.1  # bins of 0.1 LU from GATE on, up to +32.4 LUFS and all above
TINY = 1e-100  # a filter that has died away is stopped here, before it computes with denormal numbers


def prepare(sample_rate: float, channels: int) -> dict[str, Any]:
    """Return the memory of one meter, of a shape that depends on nothing but the channels. All channels weigh 1."""
    return {
        "filter": k_weighting(sample_rate),
        "memory": np.zeros((channels, 4)),  # of two biquads, transposed direct form II
        "hop": round(HOP * sample_rate),  # samples
        "filled": 0,  # samples of the step under way
        "energy": np.zeros(channels),  # its sum of squares
        "steps": np.zeros(32),  # a ring of the latest steps' mean squares, channels added
        "count": 0,  # steps so far
        "momentary": 0.0,  # mean squares, not yet in LUFS
        "short_term": 0.0,
        "blocks": np.zeros(BINS, np.int64),
        "energies": np.zeros(BINS),
    }


def k_weighting(sample_rate: float) -> NDArray[np.float64]:
    """The two biquads of BS.1770 (b0 b1 b2 a1 a2 of the shelf, then of the high pass), shape (2, 5).

    Bilinear transforms of the analogue filters of which the standard gives the result at 48 kHz.
    """
    k = np.tan(np.pi * 1681.974450955533 / sample_rate)
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = [high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k]
    k = np.tan(np.pi * 38.13547087602444 / sample_rate)
    q = 0.5003270373238773
    a = 1 + k / q + k * k
    return np.array([np.array(shelf) / a0, [1, -2, 1, 2 * (k * k - 1) / a, (1 - k / q + k * k) / a]])
