"""Dissolves: one picture becomes another through mixtures of the two.

While a picture F(a) dissolves into F(b), every frame between is (1 - alpha) F(a) + alpha F(b), and alpha rises. A pan
or a moving thing leads through pictures that are no such mixtures: what is left over tells them apart. After the models
of A. Hampapur, R. Jain, T. Weymouth, "Digital video segmentation", ACM Multimedia 1994.
"""

from bisect import bisect, insort
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rtengine.film.cuts import DARK, EVEN, Cut, Fade
from rtengine.film.look import Look

LENGTHS = (0.5, 0.8, 1.2, 1.8, 2.6)  # seconds that are tried
LEAST = 10.0  # steps of luma, mean over the cells, between the two pictures
SEEN, WIDE = 4.0, 0.7  # steps of a cell that has changed, and how many cells do
LEFT = 0.09  # of that difference may be left over, mean of the frames between
PLAIN = 24.0  # steps of luma: where pictures differ less, so much less may be left, for a slow pan leaves little
STILL = 0.35  # of it may change in as long a time before and after, or all of it is moving
INNER = (0.25, 0.5, 0.75)  # where frames between are looked at
RISING = ((0.04, 0.55), (0.25, 0.75), (0.45, 0.96))  # what alpha may be there
APART = 1.0  # seconds from another cut, to the middle
AT_ONCE = 4096  # stretches that are looked at together: of ten hours, all at once would be a gigabyte
STRENGTH = 0.5  # of a dissolve between pictures that differ by FULL
FULL = 40.0


def find_dissolves(look: Look, cuts: Sequence[Cut], fades: Sequence[Fade]) -> list[Cut]:
    """New shots that come by a dissolve, each at its middle; none near a cut or in a fade."""
    time, thumbs = look.times, look.thumbs()
    if len(time) < 8:
        return []
    flat = (look.curve("contrast") < EVEN) | (look.curve("brightness") < DARK)
    found: list[tuple[float, float, float]] = []  # what is left over, middle, difference
    for length in LENGTHS:
        found += _of_length(time, thumbs, flat, length)
    kept: list[Cut] = []
    taken = sorted(c.time for c in cuts)
    for _, middle, difference in sorted(found):
        i = bisect(taken, middle)
        near = any(abs(middle - t) < APART for t in taken[max(i - 1, 0) : i + 1])
        if not near and not any(f.start - 0.2 <= middle <= f.end + 0.2 for f in fades):
            insort(taken, middle)
            kept.append(Cut(middle, float(min(difference / FULL, 1) * STRENGTH + 0.25)))
    return sorted(kept)


def _of_length(time: NDArray[np.float64], thumbs: NDArray[np.uint8], flat: NDArray[np.bool_], length: float
               ) -> Iterator[tuple[float, float, float]]:  # fmt: skip
    """(left over, middle, difference) of every stretch of this length that is a dissolve."""
    first = np.flatnonzero((time >= length / 2) & (np.searchsorted(time, time + 1.5 * length) < len(time)))
    for i in range(0, len(first), AT_ONCE):
        yield from _among(first[i : i + AT_ONCE], time, thumbs, flat, length)


def _among(first: NDArray[np.intp], time: NDArray[np.float64], thumbs: NDArray[np.uint8], flat: NDArray[np.bool_],
           length: float) -> list[tuple[float, float, float]]:  # fmt: skip
    """The same of those stretches that begin with one of these frames."""

    def seen(after: float) -> NDArray[np.float32]:
        return thumbs[np.searchsorted(time, time[first] + after)].astype(np.float32)

    last = np.searchsorted(time, time[first] + length)
    a, b = thumbs[first].astype(np.float32), thumbs[last].astype(np.float32)
    change = b - a
    size = np.abs(change).mean(axis=1)
    outer = np.maximum(np.abs(seen(-length / 2) - a).mean(axis=1), np.abs(seen(1.5 * length) - b).mean(axis=1))
    everywhere = (np.abs(change) > SEEN).mean(axis=1) >= WIDE  # or a title comes up, and the shot stays
    good = (size >= LEAST) & everywhere & (outer <= STILL * size) & ~flat[first] & ~flat[last]
    square = np.maximum((change**2).sum(axis=1), 1.0)
    left = np.zeros(len(first))
    for share, (low, high) in zip(INNER, RISING, strict=True):
        between = seen(share * length)
        alpha = ((between - a) * change).sum(axis=1) / square
        good &= (alpha >= low) & (alpha <= high)
        left += np.abs(between - a - alpha[:, None] * change).mean(axis=1) / np.maximum(size, 1e-3) / len(INNER)
    good &= left <= LEFT * np.minimum(size / PLAIN, 1)
    return [(float(left[i]), float(time[first[i]] + length / 2), float(size[i])) for i in np.flatnonzero(good)]
