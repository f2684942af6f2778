"""Effect normalisation: bring a stem, whatever was done to it, to what stems of its role are on average.

In this order: spectrum, dynamics, image, loudness; a room comes before them, see `room`. Each step is a function of
its own. Against the published one: left and right are compressed together, the threshold needs no search, spectra are
matched by minimum-phase filters that can run live, and the whole song gets its image, not its first seconds.
Source: M. A. Martinez-Ramirez et al., "Automatic music mixing with deep learning and out-of-domain data", ISMIR 2022.
"""

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp import loudness
from rtengine.dsp.console import bands, compressor, fir, image, onsets
from rtengine.dsp.console.features import MUSDB18, PEAK, Features
from rtengine.dsp.console.threshold import threshold
from rtengine.native.record import record

Samples = NDArray[np.float32]

LARGEST_GAIN = 12.0  # dB, of boost and cut
HEARD = -45.0  # dB: third octaves so far below the whole are left alone, or noise is lifted
DESIGN = 8192  # points of the transform in which filters are made
ACTION = {  # role: attack in ms, release in ms, ratio, as in the paper
    "vocals": (7.5, 400.0, 4.0),
    "drums": (10.0, 180.0, 6.0),
    "bass": (10.0, 500.0, 5.0),
    "other": (15.0, 666.0, 4.0),
}
KNEE = 6.0  # dB


def difference(spectrum: tuple[float, ...], reference: tuple[float, ...]) -> NDArray[np.float64]:
    """By how many dB each third octave is to be lifted, smoothed over an octave, LARGEST_GAIN at most, 0 on average."""
    own, other = np.array(spectrum), np.array(reference)
    weight = ((own > HEARD) & (other > HEARD)).astype(float)
    raw = np.where(weight > 0, other - own, 0.0)
    kernel = np.array([0.5, 1, 1, 1, 0.5])
    smooth = np.convolve(raw * weight, kernel, "same") / np.maximum(np.convolve(weight, kernel, "same"), 1e-9)
    power = 10 ** (own / 10)
    smooth -= 10 * np.log10(np.sum(power * 10 ** (smooth / 10)) / power.sum())
    return np.clip(smooth, -LARGEST_GAIN, LARGEST_GAIN)


def match_filter(spectrum: tuple[float, ...], reference: tuple[float, ...], sample_rate: float) -> Samples:
    """The minimum-phase filter that brings a spectrum in third octaves to the reference's."""
    f = np.maximum(np.fft.rfftfreq(DESIGN, 1 / sample_rate), 1.0)
    gain = np.interp(np.log(f), np.log(bands.CENTRES), difference(spectrum, reference))
    return fir.minimum_phase(10 ** (gain / 20))


def compressed(x: Samples, sample_rate: float, role: str, peak: float, deviation: float) -> Samples:
    """Turn down what stands out more than the role's peaks do (mean + deviation, dBFS with the highest at PEAK)."""
    top = 20 * float(np.log10(max(np.abs(x).max(initial=0), 1e-9)))
    levels = onsets.loud_onsets(onsets.onset_levels(x)) - top + PEAK
    attack, release, ratio = ACTION[role]
    found = threshold(levels, peak + deviation, ratio)
    y = np.ascontiguousarray(x, np.float32).copy()
    if found is not None:
        shares = (compressor.share(t / 1000, sample_rate) for t in (attack, release))
        memory = record(compressor.prepare())[0]
        compressor.run(memory, y, y, found + top - PEAK, ratio, KNEE, *shares, 0.0)
    return y


def to_loudness(x: Samples, sample_rate: float, target: float) -> Samples:
    """Bring x to so many LUFS; silence stays."""
    now = loudness.loudness(x, sample_rate)
    return (x * np.float32(10 ** ((target - now) / 20))) if np.isfinite(now) else x


def normalised(x: Samples, sample_rate: float, role: str, own: Features, reference: Features) -> Samples:
    """All of it: x (2, samples) with its features, towards the reference of its role.

    Loudness, peaks and image come from the published means of MUSDB18, the spectrum from `reference`.
    """
    target, peak, deviation, similarity = MUSDB18[role]
    y = fir.filtered(x, match_filter(own.spectrum, reference.spectrum, sample_rate))
    y = compressed(y, sample_rate, role, peak, deviation)
    y = image.towards(y, np.full(image.N_FFT // 2 + 1, 1 - similarity))
    return to_loudness(y, sample_rate, target)
