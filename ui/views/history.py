"""What was fed of late, so that a view that gets another size can draw it again."""

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)

SIZE = 4096  # columns: 68 s, more than any screen has pixels to show


class History(Generic[T]):
    """The latest SIZE rows of numbers, in memory that is taken once."""

    def __init__(self, width: int, kind: type[T]) -> None:
        self._rows: NDArray[T] = np.zeros((SIZE, width), kind)
        self._count = 0

    def add(self, rows: NDArray[T]) -> None:
        """Append rows (n, width)."""
        rows = rows[-SIZE:]
        self._rows[np.arange(self._count, self._count + len(rows)) % SIZE] = rows
        self._count += len(rows)

    def latest(self, count: int) -> NDArray[T]:
        """The latest `count` rows, or as many as there are, the oldest first."""
        count = min(count, self._count, SIZE)
        return self._rows[np.arange(self._count - count, self._count) % SIZE]
