"""Several runs of the same work: the least time says what it costs, the median how the machine was."""

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, NamedTuple, Self

SECONDS = 0.02  # of work between two looks at the clock
RUNS = 7


class Times(NamedTuple):
    """Of the runs, in one unit."""

    least: float
    median: float

    @classmethod
    def of(cls, times: Sequence[float]) -> Self:
        """Of single runs."""
        return cls(min(times), median(times))

    def scaled(self, factor: float) -> "Times":
        """In another unit, or for a part of the work."""
        return Times(factor * self.least, factor * self.median)


def several(function: Callable[[], Any], runs: int = RUNS, clock: Callable[[], float] = time.process_time) -> Times:
    """Seconds of a call: CPU seconds of the process by default. A run has as many calls as the clock needs.

    The first call is not counted.
    """
    function()
    start, calls = clock(), 0
    while clock() - start < SECONDS:
        function()
        calls += 1
    times = []
    for _ in range(runs):
        start = clock()
        for _ in range(calls):
            function()
        times.append((clock() - start) / calls)
    return Times.of(times)
