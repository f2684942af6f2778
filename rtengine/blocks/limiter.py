"""A look-ahead limiter for true peaks.

    x -> true peak -> gain wanted -> lowest in the window -> release -> mean of means ----> (x) -> y
    '--------------------------- delay of `latency` samples ------------------------------^

The gain that a peak wants is held, as a sliding minimum, from `latency` before to HOLD after it; the means of RAMP samples
turn every step of it into a smooth ramp that has arrived GUARD samples before the peak leaves the delay. No recursion
smooths the way down, so nothing can overshoot. HOLD is half a period of 25 Hz: a steady tone is turned down by a steady
gain and stays undistorted.
"""

from typing import Any

import numpy as np

from rtengine.block import Block, Parameter, kernel
from rtengine.dsp import true_peak
from rtengine.ring import power_of_two

LATENCY = 0.0015  # seconds
HOLD = 0.02  # seconds
GUARD = 4  # samples around a peak for which the gain rests: interpolation mixes them into the peak
UNIT = 1 << 30  # gains are whole numbers of 1 / UNIT, so that running sums are exact
