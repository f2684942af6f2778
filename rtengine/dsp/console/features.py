"""What a console knows about a sound, and what it should be like: loudness, peaks, spectrum and image.

The same numbers describe one stem, and as the mean over a data set the reference of a role: what effect normalisation
brings a stem to, and what Layer 0 mixes towards.
Source: M. A. Martinez-Ramirez et al., "Automatic music mixing with deep learning and out-of-domain data", ISMIR 2022.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp import loudness
from rtengine.dsp.console import bands, onsets

SHIPPED = Path(__file__).parent / "references.json"
MIX = "mix"  # the role of the whole
ROLES = ("vocals", "drums", "bass", "other")
MUSDB18 = {  # role: loudness in LUFS, mean and standard deviation of the loud onsets' peaks in dBFS, mean similarity
    "vocals": (-30.73, -14.24, 1.37, 0.92),  # as published with FxNorm-automix for the training part of MUSDB18;
    "drums": (-34.18, -13.48, 1.13, 0.86),  # peaks are those of stems whose highest sample is at -10 dBFS
    "bass": (-29.73, -13.13, 0.90, 0.89),
    "other": (-31.17, -14.66, 1.27, 0.83),
}
NUMBERS = ("loudness", "peak", "crest", "density", "active")  # of Features, that have a mean
PEAK = -10.0  # dBFS: the level at which onsets are compared


@dataclass(frozen=True)
class Features:
    """One sound, or the mean of many.

    loudness: LUFS, -inf of silence.  peak: mean of the loud onsets, dBFS, with the highest sample at PEAK;
    peak_deviation: over songs.  crest: dB.  density: onsets a second.  active: share of the time that is not silent.
    spectrum: third octaves in dB, 0 dB altogether.  side: side over mid in dB, third octaves.
    """

    loudness: float
    peak: float
    peak_deviation: float
    crest: float
    density: float
    active: float
    spectrum: tuple[float, ...]
    side: tuple[float, ...]


def measure(x: NDArray[np.float32], sample_rate: float) -> Features:
    """The features of x (1 or 2, samples)."""
    return hear(x, sample_rate)[0]


def hear(x: NDArray[np.float32], sample_rate: float) -> tuple[Features, NDArray[np.float64], NDArray[np.float64]]:
    """The features of x (1 or 2, samples), the peaks of its hops and those of its loud onsets, both in dBFS."""
    seen = bands.spectrum(x, sample_rate)
    power = 10 ** (seen.both / 10)
    hops = onsets.hop_peaks(x)
    levels = onsets.onset_levels(x, hops)
    highest = float(hops.max(initial=0))
    top = 20 * float(np.log10(max(highest, 1e-9)))
    loud = onsets.loud_onsets(levels)
    found = Features(
        loudness.loudness(np.ascontiguousarray(np.stack([x[0], x[-1]])), sample_rate),
        float(loud.mean()) - top + PEAK if loud.size else PEAK,
        0.0,
        onsets.crest(x, hops),
        len(levels) / max(x.shape[1] / sample_rate, 1e-9),
        float(np.mean(hops > 1e-2 * highest)) if highest > 0 else 0.0,
        tuple((10 * np.log10(np.maximum(power / max(power.sum(), 1e-30), 1e-12))).round(2).tolist()),
        tuple(np.clip(seen.side - seen.mid, -60, 20).round(2).tolist()),
    )
    return found, 20 * np.log10(np.maximum(hops.astype(np.float64), 1e-9)), loud


def mean(songs: Sequence[Features]) -> Features:
    """The mean of features; ValueError of none."""
    heard = [s for s in songs if np.isfinite(s.loudness)]
    if not heard:
        raise ValueError("there is no sound in any of the stems")
    spectra = np.mean([s.spectrum for s in heard], axis=0)
    spectra -= 10 * np.log10(np.sum(10 ** (spectra / 10)))
    numbers = {n: round(float(np.mean([getattr(s, n) for s in heard])), 3) for n in NUMBERS}
    return Features(
        peak_deviation=round(float(np.std([s.peak for s in heard])), 3),
        spectrum=tuple(spectra.round(2).tolist()),
        side=tuple(np.mean([s.side for s in heard], axis=0).round(2).tolist()),
        **numbers,
    )


def write(path: Path, references: dict[str, Features]) -> None:
    """Write references by role as JSON."""
    path.write_text(json.dumps({role: asdict(f) for role, f in references.items()}, indent=1) + "\n")


def read(path: Path = SHIPPED) -> dict[str, Features]:
    """References by role from JSON; ValueError names the file if it is something else."""
    try:
        data = json.loads(path.read_text())
        found = {role: Features(**values) for role, values in data.items()}
        return {r: replace(f, spectrum=tuple(f.spectrum), side=tuple(f.side)) for r, f in found.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} holds no references of automix features: {error}") from None
