"""Where somebody speaks: a small detector of our own, by the rhythm of syllables. Singing it takes for speech.

Speech changes its spectrum several times a second, falls into pauses between words, and lies between 200 and 4000 Hz;
music holds its tones, noise its level, and a bird whistles above any voice. Each second is described by how its mel
bands and its pitch vary, and a logistic function of that, fitted by benchmarks/score/fit_speech.py, says how likely
speech is.
After: E. Scheirer, M. Slaney, "Construction and evaluation of a robust multifeature speech/music discriminator",
ICASSP 1997 (which measures; the set here is smaller).
"""

from array import array
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000  # Hz
N_FFT, HOP = 512, 160  # 32 ms, 10 ms
BANDS = 16  # mel bands from LOW to HIGH Hz
LOW, HIGH = 100.0, 7000.0
WINDOW, STEP = 100, 10  # hops of a description, and from one to the next
RATE = SAMPLE_RATE / HOP / STEP  # decisions a second
SILENCE = 1e-4  # of full scale (RMS): nobody speaks more quietly
NOBODY = -5.0  # evidence of silence
SHORTEST, PAUSE = 0.4, 1.5  # seconds of speech at least; a pause that does not end it
BEGINS, LASTS = 1.0, -1.0  # evidence that speech needs somewhere, and all along: so a hole in it is none in the music
SMOOTH = 9  # decisions over which the evidence is averaged
INNER = 0.25  # seconds on each side of a window's middle that its decision is about
MODULATION = (2.0, 10.0)  # Hz: the rhythm of syllables
VOICE = 70.0, 400.0  # Hz: the pitch of a speaker
WHISTLE = 2700.0  # Hz: from the speaker's highest pitch to here, a bird's or a bubble's
VOICED, UNVOICED = 10, 0.06  # which feature says how much of a second is voiced, and what hardly any speech is below
SURE = 0.2  # how much more periodic a frame is in the voice's range than above, from which it has a pitch
FEATURES = 13

# of the standardised features, from benchmarks/score/fit_speech.py
MEANS = np.array([5.201, 0.5911, 0.2397, 1.946, 4.57, 0.3004, 1.566, 0.8349, 0.7047, 0.8635, 0.187, 0.1416, 0.06967])
SCALES = np.array(
    [3.088, 0.2107, 0.2151, 0.6933, 1.833, 0.2089, 0.4406, 0.302, 0.2215, 0.1698, 0.1445, 0.06446, 0.03652]
)
WEIGHTS = np.array(
    [-1.027, 0.3148, 1.143, -1.996, 1.469, -0.7723, 2.225, 0.04352, -0.1961, 0.138, 0.8837, 0.2818, -0.1016]
)
BIAS = -0.597


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
    """Energies of the mel bands of a mono stream, and its `pitch`: (frames, BANDS + 2) at a time.

    Frame m is centred at m HOP + N_FFT / 2.
    """
    window, mel = np.hanning(N_FFT).astype(np.float32), mel_bands()
    rest = np.zeros(0, np.float32)
    for x in blocks:
        rest = np.concatenate([rest, x[0]])
        count = (len(rest) - N_FFT) // HOP + 1
        if count >= WINDOW:
            yield _spectra(rest, count, window, mel)
            rest = rest[count * HOP :]
    count = (len(rest) - N_FFT) // HOP + 1
    if count > 0:
        yield _spectra(rest, count, window, mel)


def _spectra(x: NDArray[np.float32], count: int, window: NDArray[np.float32], mel: NDArray[np.float32]
             ) -> NDArray[np.float32]:  # fmt: skip
    frames = np.lib.stride_tricks.sliding_window_view(x, N_FFT)[: count * HOP : HOP]
    power = (np.abs(np.fft.rfft(frames * window)) ** 2).astype(np.float32)
    return np.hstack([power @ mel.T, pitch(power, window)])


def pitch(power: NDArray[np.float32], window: NDArray[np.float32]) -> NDArray[np.float32]:
    """(frames, 2): how much better a period of the voice fits than a shorter one, 0 to 1, and its frequency in octaves.

    By the autocorrelation, that of the window taken off (P. Boersma, 1993). What whistles, as a bird, fits both alike.
    """
    own = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * N_FFT)) ** 2)[: N_FFT // 2]
    same = np.fft.irfft(power)[:, : N_FFT // 2] / own
    same /= np.maximum(same[:, :1], 1e-12)
    low, high = (round(SAMPLE_RATE / f) for f in VOICE[::-1])
    lag = low + np.argmax(same[:, low:high], axis=1)
    shorter = same[:, round(SAMPLE_RATE / WHISTLE) : low].max(axis=1)
    clear = np.clip(same[np.arange(len(lag)), lag] - np.maximum(shorter, 0), 0, 1)
    return np.column_stack([clear, np.log2(SAMPLE_RATE / lag)]).astype(np.float32)


def describe(window: NDArray[np.float32]) -> NDArray[np.float64]:
    """FEATURES numbers about one window of `spectra`, (WINDOW, BANDS + 2)."""
    energy, clear, octave = window[:, :BANDS], window[:, BANDS], window[:, BANDS + 1]
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
            energy[:, :6].sum() / max(energy.sum(), 1e-12),
            *_voiced(loud, clear, octave),
        ]
    )


def _voiced(loud: NDArray[np.float32], clear: NDArray[np.float32], octave: NDArray[np.float32]
            ) -> tuple[float, float, float]:  # fmt: skip
    """How much of what is loud has a voice's pitch; how this comes and goes; how its pitch glides (octaves a frame)."""
    heard = loud >= 0.1 * loud.mean()
    sure = heard & (clear > SURE)
    both = sure[1:] & sure[:-1]
    steps = np.minimum(np.abs(np.diff(octave))[both], 0.2)
    return (
        float((clear * loud).sum() / max(float(loud.sum()), 1e-12)),
        float(clear[heard].std()),
        float(steps.mean()) if len(steps) > 5 else 0.1,
    )


def _lasting(level: NDArray[np.float32]) -> float:
    """How much the bands are what they were 80 ms before: 1 for a held tone, 0 for what has no memory."""
    a, b = level[:-8] - level[:-8].mean(), level[8:] - level[8:].mean()
    return float((a * b).sum() / (np.sqrt((a * a).sum() * (b * b).sum()) + 1e-6))


def descriptions(blocks: Iterable[NDArray[np.float32]]) -> Iterator[tuple[float, NDArray[np.float64], float]]:
    """Time of the window's middle (seconds), its description, its RMS; RATE a second."""
    kept = np.zeros((0, BANDS + 2), np.float32)
    first = 0
    scale = (np.hanning(N_FFT) ** 2).sum() * N_FFT / 2
    for energy in spectra(blocks):
        kept = np.concatenate([kept, energy])
        while len(kept) >= WINDOW:
            window = kept[:WINDOW]
            middle = ((first + WINDOW / 2) * HOP + N_FFT / 2) / SAMPLE_RATE
            yield middle, describe(window), float(np.sqrt(window[:, :BANDS].sum(axis=1).mean() / scale))
            kept, first = kept[STEP:], first + STEP


Fit = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]


def evidence(features: NDArray[np.float64], fit: Fit = (MEANS, SCALES, WEIGHTS, BIAS)) -> NDArray[np.float64]:
    """How much speaks for speech: above 0 more than against it (the logarithm of the odds). features: (..., FEATURES).

    What has no voice can be a part of speech, but never all of it.
    """
    means, scales, weights, bias = fit
    odds = ((features - means) / scales) @ weights + bias
    return np.where(features[..., VOICED] < UNVOICED, np.minimum(odds, LASTS), odds)


def find_speech(blocks: Iterable[NDArray[np.float32]]) -> list[Speech]:
    """The stretches of speech in a mono stream at SAMPLE_RATE, short pauses bridged."""
    time, odds = array("d"), array("f")
    for at, features, level in descriptions(blocks):
        time.append(at)
        odds.append(float(evidence(features)) if level > SILENCE else NOBODY)
    if not time:
        return []
    return stretches(np.array(time), np.array(odds))


def stretches(time: NDArray[np.float64], odds: NDArray[np.floating[Any]]) -> list[Speech]:
    """Where the evidence lasts, seconds."""
    smooth = np.convolve(np.pad(odds, SMOOTH // 2, mode="edge"), np.ones(SMOOTH) / SMOOTH, "valid")
    edges = np.flatnonzero(np.diff(smooth > LASTS, prepend=False, append=False))
    found: list[Speech] = []
    for first, after in zip(edges[::2], edges[1::2], strict=True):
        if smooth[first:after].max() < BEGINS:
            continue
        start, end = max(float(time[first]) - INNER, 0.0), float(time[after - 1]) + INNER
        if found and start - found[-1].end <= PAUSE:
            found[-1] = Speech(found[-1].start, end)
        else:
            found.append(Speech(start, end))
    return [s for s in found if s.end - s.start >= SHORTEST + 2 * INNER]
