"""The gate: no score for what is but a song beside a sound.

An equaliser, an overlay, a splice and a loop have one thing in common: take away from the output whatever a filter of
the song, however it changes from one fifth of a second to the next, can explain, and what is left is nothing, or it is
the sound alone and says nothing of the song; or now the one and now the other. In a transfer, what is left (the song's
bands moved faster than any equaliser would, and new sound that follows them) still carries the song, and is a part of
every moment.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from rtengine.models.texture.bands import HOP_LENGTH, N_FFT
from rtengine.models.texture.training import judge
from rtengine.models.texture.training.songs import istft, stft

Samples = NDArray[np.float32]
Spectrum = NDArray[np.complex64]

FRAMES, BINS = 33, 8  # over which one gain is fitted: 0.19 s, 345 Hz
NEAR = 5  # frames over which fits are compared
# no score below the first of two, all from the second; measured on held-out songs and textures as the comments say
LEAST = 0.02, 0.06  # share of the output's power that must be left: equalised .01 at most, transfers .06 at least
CARRIED = 0.25, 0.4  # of the song in what is left, of that in all of it: overlays .1 at most, transfers .38 at least
EVERYWHERE = 0.3, 0.5  # share of moments of which a part is left: splices .15 at most, transfers .74 at least
PART = 0.02, 0.95  # that is more and less than this, of a moment's power; phases that wander leave as much as .9
KEPT = 0.3  # what carries less of the song than this is held to this
HEARD = 1e-3  # of the mean power: of the moments that are counted


def gate(song: Samples, y: Samples, sound: Samples) -> float:
    """Judge whether y, (samples,), transforms the song: 1 if it does, 0 if it does not, ramps between.

    sound: a take of the texture, (samples,), by which is told how much of a song any sound seems to carry.
    """
    rest = unexplained(song, y)
    left, power = (judge.spectrogram(x, N_FFT, HOP_LENGTH).sum(0) for x in (rest, y))
    passed = _ramp(float(left.sum() / (power.sum() + 1e-12)), *LEAST)
    heard = power > HEARD * power.mean()
    part = left[heard] / power[heard]
    passed *= _ramp(float(np.mean((part > PART[0]) & (part < PART[1]))), *EVERYWHERE)
    return passed * _ramp(_carried(song, y, rest, sound), *CARRIED) if passed else 0.0


def _carried(song: Samples, y: Samples, rest: Samples, sound: Samples) -> float:
    """How much of what y keeps of the song is in the rest too, beyond what a sound has by chance."""
    wanted = judge.content(song)
    kept, left, chance = (
        float(np.mean(list(judge.alike(wanted, judge.content(x)).values())))
        for x in (y, rest, np.resize(sound, len(song)))
    )
    chance = max(0.0, chance)
    return (left - chance) / max(kept - chance, KEPT)


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def unexplained(song: Samples, y: Samples) -> Samples:
    """What is left of y without the song: where a slowly changing filter fits best it is taken away; (samples,)."""
    x, z = (stft(torch.as_tensor(np.ascontiguousarray(v)[None]))[0].numpy() for v in (song, y))
    steady = (np.conj(x) * z).sum(0) / ((x.real**2 + x.imag**2).sum(0) + 1e-9)  # what one equaliser can do
    rest, least = z, _mean(z.real**2 + z.imag**2, NEAR)
    for explanation in (x, x * steady):
        gain = _fit(explanation, z)
        for shift in (-FRAMES // 2, 0, FRAMES // 2):  # so that one fit ends where a splice does
            left = z - np.roll(gain, shift, 0) * explanation
            power = _mean(left.real**2 + left.imag**2, NEAR)
            rest, least = np.where(power < least, left, rest), np.minimum(power, least)
    return np.asarray(istft(torch.as_tensor(rest[None]), len(y))[0].numpy())


def _fit(x: Spectrum, z: Spectrum) -> Spectrum:
    """The complex gain that makes x most like z around each frame and bin, least squares."""
    product = np.conj(x) * z
    return np.asarray(
        (_mean(product.real, FRAMES) + 1j * _mean(product.imag, FRAMES)) / (_mean(x.real**2 + x.imag**2, FRAMES) + 1e-9)
    )


def _mean(a: NDArray[np.floating], frames: int) -> NDArray[np.float64]:
    """Mean over so many frames and over BINS bins around each, the edges repeated."""
    for size in (frames, BINS):  # then the other axis
        padded = np.pad(a, ((size // 2 + 1, size - size // 2 - 1), (0, 0)), mode="edge")
        sums = np.cumsum(padded, axis=0, dtype=np.float64)  # in float32, loud frames would drown the quiet ones
        a = ((sums[size:] - sums[:-size]) / size).T
    return np.asarray(a, np.float64)
