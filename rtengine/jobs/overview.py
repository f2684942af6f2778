"""A sound reduced to the size of a picture while it streams, so that an hour takes no more memory than a second."""

from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Samples = NDArray[np.float32]

COLUMNS = 2048  # kept at most; a picture has fewer
HOP = 256  # samples a column at least
BATCH = 32  # columns analysed at once: more would be no faster, and need more memory
BANDS = 320
LOW, HIGH = 30.0, 20_000.0  # Hz
WINDOWS = 0.18, 0.045  # seconds; the long one shows the bass, where notes are close, the short one the treble
CROSSOVER = 300.0, 1200.0  # Hz; from the long window alone to the short one alone
FLOOR = 1e-12  # power, -120 dB
DENSE = 8192  # samples: columns that are closer share what is filtered for the long window
TAPS = 10  # of the filter before the long window, times the factor: 74 dB (Blackman) from the crossover's aliases on


class Overview:
    """Lowest and highest sample and the spectrum of each column of `hop` samples.

    samples: the expected length in samples, 0 if unknown; where it proves too short, columns are joined in pairs.
    """

    def __init__(self, sample_rate: int, samples: int = 0) -> None:
        self.sample_rate, self.samples = sample_rate, 0
        self.hop = max(HOP, -(-samples // COLUMNS))
        self.frequencies = np.geomspace(LOW, max(min(HIGH, sample_rate / 2), 2 * LOW), BANDS)
        self._low, self._high = np.zeros((2, COLUMNS), np.float32)
        self._power = np.zeros((COLUMNS, BANDS), np.float32)
        self._ready = 0  # columns whose spectrum is known
        self._factor = _factor(sample_rate)
        taps = np.blackman(TAPS * self._factor + 2)[1:-1] * np.sinc(
            (np.arange(TAPS * self._factor) - (TAPS * self._factor - 1) / 2) / self._factor
        )
        self._taps = (taps / taps.sum()).astype(np.float32)
        self._half = _length(max(WINDOWS), sample_rate) // 2 + len(taps)
        self._origin = -self._half  # the time of the buffer's first sample
        self._buffer = np.zeros((1, self._half), np.float32)

    @property
    def columns(self) -> int:
        """How many columns the sound has so far."""
        return -(-self.samples // self.hop)

    @property
    def seconds(self) -> float:
        """The length of the sound so far."""
        return self.samples / self.sample_rate

    def add(self, x: Samples) -> None:
        """Take the next float32 (channels, samples)."""
        while self.samples + x.shape[1] > COLUMNS * self.hop:
            self._join()
        self._envelope(x)
        self.samples += x.shape[1]
        self._analyse(x)

    def waveform(self) -> tuple[Samples, Samples]:
        """The lowest and the highest sample of each column, over all channels."""
        return self._low[: self.columns], self._high[: self.columns]

    def spectrogram(self) -> Samples:
        """Level in dB (columns, BANDS); a sine at full scale has 0 dB. Ends the sound."""
        if self._ready < self.columns:
            self._analyse(np.zeros((len(self._buffer), self.hop + 2 * self._half), np.float32))
        return 10 * np.log10(self._power[: self.columns] + np.float32(FLOOR))

    def _envelope(self, x: Samples) -> None:
        first = self.samples // self.hop
        starts = np.arange(first * self.hop, self.samples + x.shape[1], self.hop) - self.samples
        starts[0] = 0
        columns = slice(first, first + len(starts))
        for held, extreme in ((self._low, np.minimum), (self._high, np.maximum)):
            held[columns] = extreme(held[columns], extreme.reduceat(extreme.reduce(x, axis=0), starts))

    def _analyse(self, x: Samples) -> None:
        """Fill the columns around whose middle the longest window now fits."""
        self._buffer = np.concatenate((np.broadcast_to(self._buffer, (len(x), self._buffer.shape[1])), x), axis=1)
        end = self._origin + self._buffer.shape[1]
        stop = min(max((end - self._half - self.hop // 2) // self.hop + 1, self._ready), COLUMNS)
        for m in range(self._ready, stop, BATCH):
            columns = np.arange(m, min(m + BATCH, stop))
            self._power[columns] = self._spectra(columns * self.hop + self.hop // 2 - self._origin)
        self._ready = stop
        needed = (stop - 1) * self.hop - self._half  # one column more, for joining may move the middle back
        drop = min(max(needed - self._origin, 0), self._buffer.shape[1])
        self._buffer, self._origin = self._buffer[:, drop:].copy(), self._origin + drop

    def _spectra(self, centres: NDArray[np.int64]) -> Samples:
        """Power around these samples of the buffer (len(centres), BANDS), mean over the channels."""
        n_long, n_short = (_length(seconds, self.sample_rate) for seconds in WINDOWS)
        short = self._bands(self._buffer, centres, n_short, self.sample_rate)
        if self.hop < DENSE:
            y, places = self._lower(centres, n_long // self._factor)
            long = self._bands(y, places, n_long // self._factor, self.sample_rate / self._factor)
        else:
            long = self._bands(self._buffer, centres, n_long, self.sample_rate)
        low, high = CROSSOVER
        weight = np.clip(np.log(self.frequencies / low) / np.log(high / low), 0, 1)
        return long ** (1 - weight) * short**weight

    def _lower(self, centres: NDArray[np.int64], n: int) -> tuple[Samples, NDArray[np.int64]]:
        """The buffer at a rate of which the long window needs n samples, and where in it the centres are.

        The samples that are kept are every `factor`-th since the beginning of the sound, however it comes.
        """
        places = np.rint((centres + self._origin) / self._factor).astype(np.int64)
        first = places[0] - n // 2
        count = int(places[-1] - places[0]) + n
        start = int(first * self._factor - self._origin) - len(self._taps) // 2
        y = np.zeros((len(self._buffer), count), np.float32)
        for k, tap in enumerate(self._taps):
            y += tap * self._buffer[:, start + k : start + k + self._factor * (count - 1) + 1 : self._factor]
        return y, places - first

    def _bands(self, x: Samples, centres: NDArray[np.int64], n_fft: int, sample_rate: float) -> Samples:
        window = np.hanning(n_fft + 1)[:-1].astype(np.float32)
        frames = sliding_window_view(x, n_fft, axis=1)[:, centres - n_fft // 2]
        spectra = np.fft.rfft(frames * (window * (2 / window.sum())), axis=2)
        power = (spectra.real**2 + spectra.imag**2).mean(axis=0) + FLOOR
        return _onto(self.frequencies * n_fft / sample_rate, power)

    def _join(self) -> None:
        """Make each pair of columns one."""
        half = COLUMNS // 2
        for held, pair in ((self._low, np.minimum), (self._high, np.maximum), (self._power, lambda a, b: (a + b) / 2)):
            held[:half] = pair(held[::2], held[1::2])
            held[half:] = 0
        self._ready //= 2
        self.hop *= 2


def save(path: Path, **overviews: Overview) -> None:
    """Write an .npz with low, high (columns), level (columns, BANDS) in dB, seconds of each, NAME_ before them."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, overview in overviews.items():
        low, high = overview.waveform()
        parts = {"low": low, "high": high, "level": overview.spectrogram(), "seconds": np.float64(overview.seconds)}
        arrays |= {f"{name}_{part}": np.asarray(value) for part, value in parts.items()}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def _factor(sample_rate: int) -> int:
    """By how much the rate may be lower for the long window: a power of two, four times the crossover is left."""
    factor = 1
    while sample_rate / (2 * factor) >= 4 * CROSSOVER[1]:
        factor *= 2
    return factor


def _length(seconds: float, sample_rate: int) -> int:
    """The power of two next to a duration, in samples."""
    return max(1 << round(np.log2(seconds * sample_rate)), 16)


def _onto(bins: NDArray[np.float64], power: Samples) -> Samples:
    """Power (frames, FFT bins) at fractional bins: between two bins by interpolation, over many the greatest."""
    last = power.shape[1] - 1
    position = np.minimum(bins, last - 1e-6)
    below, part = position.astype(int), position % 1
    between = power[:, below] ** (1 - part) * power[:, below + 1] ** part
    edges = np.sqrt(bins[1:] * bins[:-1])
    start = np.minimum(np.concatenate(([bins[0]], edges)), last).astype(int)
    stop = np.minimum(np.concatenate((edges, [bins[-1]])).astype(int), last) + 1
    greatest = np.maximum.reduceat(np.pad(power, ((0, 0), (0, 1))), np.stack((start, stop), 1).ravel(), axis=1)[:, ::2]
    wide = stop - start > 2
    chosen: Samples = np.where(wide, greatest, between).astype(np.float32)
    return chosen
