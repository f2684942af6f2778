"""What the controller hears of a strip: the power of third octaves and the highest sample, once a hop.

The middle of left and right, in Hann windows of N_FFT samples, HOP apart; power as in rtengine.dsp.console.bands, so
that a sine of amplitude 1 has -3 dB. All strips are transformed together, one a lane.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp import stft
from rtengine.dsp.console import bands
from rtengine.native.kernel import kernel
from rtengine.native.record import record

N_FFT, HOP = 4096, 1024  # samples
FIRST, LAST = 2, 29  # third octaves: 40 Hz to 16 kHz
COUNT = LAST - FIRST
LOUDEST = np.float32(1e4)


def prepare(sample_rate: float, strips: int) -> dict[str, Any]:
    """Return the memory for so many strips, 1 to 16."""
    share = bands.weights(sample_rate, N_FFT)[FIRST:LAST] * (16 / 3 / N_FFT**2)
    heard = [np.flatnonzero(row) for row in share]
    return {
        "stft": stft.prepare(N_FFT, strips),
        "signals": np.zeros((strips, N_FFT), np.float32),  # the latest samples, the last HOP of them under way
        "spectrum": np.zeros((strips, 2, N_FFT // 2 + 1), np.float32),
        "share": share.astype(np.float32),
        "first": np.array([k[0] if len(k) else 0 for k in heard]),
        "last": np.array([k[-1] + 1 if len(k) else 0 for k in heard]),
        "peak": np.zeros(strips),  # of the hop under way, and after `close` of the hop that has ended
        "power": np.zeros((strips, COUNT)),
    }


@kernel
def listen(state, x, first, last, filled):
    """Take in samples first to last of x (2 strips, n), of which `filled` came before in this hop."""
    for s in range(state.signals.shape[0]):
        left, right, row, peak = x[2 * s], x[2 * s + 1], state.signals[s], state.peak[s]
        start = N_FFT - HOP + filled - first
        for n in range(first, last):
            a = min(max(left[n], -LOUDEST), LOUDEST)
            b = min(max(right[n], -LOUDEST), LOUDEST)
            row[start + n] = np.float32(0.5) * (a + b)
            peak = max(peak, np.float64(max(abs(a), abs(b))))
        state.peak[s] = peak


@kernel
def close(state):
    """End a hop: find its power in third octaves, and make room for the next."""
    stft.transform(state.stft, state.signals, state.spectrum)
    for s in range(state.signals.shape[0]):
        re, im, row = state.spectrum[s, 0], state.spectrum[s, 1], state.signals[s]
        for b in range(COUNT):
            total = 0.0
            for k in range(state.first[b], state.last[b]):
                total += np.float64(state.share[b, k]) * (np.float64(re[k]) ** 2 + np.float64(im[k]) ** 2)
            state.power[s, b] = total
        for n in range(N_FFT - HOP):
            row[n] = row[n + HOP]


@kernel
def _hear(state, x, power, peak):
    for m in range(power.shape[0]):
        for s in range(peak.shape[1]):
            state.peak[s] = 0.0
        listen(state, x[:, m * HOP : (m + 1) * HOP], 0, HOP, 0)
        close(state)
        for s in range(peak.shape[1]):
            peak[m, s] = state.peak[s]
            for b in range(COUNT):
                power[m, s, b] = state.power[s, b]


def hear(x: NDArray[np.float32], sample_rate: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Power (hops, strips, COUNT) and peaks (hops, strips) of x (2 strips, samples): what blocks hear of it."""
    hops, strips = x.shape[1] // HOP, len(x) // 2
    power, peak = np.zeros((hops, strips, COUNT)), np.zeros((hops, strips))
    _hear(record(prepare(sample_rate, strips))[0], x, power, peak)
    return power, peak
