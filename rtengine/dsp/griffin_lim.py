"""Griffin-Lim: the signal whose STFT has a given magnitude, for a whole file or hop by hop.

Each iteration takes the STFT of the signal, replaces its magnitude and goes back; momentum makes it go further each
time than the last time. The work is done by `cascade`, all iterations at once; the result is that of one after another.
Source: N. Perraudin, P. Balazs, P. Sondergaard, "A fast Griffin-Lim algorithm", WASPAA 2013, algorithm 2.
"""

import math
from threading import Condition, Thread
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rtengine.block import kernel
from rtengine.dsp import cascade, fft
from rtengine.dsp.cascade import Cascade
from rtengine.dsp.frames import gains, hann
from rtengine.dsp.lanes import LANES, Lanes, lanes_of, width_of
from rtengine.dsp.pointer import numbers
from rtengine.dsp.rtisi import check_hop
from rtengine.dsp.stft import istft

MOMENTUM = 0.99
CHUNK = 16  # hops that a stage does in one go, lest its memory leave the cache after each
MOST_CHANNELS = 4


def griffin_lim(
    magnitude: ArrayLike,
    hop_length: int,
    n_iter: int,
    momentum: float = MOMENTUM,
    seed: int = 0,
    threads: int = 1,
    start: ArrayLike | None = None,
    lanes: Lanes = LANES,
) -> NDArray[np.float32]:
    """Find a signal whose STFT has the given magnitude.

    magnitude: (..., n_fft // 2 + 1, frames), at least 0, of centred frames as `stft` and librosa make them.
    hop_length: a half, 4th, 8th or 16th of n_fft.  momentum: 0 is the algorithm of Griffin and Lim.
    start: spectra of the same shape whose phases to start from; random phases if None.
    Returns (..., hop_length * (frames - 1)) samples, the same for any number of threads.
    Error: as `librosa.griffinlim` from the same phases, to -80 dB after 32 iterations.
    Raises ValueError for numbers it cannot do.
    """
    target = np.asarray(magnitude, np.float32)
    bins, frames = target.shape[-2:]
    n_fft = 2 * (bins - 1)
    fft.check(n_fft)
    check_hop(n_fft, hop_length)
    peak = float(target.max(initial=0))
    if not (math.isfinite(peak) and target.min(initial=0) >= 0):
        raise ValueError("magnitude holds numbers that are negative or not finite")
    scale = np.float32(math.ldexp(1.0, -max(math.frexp(peak)[1], -100)))  # exact, and squares stay within float32
    target = target * scale
    spectra = target * (random_phases(target.shape, seed) if start is None else unit(np.asarray(start)))
    x = istft(spectra, hop_length, lanes=lanes)
    y = np.empty_like(x)
    for index in np.ndindex(*target.shape[:-2]):
        y[index] = iterate(target[index], x[index], hop_length, n_iter, momentum, threads, lanes)
    return y / scale
