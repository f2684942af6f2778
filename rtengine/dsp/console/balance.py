"""The balance as a whole: faders and a main equaliser after which the sum has the spectrum that it should have.

With the power p_sb of strip s in third octave b, its gain g_s and the curve of the main bands e_k at 1 dB, E_kb:

    mix_b = 10 log10 sum over s of p_sb 10^(g_s / 10) + sum over k of e_k E_kb
    minimise  sum over b of w_b ((mix_b - target_b - level) / STRAY)^2 + sum of ((g_s - wanted_s) / loose)^2
            + sum of (e_k / free)^2

which is what one does by ear: the balance of the roles, bent as far as it takes for the whole to sound like a mix.
Source: Gauss-Newton; J. Nocedal, S. Wright, "Numerical optimization", 2nd edition 2006, section 10.3.
"""

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.console import bands
from rtengine.dsp.console.equaliser import responses

Numbers = NDArray[np.float64]

STRAY = 3.0  # dB: so far do third octaves of good mixes lie from their mean
ROUNDS = 12
STEP = 6.0  # dB at most in a round
LOW, HIGH = 40.0, 12_500.0  # Hz, between which the spectrum counts


def balance(power: Numbers, wanted: Numbers, target: Numbers, loose: float, free: float) -> tuple[Numbers, Numbers]:
    """Gains in dB of strips, and of the main equaliser's bands.

    power: (strips, COUNT), what comes in.  wanted: (strips,) dB by role.  target: (COUNT,) dB, at any level.
    loose, free: dB by which gains may stray from the wanted ones, and bands from 0.
    """
    count, curves = len(power), responses()
    weight = ((bands.CENTRES > LOW) & (bands.CENTRES < HIGH) & (target > -50)) / STRAY
    x = np.concatenate([wanted, np.zeros(len(curves) + 1)])  # gains, bands, level
    prior = np.concatenate([np.full(count, 1 / loose), np.full(len(curves), 1 / free), [1e-6]])
    anchor = x.copy()
    for _ in range(ROUNDS):
        parts = power * 10 ** (x[:count, None] / 10) + 1e-30
        mix = 10 * np.log10(parts.sum(0)) + x[count:-1] @ curves
        residual = (mix - target - x[-1]) * weight
        slopes = np.concatenate([parts / parts.sum(0), curves, -np.ones((1, bands.COUNT))]) * weight
        normal = slopes @ slopes.T + np.diag(prior**2)
        step = -np.linalg.solve(normal, slopes @ residual + prior**2 * (x - anchor))
        x[:-1] += np.clip(step[:-1], -STEP, STEP)
        x[-1] += step[-1]
    return x[:count], x[count:-1]
