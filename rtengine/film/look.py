"""What is seen from picture to picture, as curves: one number a frame each, gathered while the film is read.

Differences are means over the picture in steps of 8 bits. `change` is as it comes, `motion` after the camera's own
movement is taken out. `start` and `stop` say how suddenly it sets in and ends, cell by cell of a grid, so that a jump
on the left is not hidden by a rest on the right. `beyond` compares the picture before a frame with one FLASH later:
after a flash the old one is back. A frame takes 96 bytes, an hour at 25 a second 9 MB.
"""

from array import array
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.film.reader import Picture
from rtengine.film.shift import Shift, overlap

CELLS = (5, 8)  # rows and columns of the grid of cells
FLASH = 0.25  # seconds: the longest flash that is none of the film's cuts
BLACK, RANGE = 16.0, 219.0  # of video luma
WIDE, GAIN = 1 / 3, 0.8  # a pan changes so much of the picture, and following it leaves less of the difference
FADING = 0.5, 8.0  # steps of mean luma by which a fade changes from frame to frame; what is more may be a cut
LIGHT = 0.6  # following a fade leaves less than this of the difference
PRIMARY = 90.0  # distance of a strong primary colour from grey
STILL = 1.5  # steps of 8 bits of motion that are grain
Curve = NDArray[np.float32]


CURVES = {
    "brightness": "0 black to 1 white",
    "contrast": "standard deviation of the same",
    "saturation": "0 grey to about 1",
    "warmth": "-1 blue to 1 red",
    "change": "mean difference, steps of 8 bits, luma and both colours together",
    "motion": "the same of luma, without the camera's movement",
    "beyond": "change across a flash",
    "start": "rise of the cells' log motion",
    "stop": "fall of the same",
    "key": "1 where the picture was encoded afresh",
    "rows": "pixels by which the camera's movement lowers the picture",
    "columns": "the same to the right",
}


class Look:
    """Curves of a film, index by frame; `time` in seconds. Call `add` for each picture, then `close`."""

    def __init__(self) -> None:
        self.time = array("d")
        self._curves = {name: array("f") for name in CURVES}
        self._thumbs = array("B")  # mean luma of each cell, for dissolves
        self._recent: deque[tuple[float, NDArray[np.int16]]] = deque()
        self._last: Curve | None = None
        self._shift: Shift | None = None
        self._cells: deque[Curve] = deque(maxlen=3)  # log motion of the last pictures

    def add(self, picture: Picture) -> None:
        """Look at the next picture."""
        luma = picture.luma.astype(np.float32)
        blue, red = picture.blue.astype(np.float32) - 128, picture.red.astype(np.float32) - 128
        self.time.append(picture.time)
        self._note(
            brightness=np.clip((luma.mean() - BLACK) / RANGE, 0, 1),
            contrast=luma.std() / RANGE,
            saturation=np.sqrt(blue * blue + red * red).mean() / PRIMARY,
            warmth=(red - blue).mean() / 128,
            key=picture.key,
        )
        self._thumbs.frombytes(_cells(luma).astype(np.uint8).tobytes())
        self._move(luma)
        self._compare(picture)

    def _move(self, luma: Curve) -> None:
        self._shift = self._shift or Shift(*luma.shape)
        before = luma if self._last is None else self._last
        self._last = luma
        rows, columns = self._shift(luma)
        difference = np.abs(luma - before)
        if rows or columns:
            aligned = overlap(before, luma, rows, columns)
            wide = np.mean(_cells(difference) > STILL) > WIDE
            if wide and aligned.mean() < GAIN * difference.mean():
                difference = aligned
            else:
                rows = columns = 0
        difference = _lit(luma, before, difference)
        self._note(motion=difference.mean(), rows=rows, columns=columns)
        self._cells.append(np.log1p(_cells(difference) / STILL))
        now, highest = self._cells[-1], np.maximum(self._cells[0], self._cells[len(self._cells) // 2])
        self._note(start=np.maximum(now - highest, 0).mean(), stop=np.maximum(self._cells[0] - now, 0).mean())

    def _compare(self, picture: Picture) -> None:
        """Differences in luma and colour, to the last picture and across a flash's length."""
        all_of_it = np.concatenate([p.ravel() for p in (picture.luma[::2, ::2], picture.blue, picture.red)])
        small = all_of_it.astype(np.int16)
        now = self.time[-1]
        self._note(change=_difference(small, self._recent[-1][1]) if self._recent else 0.0)
        self._recent.append((now, small))
        while len(self._recent) > 2 and now - self._recent[1][0] >= FLASH:
            self._note(beyond=_difference(small, self._recent.popleft()[1]))

    def close(self) -> "Look":
        """Finish what looks ahead: the last pictures are compared with the very last."""
        beyond = self._curves["beyond"]
        beyond.insert(0, 0.0)  # nothing is before the first
        while len(self._recent) > 1 and len(beyond) < len(self.time):
            self._note(beyond=_difference(self._recent[-1][1], self._recent.popleft()[1]))
        del beyond[len(self.time) :]
        self._recent.clear()
        return self

    def curve(self, name: str) -> Curve:
        """One of CURVES as an array."""
        return np.array(self._curves[name], np.float32)

    def thumbs(self) -> NDArray[np.uint8]:
        """(frames, cells): mean luma of each cell of the grid."""
        return np.frombuffer(self._thumbs, np.uint8).reshape(-1, CELLS[0] * CELLS[1])

    def recent(self, seconds: float) -> "Look":
        """What was seen in the last `seconds`, for who looks while the film runs; `beyond`, which looks ahead, is 0."""
        tail, now = Look(), self.time[-1]
        count = sum(t >= now - seconds for t in self.time[-int(seconds * 240) :])
        tail.time = self.time[-count:]
        tail._curves = {name: curve[-count:] for name, curve in self._curves.items()}
        tail._curves["beyond"] = array("f", [0.0] * count)
        return tail

    @property
    def times(self) -> NDArray[np.float64]:
        """When each frame is shown, seconds."""
        return np.array(self.time, np.float64)

    def _note(self, **values: float | np.floating[Any]) -> None:
        for name, value in values.items():
            self._curves[name].append(float(value))


def _difference(a: NDArray[np.int16], b: NDArray[np.int16]) -> float:
    """Mean of |a - b| over luma, blue and red: the sum of the three means."""
    return float(3 * np.abs(a - b).mean())


def _lit(luma: Curve, before: Curve, difference: Curve) -> Curve:
    """The difference without what a change of light, a fade, explains: luma = gain before + offset."""
    middle, last = float(luma.mean()), float(before.mean())
    if not FADING[0] < abs(middle - last) < FADING[1]:
        return difference
    gain = min(max(float(luma.std()) / max(float(before.std()), 1.0), 0.5), 2.0)
    left = np.abs(luma - middle - gain * (before - last))
    return left if left.mean() < LIGHT * difference.mean() else difference


def _cells(difference: Curve) -> Curve:
    rows, columns = CELLS
    h, w = difference.shape[0] // rows, difference.shape[1] // columns
    return difference[: h * rows, : w * columns].reshape(rows, h, columns, w).mean(axis=(1, 3)).ravel()
