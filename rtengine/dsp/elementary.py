"""exp, log and tanh in float32 without a call or a branch, so that a loop over an array does several at once.

Each is a polynomial, fitted by us for the smallest error, and the exponent's bits. Arguments are taken into the range;
NaN is not kept: check for it elsewhere.
Error: exp and log within 3e-7, tanh within 5e-7, relative (log and tanh: absolute, near 0); see tests.
"""

import numpy as np

from rtengine.native.kernel import kernel

F = np.float32
ROUND = F(1.5 * 2**23)  # added and taken away again, it leaves a whole number
LOG2_E, LN2_HIGH, LN2_LOW = F(1.4426950408889634), F(0.693145751953125), F(1.42860677e-6)
EXP = F(0.5), F(0.16666577), F(0.0416663753), F(0.00836317526), F(0.00139411096)  # of (e^r - 1 - r) / r^2
LOG = (
    F(-0.5), F(0.333333129), F(-0.250007512), F(0.200026952), F(-0.166289194), F(0.141734626), F(-0.130725695),
    F(0.129178216), F(-0.0806455308),
)  # of (log(1 + z) - z) / z^2  # fmt: skip
LOWEST, HIGHEST = F(-87), F(88)  # nepers: the exponents that there are
LEAST = F(1.2e-38)  # the least number that is no denormal
HALF_ROOT = np.int32(0x3F3504F3)  # the bits of sqrt(1/2), below which a mantissa counts as of the next exponent


@kernel
def exp(x):
    """e^x; x is taken to -87 to 88."""
    x = min(max(x, LOWEST), HIGHEST)
    whole = (x * LOG2_E + ROUND) - ROUND
    r = (x - whole * LN2_HIGH) - whole * LN2_LOW
    p = EXP[0] + r * (EXP[1] + r * (EXP[2] + r * (EXP[3] + r * EXP[4])))
    power = np.int32((np.int32(whole) + 127) << 23).view(np.float32)
    return (F(1) + (r + r * r * p)) * power


@kernel
def log(x):
    """Log x; x below the least normal number counts as that."""
    bits = np.float32(max(x, LEAST)).view(np.int32)
    exponent = np.int32((bits - HALF_ROOT) >> 23)
    z = np.int32(bits - (exponent << 23)).view(np.float32) - F(1)
    low = LOG[0] + z * (LOG[1] + z * (LOG[2] + z * (LOG[3] + z * LOG[4])))
    square = z * z
    high = LOG[5] + z * (LOG[6] + z * (LOG[7] + z * LOG[8]))
    p = low + square * square * z * high
    whole = F(exponent)
    return whole * LN2_HIGH + (z + (square * p + whole * LN2_LOW))


@kernel
def tanh(x):
    """Tanh x."""
    return F(1) - F(2) / (exp(F(2) * x) + F(1))
