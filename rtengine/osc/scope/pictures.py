"""What a sound looks like while it is played: its waveform and its spectrum, column by column.

A column is a 60th of a second. Its spectrum is seen through two windows at once, a long one for the bass, where notes
are close, and a short one for the treble, where strokes are; both have their middle where the column is. So a column is
known half a long window after its sound, 43 ms.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtengine.native.kernel import kernel

RATE = 60  # columns a second
MOST_COLUMNS = 4  # columns in one picture
BANDS = 128
LOW, HIGH = 30.0, 20_000.0  # Hz, of the first and the last band
LONG, SHORT = 0.085, 0.021  # seconds, about: windows are powers of two
CROSSOVER = 300.0, 1200.0  # Hz; from the long window alone to the short one alone
FLOOR = -100.0  # dB

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Picture:
    """A few columns of one signal.

    clock: samples since the start, up to the end of the last column.  spectrum: (columns, BANDS) uint8 from FLOOR to
    0 dB, which a sine at full scale has.  waveform: (columns, channels, 2) int8, lowest and highest sample, 127 is full
    scale.
    """

    clock: int
    spectrum: NDArray[np.uint8]
    waveform: NDArray[np.int8]


class Scope:
    """Pictures of signals that run side by side, sample_rate in Hz: all at once, for most of the cost is in calls."""

    def __init__(self, sample_rate: float, signals: int, channels: int) -> None:
        self.hop = round(sample_rate / RATE)
        self._windows = [_window(seconds, sample_rate) for seconds in (LONG, SHORT)]
        self._bands = [_bands(len(window), sample_rate) for window in self._windows]
        self._share = _share()
        self._past = np.zeros((signals, channels, len(self._windows[0])), np.float32)

    def look(self, x: Samples, clock: int) -> list[Picture]:
        """See x (signals, channels, samples), 1 to MOST_COLUMNS columns of `hop` samples, that ended at this clock."""
        signals, channels, samples = x.shape
        heard = np.concatenate((self._past, x), axis=2)
        self._past = heard[:, :, samples:]
        columns = samples // self.hop
        waveforms = np.empty((signals, columns, channels, 2), np.int8)
        extremes(heard, self._past.shape[2] // 2, self.hop, waveforms)
        spectra = np.empty((signals, columns, BANDS), np.uint8)
        merge(*(self._spectra(heard, window) for window in self._windows), *self._bands, self._share, spectra)
        return [Picture(clock, *parts) for parts in zip(spectra, waveforms, strict=True)]

    def _spectra(self, heard: Samples, window: Samples) -> NDArray[np.complex64]:
        """Spectra (signals, channels, columns, bins) of frames whose middles are those of the columns."""
        columns = (heard.shape[2] - self._past.shape[2]) // self.hop
        x = np.empty((*heard.shape[:2], columns, len(window)), np.float32)
        frames(heard, (self._past.shape[2] - len(window) + self.hop) // 2, self.hop, window, x)
        return np.fft.rfft(x).astype(np.complex64, copy=False)


def frequencies() -> NDArray[np.float64]:
    """The middles of the bands in Hz."""
    return np.geomspace(LOW, HIGH, BANDS)


def _window(seconds: float, sample_rate: float) -> Samples:
    """A Hann window of about this length, scaled so that a sine at full scale has 0 dB."""
    window = np.hanning((1 << round(np.log2(seconds * sample_rate))) + 1)[:-1]
    return (window * 2 / window.sum()).astype(np.float32)


def _share() -> NDArray[np.float64]:
    """How much of the short window each band shows."""
    low, high = CROSSOVER
    return np.clip(np.log(frequencies() / low) / np.log(high / low), 0, 1)


def _bands(n_fft: int, sample_rate: float) -> NDArray[np.float64]:
    """The bins at the lower edge, in the middle and at the upper edge of each band: (BANDS, 3), not whole."""
    step = (HIGH / LOW) ** (0.5 / (BANDS - 1))
    return frequencies()[:, None] * [1 / step, 1, step] * n_fft / sample_rate


@kernel
def frames(heard, first, hop, window, y):
    """Write to y (signals, channels, columns, n_fft) the windowed frames that begin at `first` and every hop after."""
    for i in range(y.shape[0]):
        for c in range(y.shape[1]):
            for m in range(y.shape[2]):
                start = first + m * hop
                for n in range(y.shape[3]):
                    y[i, c, m, n] = window[n] * heard[i, c, start + n]


@kernel
def extremes(heard, first, hop, y):
    """Write to y (signals, columns, channels, 2) the lowest and the highest sample of each hop, 127 for full scale."""
    for i in range(y.shape[0]):
        for m in range(y.shape[1]):
            for c in range(y.shape[2]):
                low = high = heard[i, c, first + m * hop]
                for n in range(first + m * hop, first + (m + 1) * hop):
                    low, high = min(low, heard[i, c, n]), max(high, heard[i, c, n])
                y[i, m, c, 0] = np.int8(np.rint(min(max(low, np.float32(-1)), np.float32(1)) * np.float32(127)))
                y[i, m, c, 1] = np.int8(np.rint(min(max(high, np.float32(-1)), np.float32(1)) * np.float32(127)))


@kernel
def merge(long, short, long_bands, short_bands, share, y):
    """Write to y (signals, columns, BANDS) the level of each band, seen through both windows."""
    for i in range(y.shape[0]):
        for m in range(y.shape[1]):
            for b in range(y.shape[2]):
                level = 0.0
                if share[b] < 1:
                    level += (1 - share[b]) * band(long[i], m, long_bands[b])
                if share[b] > 0:
                    level += share[b] * band(short[i], m, short_bands[b])
                y[i, m, b] = np.uint8(min(max(np.rint(255 * (1 - level / FLOOR)), 0), 255))


@kernel
def band(spectra, m, edges):
    """The level of a band in dB, mean of the channels: of two bins what lies between them, of many the highest.

    edges: see _bands. Bands above half the sample rate are silent.
    """
    channels, last = spectra.shape[0], spectra.shape[2] - 1
    if edges[1] > last:
        return FLOOR
    first, stop = int(np.ceil(edges[0])), min(int(edges[2]), last) + 1
    highest = 0.0
    if stop - first < 2:
        below = min(int(edges[1]), last - 1)
        part = edges[1] - below
        highest = (1 - part) * power(spectra, m, below) + part * power(spectra, m, below + 1)
    for k in range(first, stop):
        highest = max(highest, power(spectra, m, k))
    return 10 * np.log10(highest / channels + 10 ** (FLOOR / 10))


@kernel
def power(spectra, m, k):
    """Of bin k in column m, the sum of all channels."""
    total = 0.0
    for c in range(spectra.shape[0]):
        total += spectra[c, m, k].real ** 2 + spectra[c, m, k].imag ** 2
    return total
