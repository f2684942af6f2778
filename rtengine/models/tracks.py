"""The gliding tones of a recording, found and summed up as Events: what any sound's own bubbles and zaps are like.

Peaks of a spectrogram that stand out of what surrounds them are joined from frame to frame into tracks.
Source: McAulay and Quatieri, "Speech analysis/synthesis based on a sinusoidal representation", IEEE TASSP 34, 1986.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.models.bands import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE
from rtengine.models.events import VOICES, Events
from rtengine.models.fingerprint import Array, spectrogram

SIZES = (2048, 512)  # points of a frame: tones that stand, and tones that fall too fast for these
PEAKS = 12  # at most, a frame
AROUND = 260.0  # Hz, and at least 5 bins, each way that a peak must stand out of,
PROMINENCE = 3.0  # by so many nepers of power
DEPTH = 11.5  # nepers of power below the loudest bin, 50 dB
JUMP, BEND = 2.5, 0.4  # bins from one frame to the next, and more by so much of the last step
BEGIN = 10  # bins: the last step where there was none
SURER = 0.15  # by how much the share of short frames must be greater, for in these noise has tones too
SHORTEST = 5  # frames
LOWEST = 170.0  # Hz
STEADY, LASTING = 0.15, 0.3  # octaves and seconds: tones that glide less and last longer follow the music's pitch


class Track(NamedTuple):
    """One tone: its bins (fractions too) and powers, frame by frame; width: Hz of a bin."""

    bins: list[float]
    powers: list[float]
    width: float


def tracks(x: NDArray[np.float32]) -> tuple[list[Track], float]:
    """All tones of (samples,) at 44.1 kHz, and their share of the sound's power above LOWEST."""
    standing, falling = (_tracks(x, n_fft) for n_fft in SIZES)
    return falling if falling[1] > standing[1] + SURER else standing


def _tracks(x: NDArray[np.float32], n_fft: int) -> tuple[list[Track], float]:
    power = spectrogram(x, n_fft, HOP_LENGTH)
    width = SAMPLE_RATE / n_fft
    lowest, around = round(LOWEST / width), max(5, round(AROUND / width))
    log = np.log(power + 1e-12)
    sums = np.cumsum(np.pad(log, ((around + 1, around), (0, 0)), mode="edge"), axis=0)
    prominent = log - (sums[2 * around + 1 :] - sums[: -2 * around - 1]) / (2 * around + 1) > PROMINENCE
    prominent &= log > log.max() - DEPTH
    prominent[1:-1] &= (log[1:-1] >= log[:-2]) & (log[1:-1] > log[2:])
    prominent[:lowest] = prominent[-1] = False
    done: list[Track] = []
    live: list[Track] = []
    for m in range(log.shape[1]):
        found = np.flatnonzero(prominent[:, m])
        found = found[np.argsort(log[found, m])[-PEAKS:]]
        now = {float(k + _offset(log[k - 1 : k + 2, m])): float(power[k - 1 : k + 2, m].sum()) for k in found}
        rest = []
        for track in live:
            guess = 2 * track.bins[-1] - track.bins[-2] if len(track.bins) > 1 else track.bins[-1]
            near = min(now, key=lambda k: abs(k - guess), default=math.inf)
            step = abs(guess - track.bins[-1]) if len(track.bins) > 1 else BEGIN
            if abs(near - guess) <= JUMP + BEND * step:
                track.bins.append(near)
                track.powers.append(now.pop(near))
                rest.append(track)
            elif len(track.bins) >= SHORTEST:
                done.append(track)
        live = rest + [Track([k], [p], width) for k, p in now.items()]
    done += [track for track in live if len(track.bins) >= SHORTEST]
    tonal = sum(sum(track.powers) for track in done)
    return done, min(1.0, tonal / (float(power[lowest:].sum()) + 1e-9))


def _offset(log: Array) -> float:
    """Where the top of a parabola through three points is, -0.5 to 0.5 from the middle one."""
    bend = 2 * log[1] - log[0] - log[2]
    return float(np.clip(0.5 * (log[2] - log[0]) / max(bend, 1e-3), -0.5, 0.5))


def events(found: list[Track], seconds: float) -> Events:
    """What the tracks of so many seconds have in common, the strong ones first."""
    if not found:
        return _events(Shape(-3.0, 11.0, 2.6, 0.0, 0.1, 3.0, 0.3, 0.0, 0.0), Shape(*[0.3] * 9), rate=0.0)
    shapes = np.array([_shape(track) for track in found])
    weight = np.sqrt([sum(track.powers) for track in found])
    weight /= weight.sum()
    mean = weight @ shapes
    spread = np.sqrt(weight @ (shapes - mean) ** 2)
    heard = 1 / float((weight**2).sum())  # as many tracks as matter
    return _events(Shape(*mean.tolist()), Shape(*spread.tolist()), min(heard * 2, len(found)) / seconds)


class Shape(NamedTuple):
    """One track: log2 of seconds, of Hz at its start and of its rate; octaves; shares of its life; nepers."""

    length: float
    pitch: float
    rate: float
    extent: float
    rise: float
    fall: float
    curve: float
    vibrato: float
    level: float


def _shape(track: Track) -> Shape:
    octaves = np.log2(np.array(track.bins) * track.width)
    level = 0.5 * np.log(np.array(track.powers) + 1e-12)
    t = np.linspace(0, 1, len(octaves))
    slope, first = np.polyfit(t, octaves, 1)
    wobble = octaves - (first + slope * t)
    turns = np.count_nonzero(np.diff(np.sign(wobble))) / 2 / (len(t) / FRAME_RATE)
    top = int(level.argmax())
    half = (octaves[len(t) // 2] - octaves[0]) / slope if abs(slope) > 0.1 else 0.5
    return Shape(
        length=math.log2(len(t) / FRAME_RATE),
        pitch=float(octaves[0]),
        rate=math.log2(min(max(turns, 1.0), 20.0)),
        extent=float(slope),
        rise=top / len(t),
        fall=float(level[top] - level[-1]),
        curve=2 * math.log(max(half, 0.1) / max(1 - half, 0.1)),
        vibrato=min(float(wobble.std()) * 1.4, 0.2),
        level=float(level.max() / math.log(2)),
    )


def _events(mean: Shape, spread: Shape, rate: float) -> Events:
    """rate: starts a second."""
    seconds = 2**mean.length
    waiting = max(VOICES - rate * seconds, 2)
    chance = min(max(rate / FRAME_RATE / waiting, 1e-4), 0.2)
    steady = abs(mean.extent) < STEADY and seconds > LASTING
    return Events(
        length=mean.length,
        length_spread=min(spread.length, 1.0),
        pitch=1.0 if steady else mean.pitch,
        pitch_spread=0.003 if steady else min(spread.pitch, 1.2),
        follow=float(steady),
        extent=float(np.clip(mean.extent, -5, 3)),
        extent_spread=min(spread.extent, 1.0),
        rate=mean.rate,
        rate_spread=min(spread.rate, 0.5),
        level_spread=min(spread.level, 1.0),
        threshold=NormalDist().inv_cdf(1 - chance),
        attack_pull=1.0,
        curve=float(np.clip(mean.curve, 0.3, 4.5)),
        rise=float(np.clip(mean.rise, 0.02, 0.5)),
        fall=float(np.clip(mean.fall, 0.3, 4)),
        vibrato=mean.vibrato if seconds > LASTING else 0.0,
        tremolo=0.0,
        overtones=0.2,
    )
