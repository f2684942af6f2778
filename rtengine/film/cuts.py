"""Where one shot ends and the next begins: cuts to the frame, and fades from and to black or white.

A cut is a frame whose difference, camera movement taken out, stands alone among its neighbours, and after which the
old picture does not come back. The first keeps pans and lively scenes out, the second flashes.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.film.look import FLASH, Curve, Look

LEAST, PLAIN = 9.0, 24.0  # steps of 8 bits in luma: a cut between like pictures, one between any two
ALONE, FAINT = 3.0, 6.0  # times the mean of the WINDOW frames on each side, for a plain cut and for a faint one
WINDOW = 4
FLAT, FLATTEST = 0.15, 0.35  # contrast below which the least difference shrinks with it, and how far
LONGEST = 3.0  # times the usual step of time: so long a frame may show so much more that moved meanwhile
BACK = 0.5  # share of the difference that must last a flash's length
SOONEST = 0.25  # seconds from cut to cut: the stronger of two nearer ones counts
DARK, BRIGHT, EVEN = 0.06, 0.94, 0.03  # brightness and contrast of a picture that has faded out
SLOWEST, QUICKEST = 4.0, 0.15  # seconds of a fade; what is quicker is a cut
FULL = 60.0  # difference of a cut of strength 1 where pictures are not FLAT
FADED = 0.5  # strength of a new shot that comes out of black


class Cut(NamedTuple):
    """A new shot begins with the picture at `time` (seconds). strength: 0 to 1, how different it is."""

    time: float
    strength: float


class Fade(NamedTuple):
    """From `start` to `end` (seconds) the picture goes to an even one (out) or comes from it."""

    start: float
    end: float
    out: bool


def find_cuts(look: Look) -> list[Cut]:
    """The cuts of a film, in order; the first picture is none. Out of black a new shot begins with the fade."""
    time = look.times
    change, motion, beyond = (look.curve(n) for n in ("change", "motion", "beyond"))
    flat = _flat(look)
    jump = (motion >= _least(look, flat)) & (motion >= np.where(motion >= PLAIN, ALONE, FAINT) * alone(motion))
    cuts: list[Cut] = []
    dark = 0.0  # until when a flash's end is expected
    for i in np.flatnonzero(jump[1:]) + 1:
        if beyond[i] < BACK * change[i]:
            dark = time[i] + FLASH
        elif time[i] > dark:
            _keep(cuts, Cut(float(time[i]), float(min(motion[i] / (FULL * flat[i]), 1))))
    fades = find_fades(look)
    for fade in fades:
        gone = any(f.out and f.start < fade.start for f in fades)
        if not fade.out and gone and all(abs(c.time - fade.start) > 2 * SOONEST for c in cuts):
            cuts.append(Cut(fade.start, FADED))
    return sorted(cuts)


def _flat(look: Look) -> Curve:
    """By how much a dark or pale picture's differences are smaller, by frame: FLATTEST to 1."""
    contrast = look.curve("contrast")
    higher = np.maximum(contrast, np.append(contrast[:1], contrast[:-1]))
    return np.clip(higher / FLAT, FLATTEST, 1).astype(np.float32)


def _least(look: Look, flat: Curve) -> Curve:
    """The least difference of a cut, by frame: a dark or pale film's is smaller, that after a long frame larger."""
    gaps = np.diff(look.times, prepend=look.times[:1])
    longer = np.clip(gaps / max(float(np.median(gaps)), 1e-3), 1, LONGEST)
    return (LEAST * flat * longer).astype(np.float32)


def _keep(cuts: list[Cut], cut: Cut) -> None:
    if cuts and cut.time - cuts[-1].time < SOONEST:
        if cut.strength <= cuts[-1].strength:
            return
        cuts.pop()
    cuts.append(cut)


def alone(curve: Curve) -> Curve:
    """For each frame the mean of those around it, itself left out."""
    size = 2 * WINDOW + 1
    padded = np.pad(curve.astype(np.float64), WINDOW, mode="reflect") if len(curve) > WINDOW else None
    if padded is None:
        return np.full_like(curve, curve.mean())
    sums = np.convolve(padded, np.ones(size), "valid")
    return ((sums - curve) / (size - 1)).astype(np.float32)


def find_fades(look: Look) -> list[Fade]:
    """Fades in and out, in order; a film that begins black and lights up at once has none."""
    time, bright, contrast = look.times, look.curve("brightness"), look.curve("contrast")
    even = (contrast < EVEN) & ((bright < DARK) | (bright > BRIGHT))
    edges = np.flatnonzero(np.diff(even.astype(np.int8)))
    fades = [f for i in edges if (f := _fade(time, bright, contrast, int(i), out=not even[i]))]
    return sorted(f for f in fades if QUICKEST <= f.end - f.start <= SLOWEST)


def _fade(time: NDArray[np.float64], bright: Curve, contrast: Curve, edge: int, out: bool) -> Fade | None:
    """Follow the brightness from the even picture at `edge` as long as it leaves it steadily."""
    step, at = (-1, edge + 1) if out else (1, edge)
    even, first = bright[at], at
    while 0 <= first - step < len(time) and contrast[first - step] < contrast[first]:  # to where it is evenest
        first -= step
    while 0 <= at + step < len(time) and abs(time[at + step] - time[first]) <= SLOWEST:
        nearer, further = abs(bright[at] - even), abs(bright[at + step] - even)
        if further <= nearer + 1e-3 and contrast[at + step] <= contrast[at] + 1e-3:
            break
        if further - nearer > 0.3:  # a jump is a cut
            return None
        at += step
    start, end = sorted((float(time[first]), float(time[at])))
    return Fade(start, end, out) if abs(bright[at] - even) > 0.1 else None


def shots(cuts: list[Cut], end: float) -> list[tuple[float, float]]:
    """The stretches between cuts, from 0 to the film's end in seconds."""
    return list(pairwise([0.0, *(c.time for c in cuts if 0 < c.time < end), end]))
