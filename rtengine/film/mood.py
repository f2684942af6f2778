"""How a picture feels, as two curves: valence (sad to glad) and arousal (calm to stirring), each from -1 to 1.

Of colour: P. Valdez, A. Mehrabian, "Effects of color on emotions", J. Exp. Psychol. 123 (1994):
    pleasure = 0.69 brightness + 0.22 saturation,  arousal = -0.31 brightness + 0.60 saturation
of motion and of the rate of cuts: A. Hanjalic, L.-Q. Xu, "Affective video content representation", IEEE TMM 7 (2005).
The mixture of the two and the middles are our own choice, by eye.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.film.cuts import EVEN, Cut
from rtengine.film.look import Look

RATE = 4  # curves a second
CALM, LIVELY = 0.4, 8.0  # motion in steps of 8 bits: a breeze, a chase
CUTTING = 8.0  # seconds around a moment over which cuts are counted
DIM, DIMMEST = 0.15, 2.5  # contrast below which motion is looked at through so much gain, and the most of it
OFTEN = 0.6  # cuts a second of a fast sequence
FROZEN = 0.4  # seconds for which a picture stands still before it counts as still
SMOOTH = 1.5  # seconds: a mood is slower than a picture
Curve = NDArray[np.float32]


class Mood(NamedTuple):
    """Even curves, RATE a second from 0 to the film's end: motion 0 to 1, valence and arousal -1 to 1."""

    motion: Curve
    brightness: Curve
    saturation: Curve
    warmth: Curve
    valence: Curve
    arousal: Curve


def mood(look: Look, cuts: Sequence[Cut], end: float) -> Mood:
    """The curves of a film that lasts `end` seconds."""
    at = (np.arange(max(int(np.ceil(end * RATE)), 1)) + 0.5) / RATE
    time = look.times
    brightness, saturation, warmth, contrast = (
        _even(time, look.curve(name), at) for name in ("brightness", "saturation", "warmth", "contrast")
    )
    motion = _even(*_frozen(time, lively(look, cuts)), at)
    when = np.array([c.time for c in cuts])
    near = np.searchsorted(when, at + CUTTING / 2) - np.searchsorted(when, at - CUTTING / 2, side="right")
    fast = near / CUTTING / OFTEN
    valence = 0.69 * (2 * brightness - 0.8) + 0.44 * (saturation - 0.25) + 0.3 * warmth
    colour = -0.31 * (brightness - 0.4) + 0.60 * (saturation - 0.25) + 0.5 * (contrast - 0.2)
    arousal = 1.5 * (motion - 0.4) + 0.7 * np.minimum(fast, 1) + 0.5 * colour
    smooth = (np.clip(_smooth(v), -1, 1).astype(np.float32) for v in (valence, arousal))
    return Mood(*(c.astype(np.float32) for c in (motion, brightness, saturation, warmth)), *smooth)


def lively(look: Look, cuts: Sequence[Cut]) -> Curve:
    """Motion by frame on a scale of 0 (a breeze) to 1 (a chase), logarithmic, cuts left out; as if in good light."""
    time, motion, contrast = look.times, look.curve("motion").copy(), look.curve("contrast")
    seen = contrast[contrast >= EVEN]
    motion *= np.clip(DIM / float(np.median(seen)), 1, DIMMEST) if len(seen) else 1.0
    gaps = np.diff(time, append=2 * time[-1] - time[-2])
    motion *= np.clip(0.04 / np.maximum(gaps, 1e-3), 0.25, 2)  # as if at 25 frames a second
    for cut in cuts:
        i = int(np.searchsorted(time, cut.time - 1e-6))
        motion[i] = motion[min(i + 1, len(motion) - 1)] if i + 1 < len(motion) else motion[i - 1]
    return np.clip(np.log(np.maximum(motion, 1e-3) / CALM) / np.log(LIVELY / CALM), 0, 1).astype(np.float32)


def _frozen(time: NDArray[np.float64], motion: Curve) -> tuple[NDArray[np.float64], Curve]:
    """The same curve, with nothing in it while one picture stands for longer than FROZEN."""
    long = np.flatnonzero(np.diff(time) > FROZEN)
    still = np.concatenate([time[long] + FROZEN / 4, time[long + 1] - FROZEN / 4])
    places = np.concatenate([long + 1, long + 1])
    return np.insert(time, places, still), np.insert(motion, places, np.float32(0))


def _even(time: NDArray[np.float64], value: Curve, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of a curve within each even step; between frames, the line that joins them."""
    area = np.concatenate([[0.0], np.cumsum(0.5 * (value[1:] + value[:-1]) * np.diff(time))])
    first, last = (np.clip(at + side * 0.5 / RATE, time[0], time[-1]) for side in (-1, 1))
    wide = last - first
    mean = (np.interp(last, time, area) - np.interp(first, time, area)) / np.maximum(wide, 1e-9)
    return np.where(wide > 1e-6, mean, np.interp(at, time, value))


def _smooth(x: NDArray[np.float64]) -> NDArray[np.float64]:
    width = int(SMOOTH * RATE) | 1
    window = np.hanning(width + 2)[1:-1]
    return np.convolve(np.pad(x, width // 2, mode="edge"), window / window.sum(), "valid")
