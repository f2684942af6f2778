"""What a console knows about a sound, and what it should be like: loudness, peaks, spectrum and image.

The same numbers describe one stem, and as the mean over a data set the reference of a role: what effect normalisation
brings a stem to, and what Layer 0 mixes towards.
Source: M. A. Martinez-Ramirez et al., "Automatic music mixing with deep learning and out-of-domain data", ISMIR 2022.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp import loudness
from rtengine.dsp.console import bands, onsets
from rtengine.native.record import record

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


def heard(blocks: Iterable[NDArray[np.float32]], sample_rate: float) -> Features:
    """The features of a sound that comes in blocks (1 or 2, samples)."""
    listener = Listener(sample_rate)
    for x in blocks:
        listener.add(x)
    return listener.heard()[0]


def hear(x: NDArray[np.float32], sample_rate: float) -> tuple[Features, NDArray[np.float64], NDArray[np.float64]]:
    """The features of x (1 or 2, samples), the peaks of its hops and those of its loud onsets, both in dBFS."""
    listener = Listener(sample_rate)
    listener.add(x)
    return listener.heard()


class Listener:
    """Measures a sound as it comes, in memory that hardly grows; the same numbers however it is cut."""

    def __init__(self, sample_rate: float) -> None:
        self.sample_rate, self.samples = sample_rate, 0
        self._share = bands.weights(sample_rate).astype(np.float32)
        self._loudness = record(loudness.prepare(sample_rate, 2))
        self._held, self._filled = np.zeros((2, bands.PIECE), np.float32), 0  # samples of a piece, and how many
        self._powers: list[NDArray[np.float32]] = []
        self._weights: list[NDArray[np.float64]] = []
        self._peaks: list[NDArray[np.float32]] = []
        self._energies: list[NDArray[np.float32]] = []

    def add(self, x: NDArray[np.float32]) -> None:
        """Hear x (1 or 2, samples), any number of them."""
        taken, self.samples = 0, self.samples + x.shape[1]
        while taken < x.shape[1]:
            part = x[:, taken : taken + bands.PIECE - self._filled]
            last = self._filled + part.shape[1]
            self._held[0, self._filled : last], self._held[1, self._filled : last] = part[0], part[-1]
            taken, self._filled = taken + part.shape[1], last
            if self._filled == bands.PIECE:
                self._piece(self._held)
                self._filled = 0

    def _piece(self, x: NDArray[np.float32]) -> None:
        self._powers.append(bands.powers(x, self._share))
        self._weights.append(onsets.weights(x))
        self._peaks.append(onsets.hop_peaks(x))
        self._energies.append(onsets.energies(x))
        loudness.update(self._loudness[0], x)

    def heard(self) -> tuple[Features, NDArray[np.float64], NDArray[np.float64]]:
        """The features, the peaks of hops and those of the loud onsets, both in dBFS; nothing comes after."""
        if self._filled or not self.samples:
            self._piece(np.ascontiguousarray(self._held[:, : max(self._filled, 1)]))
        self._filled = 0
        seen = bands.mean(self._powers)
        power = 10 ** (seen.both / 10)
        hops, energy = np.concatenate(self._peaks), np.concatenate(self._energies)
        highest = float(hops.max(initial=0))
        top = 20 * float(np.log10(max(highest, 1e-9)))
        levels = onsets.levels(np.concatenate(self._weights), hops)
        loud = onsets.loud_onsets(levels)
        found = Features(
            loudness.integrated(self._loudness[0]),
            float(loud.mean()) - top + PEAK if loud.size else PEAK,
            0.0,
            onsets.standing_out(hops, energy, max(self.samples, 1), 2),
            len(levels) / max(self.samples / self.sample_rate, 1e-9),
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
    except ValueError as error:
        raise ValueError(f"{path} holds no references of automix features: {error}") from None
    except (TypeError, AttributeError):
        raise ValueError(f"{path} holds no references of automix features, but other JSON") from None
