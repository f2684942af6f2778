"""How far the whole picture moved between two pictures: a pan of the camera is no action.

Phase correlation: the inverse transform of the cross spectrum, its magnitudes set to one, peaks at the displacement.
Source: C. D. Kuglin, D. C. Hines, "The phase correlation image alignment method", IEEE Cybernetics and Society, 1975.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

REACH = 0.2  # of the picture: what moved further between two frames has too little in common


class Shift:
    """The displacement from picture to picture, in whole pixels; keeps the last one's spectrum."""

    def __init__(self, height: int, width: int) -> None:
        self._window = (np.hanning(height)[:, None] * np.hanning(width)).astype(np.float32)
        self._spectrum: NDArray[np.complexfloating[Any, Any]] | None = None
        rows, columns = int(REACH * height), int(REACH * width)
        self._near = np.zeros((height, width), bool)
        self._near[np.ix_(np.r_[: rows + 1, height - rows : height], np.r_[: columns + 1, width - columns : width])] = 1

    def __call__(self, luma: NDArray[np.float32]) -> tuple[int, int]:
        """Rows and columns by which this picture's content lies further down and right than the last one's."""
        spectrum = np.fft.rfft2((luma - luma.mean()) * self._window)
        before, self._spectrum = self._spectrum, spectrum
        if before is None:
            return 0, 0
        cross = spectrum * before.conj()
        cross /= np.abs(cross) + 1e-3 * np.abs(cross).mean() + 1e-9
        surface = np.fft.irfft2(cross, luma.shape)
        surface[~self._near] = -np.inf
        row, column = np.unravel_index(int(np.argmax(surface)), luma.shape)
        height, width = luma.shape
        return int((row + height // 2) % height - height // 2), int((column + width // 2) % width - width // 2)


def overlap(a: NDArray[np.float32], b: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """|b - a| where both show the same place, if b's content lies `rows` and `columns` further than a's."""
    height, width = a.shape
    y, x = max(rows, 0), max(columns, 0)
    h, w = height - abs(rows), width - abs(columns)
    return np.abs(b[y : y + h, x : x + w] - a[y - rows : y - rows + h, x - columns : x - columns + w])
