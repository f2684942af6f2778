"""The tempo and the key of a piece, by librosa."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.library.warm import librosa
from rtengine.models.listen.front_end import HOP_LENGTH, RATE

Samples = NDArray[np.float32]

FRAME_RATE = RATE / HOP_LENGTH  # Hz, of the onsets
SLOWEST, FASTEST = 30, 320  # beats a minute
SPAN = 8  # beats over which a tempo is measured: a frame of 16 ms is then 0.4 % of 120 beats a minute
FEWEST = 12  # beats without which there is no tempo
STEADY = 0.04  # middle deviation of the spans, relative, above which there is no tempo either
N_FFT = 4096  # of the chroma: bins of 4 Hz
CLEAR = 0.55  # correlation with the best key's profile below which no key is named; of noise it is 0.4 at most
NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


class Key(NamedTuple):
    """name: as "F minor", or "" where none is clear.  clearness: correlation with its profile, -1 to 1."""

    name: str
    clearness: float


def tempo(onsets: Samples) -> float:
    """Beats a minute of onsets (frames,), how much each frame rose above the one before; 0 if there is no steady beat.

    librosa follows the beats (D. P. W. Ellis, "Beat tracking by dynamic programming", 2007); the tempo is the middle of
    those over 8 beats each. A tempo may be heard at twice or half the pace: so it is here.
    """
    if len(onsets) < 2 * FRAME_RATE or onsets.max() <= 0:
        return 0.0
    pace = likely(onsets)
    with np.errstate(all="ignore"):  # librosa divides by zero where all is silent, and goes on
        _, beats = librosa().beat_track(onset_envelope=onsets, sr=RATE, hop_length=HOP_LENGTH, bpm=pace, trim=True)
    if len(beats) < max(FEWEST, SPAN + 1):
        return 0.0
    spans = (beats[SPAN:] - beats[:-SPAN]) / SPAN
    middle = float(np.median(spans))
    if np.median(np.abs(spans - middle)) > STEADY * middle:
        return 0.0
    return 60 * FRAME_RATE / middle


def likely(onsets: Samples) -> float:
    """The tempo at whose period onsets are most like themselves, where 120 is likeliest: an octave off, e^-1/2."""
    size = 1 << (2 * len(onsets) - 1).bit_length()
    spectrum = np.fft.rfft(onsets - onsets.mean(), size)
    alike = np.fft.irfft(np.abs(spectrum) ** 2)[1 : round(FRAME_RATE * 60 / SLOWEST)]
    paces = 60 * FRAME_RATE / np.arange(1, 1 + len(alike))
    weights = np.exp(-0.5 * np.log2(paces / 120) ** 2) * (paces < FASTEST)
    return float(paces[int(np.argmax(alike * weights))])


def key(x: Samples) -> Key:
    """The key of a sound (samples,) at 16 kHz.

    The profile of C. L. Krumhansl, "Cognitive foundations of musical pitch", 1990, table 2.1, with which the mean
    chroma correlates most, of the 24.
    """
    if len(x) < N_FFT or not np.any(x):
        return Key("", 0.0)
    chroma = librosa().chroma_stft(y=x, sr=RATE, n_fft=N_FFT, hop_length=N_FFT // 2, tuning=0.0)
    mean = chroma.mean(axis=1)
    if mean.std() < 1e-6:
        return Key("", 0.0)
    found = [
        (float(np.corrcoef(mean, np.roll(profile, tonic))[0, 1]), f"{NAMES[tonic]} {mode}")
        for mode, profile in (("major", MAJOR), ("minor", MINOR))
        for tonic in range(12)
    ]
    clearness, name = max(found)
    return Key(name if clearness >= CLEAR else "", clearness)
