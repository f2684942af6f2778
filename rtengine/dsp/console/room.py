"""A room added to a sound: convolution with an impulse response of one's own.

y = x + wet (IR * shelves(x)),   shelves: -30 dB below 600 Hz and above 8.5 kHz, as sends to a plate have them
"""

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.console import biquad
from rtengine.dsp.resample import resample
from rtengine.native.record import record

LONGEST = 20.0  # seconds of an impulse response
LOW, HIGH, SHELF = 600.0, 8500.0, -30.0  # Hz, Hz, dB


def impulse_response(h: NDArray[np.float32], rate: int, sample_rate: int, name: str) -> NDArray[np.float32]:
    """An impulse response (1 or 2, samples) for use at sample_rate, as stereo of energy 1.

    Raises ValueError if it is silent, not finite, or lasts longer than LONGEST; another rate is converted.
    """
    if not h.shape[1]:
        raise ValueError(f"{name} is empty: it is no impulse response")
    if h.shape[1] > LONGEST * rate:
        raise ValueError(f"{name} lasts {h.shape[1] / rate:.0f} s: an impulse response has at most {LONGEST:g} s")
    if not np.isfinite(h).all() or not h.any():
        raise ValueError(f"{name} is silent or holds no numbers: it is no impulse response")
    h = resample(h, rate, sample_rate) if rate != sample_rate else h
    return (np.stack([h[0], h[-1]]) / np.sqrt(np.mean(np.sum(np.square(h, dtype=np.float64), axis=1)))).astype(
        np.float32
    )


def with_room(x: NDArray[np.float32], h: NDArray[np.float32], wet: float, sample_rate: float) -> NDArray[np.float32]:
    """Add the answer of h (2, m) to x (2, n), `wet` times; the tail after n is cut off."""
    send = np.ascontiguousarray(x, np.float32).copy()
    shelves = record(biquad.prepare(2, 2))[0]
    biquad.tune(shelves, 0, biquad.LOW_SHELF, LOW, SHELF, biquad.BUTTERWORTH, sample_rate)
    biquad.tune(shelves, 1, biquad.HIGH_SHELF, HIGH, SHELF, biquad.BUTTERWORTH, sample_rate)
    biquad.run(shelves, send)
    size = 1 << (x.shape[1] + h.shape[1] - 1).bit_length()
    room = np.fft.irfft(np.fft.rfft(send, size) * np.fft.rfft(h, size), size)[:, : x.shape[1]]
    return (x + wet * room).astype(np.float32)
