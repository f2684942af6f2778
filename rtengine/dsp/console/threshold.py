"""Where to put a compressor's threshold, in closed form.

A compressor with ratio R turns a peak of x dB into x - (1 - 1/R) max(x - T, 0). The mean of n peaks shall become M.
With the k loudest of them above T, that is one linear equation in T:

    T = (sum of the k loudest - n (m - M) / (1 - 1/R)) / k,   m the mean of all

and the right k is the one whose T lies between its last peak and the next. No search over songs is needed.
"""

import numpy as np
from numpy.typing import NDArray


def threshold(peaks: NDArray[np.float64], mean: float, ratio: float) -> float | None:
    """The threshold in dB after which the mean of the peaks (dB) is `mean`; None if it is already at most that.

    Raises ValueError for a ratio of 1 or less, which turns nothing down.
    """
    if ratio <= 1:
        raise ValueError(f"a ratio of {ratio:g} is not above 1")
    if not peaks.size or peaks.mean() <= mean:
        return None
    loudest = np.sort(peaks)[::-1]
    k = np.arange(1, len(loudest) + 1)
    found = (np.cumsum(loudest) - len(loudest) * (loudest.mean() - mean) / (1 - 1 / ratio)) / k
    following = np.append(loudest[1:], -np.inf)
    return float(found[(found <= loudest) & (found >= following)][0])
