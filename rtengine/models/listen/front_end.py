"""What a listening network is given of a sound: log-mel frames, as a stream.

    x -> mean of the channels -> 16 kHz -> frames of 512 every 256 samples -> power -> 96 mel bands -> log10(1 + 10^4 m)

Frame m is centred on sample 256 m of the signal at 16 kHz, mirrored at both ends. The network learned from what librosa
0.7 and resampy 0.2 made in 2019, so these are their filters: another resampler moves tags by up to 0.09. In float32
throughout: the published code rounds to float16, whose range loud music exceeds.

The same kernel serves live and offline: however the samples are cut into blocks, the frames have the same bits.
Source: resampy 0.2, filter kaiser_best; S. Stevens, J. Volkmann, "The relation of pitch to frequency", 1940, in the
form of M. Slaney, "Auditory toolbox", 1998 (linear below 1 kHz, logarithmic above; triangles of equal area).
Error: frames are within 2e-4 of librosa's after resampy's, see test_front_end.
"""

from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp import resample, stft
from rtengine.native.kernel import kernel
from rtengine.native.record import Memory, record
from rtengine.native.ring import power_of_two

RATE, N_FFT, HOP_LENGTH, MELS = 16_000, 512, 256, 96
BLOCK = 4096  # samples that are taken at once, at the rate of the sound
ZEROS, ROLLOFF, BETA = 64, 0.9475937167399596, 14.769656459379492  # of kaiser_best: zero crossings a side
STEPS = 512  # of its table, in a zero crossing
USUAL = 48_000  # Hz: at lower rates memory is laid out as at this one, and compiled code is shared
LINE = 16_384  # samples at 16 kHz that are kept: at least what a block makes
SLOTS = 256  # frames that are kept

Frames = NDArray[np.float32]


def prepare(sample_rate: float) -> dict[str, Any]:
    """Return the memory of one stream of sound at sample_rate (Hz); ValueError if it is outside 500 Hz to 512 kHz."""
    rate = round(sample_rate)
    if not RATE // resample.MAX_RATIO <= rate <= RATE * resample.MAX_RATIO:
        raise ValueError(f"sample rate {sample_rate:g} Hz is outside 500 to 512000 Hz")
    bands = mel_bands()
    return {
        "resampled": rate != RATE,
        "there": _resampler(rate if rate != RATE else USUAL),
        "mono": np.zeros((1, BLOCK), np.float32),
        "inner": np.zeros((1, ceil(BLOCK * max(RATE / rate, 2)) + 2), np.float32),
        "line": np.zeros(LINE, np.float32),
        "seen": 0,  # samples at 16 kHz so far
        "frames": 0,  # frames so far
        "signal": np.zeros((1, N_FFT), np.float32),
        "stft": stft.prepare(N_FFT, 1),
        "spectrum": np.zeros((1, 2, N_FFT // 2 + 1), np.float32),
        "bands": bands,
        "edges": np.array([[row.nonzero()[0][0], row.nonzero()[0][-1] + 1] for row in bands]),
        "logmel": np.zeros((SLOTS, MELS), np.float32),  # frame m in row m % SLOTS
    }


def half_width(sample_rate: float) -> int:
    """Samples after a moment that must have come before it is heard."""
    return 0 if round(sample_rate) == RATE else resample.half_width(round(sample_rate), RATE, ZEROS)


def _resampler(rate: int) -> dict[str, Any]:
    memory = resample.prepare(rate, RATE, 1, Fraction(0), ZEROS)
    size = max(memory["table"].shape[1], power_of_two(2 * resample.half_width(USUAL, RATE, ZEROS)))
    memory["table"] = kaiser_best(rate, memory["taps"] // 2, memory["phases"], size)
    memory["history"] = np.zeros((1, 4 * size), np.float32)
    return memory


def kaiser_best(rate: int, half: int, phases: int, size: int) -> NDArray[np.float32]:
    """The filter in the form of resample.table: row r, column j weighs the sample u = r / phases + half - 1 - j away.

    As in resampy, whose filter is a table of STEPS values between zero crossings: from one sample to the next it goes a
    whole number of them, so to 16 kHz it is stretched by up to 0.6 %.
    """
    lower = min(1.0, RATE / rate)  # zero crossings in an input sample
    f, j = np.arange(phases + 1)[:, None] / phases, np.arange(2 * half)
    whole = np.where(j < half, half - 1 - j, j - half)
    t = lower * np.where(j < half, f, 1 - f) + whole * int(lower * STEPS) / STEPS
    window = np.i0(BETA * np.sqrt(np.maximum(1 - (t / ZEROS) ** 2, 0))) / np.i0(BETA)
    h = lower * ROLLOFF * np.sinc(ROLLOFF * t) * np.where(t <= ZEROS, window, 0)
    rows = np.zeros((resample.BETWEEN + 1, size), np.float32)
    rows[: phases + 1, : 2 * half] = h
    return rows


def mel_bands() -> NDArray[np.float32]:
    """Weights of the bins in each band, (96, 257): triangles of equal area between 0 and 8 kHz on Slaney's scale."""
    steps = np.linspace(0, 15 + 27 * np.log(RATE / 2 / 1000) / np.log(6.4), MELS + 2)
    hertz = np.where(steps < 15, steps * 200 / 3, 1000 * np.exp((steps - 15) * np.log(6.4) / 27))
    bins = np.arange(N_FFT // 2 + 1) * RATE / N_FFT
    low, middle, high = hertz[:-2, None], hertz[1:-1, None], hertz[2:, None]
    rows = np.maximum(np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle)), 0)
    return (rows * 2 / (high - low)).astype(np.float32)


@kernel
def push(state, x, start, count):
    """Take x[:, start : start + count], count up to BLOCK; its frames are then in state.logmel. Returns how many."""
    before = state.frames
    share = np.float32(1) / np.float32(x.shape[0])
    for n in range(count):
        value = np.float32(0)
        for c in range(x.shape[0]):
            value += x[c, start + n]
        state.mono[0, n] = value * share
    if state.resampled:
        _, made = resample.stream(state.there, state.mono, count, state.inner, state.inner.shape[1])
        append(state, state.inner[0], made)
    else:
        append(state, state.mono[0], count)
    return state.frames - before


@kernel
def append(state, y, count):
    """Take `count` samples at 16 kHz, and make each frame that they complete."""
    for n in range(count):
        state.line[state.seen & (LINE - 1)] = y[n]
        state.seen += 1
        if state.seen > HOP_LENGTH * state.frames + N_FFT // 2:
            _frame(state)


@kernel
def _frame(state):
    first = HOP_LENGTH * state.frames - N_FFT // 2
    for n in range(N_FFT):
        state.signal[0, n] = state.line[abs(first + n) & (LINE - 1)]  # before the start the signal is mirrored
    stft.transform(state.stft, state.signal, state.spectrum)
    row = state.logmel[state.frames % SLOTS]
    re, im = state.spectrum[0, 0], state.spectrum[0, 1]
    for k in range(re.shape[0]):
        re[k] = re[k] * re[k] + im[k] * im[k]
    for b in range(MELS):
        power = np.float32(0)
        for k in range(state.edges[b, 0], state.edges[b, 1]):
            power += state.bands[b, k] * re[k]
        row[b] = np.log10(np.float32(1) + np.float32(10_000) * power)
    state.frames += 1


class Ear:
    """A front end for Python: sound in pieces of any length in, frames out."""

    def __init__(self, sample_rate: float) -> None:
        self._memory: Memory = record(prepare(sample_rate))
        self._state = self._memory[0]
        self._waiting = self._state["there"]["taps"] // 2 if self._state["resampled"] else 0

    def hear(self, x: NDArray[np.float32]) -> Frames:
        """Take (channels, n) float32; returns the frames that are complete now, (frames, 96)."""
        x = np.ascontiguousarray(x, np.float32)
        made = [np.zeros((0, MELS), np.float32)]
        for start in range(0, x.shape[1], BLOCK):
            count = push(self._state, x, start, min(BLOCK, x.shape[1] - start))
            made.append(self._latest(count))
        return np.concatenate(made)

    def samples(self, before: int) -> NDArray[np.float32]:
        """The samples at 16 kHz after the first `before`, as far as they are kept."""
        seen = int(self._state["seen"])
        return self._state["line"][np.arange(max(before, seen - LINE), seen) & (LINE - 1)]

    @property
    def seen(self) -> int:
        """Samples at 16 kHz so far."""
        return int(self._state["seen"])

    def finish(self) -> Frames:
        """End the signal: what waits in the resampler comes out, and the last frames see its mirror image."""
        made = [self.hear(np.zeros((1, self._waiting), np.float32))]
        seen, before = int(self._state["seen"]), int(self._state["frames"])
        last = (seen - 2 - np.arange(N_FFT // 2 + 1)) & (LINE - 1)
        mirrored = self._state["line"][last] if seen > N_FFT // 2 + 1 else np.zeros(N_FFT // 2 + 1, np.float32)
        append(self._state, np.ascontiguousarray(mirrored), len(mirrored))
        return np.concatenate([*made, self._latest(int(self._state["frames"]) - before)])

    def _latest(self, count: int) -> Frames:
        return self._state["logmel"][(self._state["frames"] - count + np.arange(count)) % SLOTS]


def log_mel(x: NDArray[np.float32], sample_rate: float) -> Frames:
    """The frames of a whole signal.

    x: (channels, n) float32, n at least 1, full scale 1.  Returns (1 + ceil(16000 n / sample_rate) // 256, 96) float32.
    """
    ear = Ear(sample_rate)
    return np.concatenate([ear.hear(x), ear.finish()])
