"""From spectra in rows to frames in lanes, and from these to a signal."""

import numpy as np

from rtengine.dsp.vector import fft
from rtengine.dsp.vector.arithmetic import complex_vector, conj, real
from rtengine.dsp.vector.lanes import width_of
from rtengine.dsp.vector.pointer import numbers, vectors
from rtengine.dsp.vector.transpose import from_lanes, load_pairs
from rtengine.native.kernel import kernel

ZERO = np.float32(0)


@kernel
def load_spectra(lanes, plan, spectra, stride, z):
    """Put the first spectra of (bins, stride) complex64 in place for the inverse, one a lane."""
    for i in range(plan.half // 2 + 1):
        k = plan.bin[i]
        p = load_pairs(lanes, spectra, k * stride)
        q = load_pairs(lanes, spectra, (plan.half - k) * stride)
        if k == 0:  # a real frame has no imaginary part there
            p, q = complex_vector(real(p), real(p) * ZERO), complex_vector(real(q), real(q) * ZERO)
        fft.set_bins(z, plan, i, p, conj(q))


@kernel
def add_frames(lanes, plan, z, frame, window, hop_length, first, last, y):
    """Overlap-add the frames `first` to `last` - 1 of those in z to y, where frame 0 begins. frame: room for all."""
    n_fft = 2 * plan.half
    from_lanes(lanes, numbers(z), width_of(lanes), n_fft, frame, n_fft, last)
    for m in range(first, last):
        add_row(lanes, y + m * hop_length, frame + m * n_fft, window, n_fft)


@kernel
def add_row(lanes, y, x, window, n):
    """y[i] += x[i] * window[i] for i < n, a multiple of the width."""
    y, x, window = vectors(lanes, y), vectors(lanes, x), vectors(lanes, window)
    for i in range(n // width_of(lanes)):
        y[i] = y[i] + x[i] * window[i]
