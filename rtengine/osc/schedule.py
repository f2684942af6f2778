"""When a message counts: what lies in the future waits, and wall-clock time becomes sample time."""

import heapq
from collections import deque
from collections.abc import Iterator
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_WAITING = 4096  # messages that may wait
HORIZON = 3600.0  # seconds; who sends further ahead has the wrong clock
OBSERVATIONS = 32  # of the sample clock: about a second


class Schedule(Generic[T]):
    """What is to be done later, in the order of its times."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, T]] = []
        self._order = count()  # equal times keep the order in which they came

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, time: float, now: float, item: T) -> None:
        """Keep the item until `time`; ValueError if that is too far away or too many wait."""
        if not time - now <= HORIZON:
            raise ValueError(f"a time tag {time - now:.0f} s ahead is beyond {HORIZON:.0f} s")
        if len(self._heap) >= MOST_WAITING:
            raise ValueError(f"{MOST_WAITING} messages are waiting")
        heapq.heappush(self._heap, (time, next(self._order), item))

    def due(self, now: float) -> Iterator[T]:
        """Take out what is due."""
        while self._heap and self._heap[0][0] <= now:
            yield heapq.heappop(self._heap)[2]

    def next(self) -> float | None:
        """When the next one is due."""
        return self._heap[0][0] if self._heap else None


class SampleTime:
    """Which sample is heard at which time.

    The sample clock jumps by a block at a time and is right just after a jump: so of the starts that the observations
    of the last second give, the earliest is the best. A clock that drifts or stood still is followed within a second.
    """

    def __init__(self) -> None:
        self._starts: deque[float] = deque(maxlen=OBSERVATIONS)  # when sample 0 was

    def observe(self, now: float, clock: int, sample_rate: float) -> None:
        """Note that the clock reads `clock` samples now (seconds)."""
        self._starts.append(now - clock / sample_rate)

    def sample(self, time: float, sample_rate: float) -> int:
        """The sample of a time in seconds; something must have been observed."""
        return round((time - min(self._starts)) * sample_rate)
