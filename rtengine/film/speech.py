"""Where somebody speaks: a small detector of our own, by the rhythm of syllables. Singing it takes for speech.

Speech changes its spectrum several times a second, falls into pauses between words, and lies between 200 and 4000 Hz;
music holds its tones, noise its level. Each second is described by how its mel bands vary, and a logistic function of
that, fitted by benchmarks/score/fit_speech.py, says how likely speech is.
After: E. Scheirer, M. Slaney, "Construction and evaluation of a robust multifeature speech/music discriminator",
ICASSP 1997 (which measures; the set here is smaller).
"""

from array import array
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000  # Hz
N_FFT, HOP = 512, 160  # 32 ms, 10 ms
BANDS = 16  # mel bands from LOW to HIGH Hz
LOW, HIGH = 100.0, 7000.0
WINDOW, STEP = 100, 10  # hops of a description, and from one to the next
RATE = SAMPLE_RATE / HOP / STEP  # decisions a second
SILENCE = 1e-4  # of full scale (RMS): nobody speaks more quietly
SHORTEST, PAUSE = 0.4, 0.6  # seconds of speech at least; a pause that does not end it
SMOOTH = 9  # decisions over which the evidence is averaged
INNER = 0.25  # seconds on each side of a window's middle that its decision is about
MODULATION = (2.0, 10.0)  # Hz: the rhythm of syllables
FEATURES = 9

# of the standardised features, from benchmarks/score/fit_speech.py
MEANS = np.array([5.015, 0.5819, 0.2082, 1.894, 4.231, 0.304, 1.52, 0.8291, 0.7227])
SCALES = np.array([3.177, 0.216, 0.2146, 0.7336, 1.785, 0.2152, 0.4571, 0.3311, 0.2184])
WEIGHTS = np.array([0.1543, 0.1403, 0.5291, -3.152, 1.208, -0.1193, 3.489, -0.1321, -0.5843])
BIAS = -1.4


class Speech(NamedTuple):
    """Somebody speaks from `start` to `end` (seconds)."""

    start: float
    end: float


def mel_bands() -> NDArray[np.float32]:
    """Triangular bands, (BANDS, bins): equally wide on the mel scale, 2595 log10(1 + f / 700)."""
    mel = np.linspace(np.log1p(LOW / 700), np.log1p(HIGH / 700), BANDS + 2)
    edges = 700 * np.expm1(mel)
    f = np.arange(N_FFT // 2 + 1) * SAMPLE_RATE / N_FFT
    rise = (f - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - f) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(np.minimum(rise, fall), 0).astype(np.float32)


def spectra(blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Energies of the mel bands of a mono stream, (frames, BANDS) at a time, frame m centred at m HOP + N_FFT / 2."""
    window, mel = np.hanning(N_FFT).astype(np.float32), mel_bands()
    rest = np.zeros(0, np.float32)
    for x in blocks:
        rest = np.concatenate([rest, x[0]])
        count = (len(rest) - N_FFT) // HOP + 1
        if count >= WINDOW:
            frames = np.lib.stride_tricks.sliding_window_view(rest, N_FFT)[: count * HOP : HOP]
            yield (np.abs(np.fft.rfft(frames * window)) ** 2).astype(np.float32) @ mel.T
            rest = rest[count * HOP :]
    count = (len(rest) - N_FFT) // HOP + 1
    if count > 0:
        frames = np.lib.stride_tricks.sliding_window_view(rest, N_FFT)[: count * HOP : HOP]
        yield (np.abs(np.fft.rfft(frames * window)) ** 2).astype(np.float32) @ mel.T


def describe(energy: NDArray[np.float32]) -> NDArray[np.float64]:
    """FEATURES numbers about one window of mel energies, (WINDOW, BANDS)."""
    level = 10 * np.log10(energy + 1e-6 * energy.max() + 1e-12)
    total = level.mean(axis=1)
    loud = energy.sum(axis=1)
    step = np.diff(level, axis=0)
    shape = level - total[:, None]
    spectrum = np.abs(np.fft.rfft((total - total.mean()) * np.hanning(len(total)))) ** 2
    f = np.arange(len(spectrum)) * SAMPLE_RATE / HOP / len(total)
    syllables = spectrum[(f >= MODULATION[0]) & (f <= MODULATION[1])].sum() / max(spectrum.sum(), 1e-9)
    middle = energy[:, 3:12].sum() / max(energy.sum(), 1e-12)
    return np.array(
        [
            total.std(),
            syllables,
            np.mean(loud < 0.25 * loud.mean()),
            np.abs(step).mean(),
            shape.std(axis=0).mean(),
            middle,
            np.abs(np.diff(shape, axis=0)).mean(),
            np.log10(energy.max(axis=1) / (energy.mean(axis=1) + 1e-12) + 1e-12).mean(),
            _lasting(level),
        ]
    )


def _lasting(level: NDArray[np.float32]) -> float:
    """How much the bands are what they were 80 ms before: 1 for a held tone, 0 for what has no memory."""
    a, b = level[:-8] - level[:-8].mean(), level[8:] - level[8:].mean()
    return float((a * b).sum() / (np.sqrt((a * a).sum() * (b * b).sum()) + 1e-6))


def descriptions(blocks: Iterable[NDArray[np.float32]]) -> Iterator[tuple[float, NDArray[np.float64], float]]:
    """Time of the window's middle (seconds), its description, its RMS; RATE a second."""
    kept = np.zeros((0, BANDS), np.float32)
    first = 0
    scale = (np.hanning(N_FFT) ** 2).sum() * N_FFT / 2
    for energy in spectra(blocks):
        kept = np.concatenate([kept, energy])
        while len(kept) >= WINDOW:
            window = kept[:WINDOW]
            middle = ((first + WINDOW / 2) * HOP + N_FFT / 2) / SAMPLE_RATE
            yield middle, describe(window), float(np.sqrt(window.sum(axis=1).mean() / scale))
            kept, first = kept[STEP:], first + STEP


def evidence(features: NDArray[np.float64]) -> float:
    """How much speaks for speech: above 0 more than against it (the logarithm of the odds)."""
    return float(((features - MEANS) / SCALES) @ WEIGHTS + BIAS)


def find_speech(blocks: Iterable[NDArray[np.float32]]) -> list[Speech]:
    """The stretches of speech in a mono stream at SAMPLE_RATE, short pauses bridged."""
    time, odds = array("d"), array("f")
    for at, features, level in descriptions(blocks):
        time.append(at)
        odds.append(evidence(features) if level > SILENCE else -5.0)
    if not time:
        return []
    smooth = np.convolve(np.pad(odds, SMOOTH // 2, mode="edge"), np.ones(SMOOTH) / SMOOTH, "valid")
    found: list[Speech] = []
    for at in np.array(time)[smooth > 0]:
        start, end = max(float(at) - INNER, 0.0), float(at) + INNER
        if found and start - found[-1].end <= PAUSE:
            found[-1] = Speech(found[-1].start, end)
        else:
            found.append(Speech(start, end))
    return [s for s in found if s.end - s.start >= SHORTEST + 2 * INNER]
