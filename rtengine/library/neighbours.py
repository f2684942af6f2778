"""The nearest neighbours of vectors among others, exactly: the best of each row of products of matrices."""

import numpy as np
from numpy.typing import NDArray

from rtengine.native.kernel import kernel

ROWS = 512  # of a product that is held at once: 200 MB for 100,000 pieces

Places = NDArray[np.int32]
Floats = NDArray[np.float32]


def neighbours(asked: Floats, among: Floats, count: int, themselves: bool = False) -> tuple[Places, Floats]:
    """Where the nearest (n, count) of vectors (n, width) of length 1 lie among others, and their cosines, best first.

    themselves: asked is among, and nobody is his own neighbour.  count: at most as many as there are others.
    """
    places, cosines = np.zeros((len(asked), count), np.int32), np.zeros((len(asked), count), np.float32)
    for start in range(0, len(asked), ROWS):
        part = slice(start, start + ROWS)
        _best(asked[part] @ among.T, start if themselves else -1, places[part], cosines[part])
    return places, cosines


@kernel
def _best(product, first, places, cosines):
    """Keep the best of each row, sorted; of row r without the column first + r, unless first is negative."""
    rows, columns = product.shape
    count = places.shape[1]
    for r in range(rows):
        own = first + r if first >= 0 else -1
        for k in range(count):
            cosines[r, k] = -np.inf
        for n in range(columns):
            value = product[r, n]
            if value <= cosines[r, count - 1] or n == own:
                continue
            k = count - 1
            while k > 0 and cosines[r, k - 1] < value:
                cosines[r, k] = cosines[r, k - 1]
                places[r, k] = places[r, k - 1]
                k -= 1
            cosines[r, k] = value
            places[r, k] = n
