"""The quality as the machine can bear it: down before the worker is late, and up again when there is room.

What is watched is the share of time in which the threads of the slow parts work: nearer to 1 they are late as soon as
another program wants the processor. To go up costs at most twice as much, so there is room if the share is below half
of what is too much. After a step up that had to be taken back it waits longer, each time twice as long.
"""

import time
from collections.abc import Callable

from rtengine.live.exchange import Exchange
from rtengine.live.values import Values

MUCH, LITTLE = 0.6, 0.25  # shares of the time above which it goes down, and below which up
LOOK = 0.5  # seconds between two looks
CALM, LONGEST = 5.0, 320.0  # seconds before a step up, at first and at most
BACK = 10.0  # seconds within which a step down takes a step up back


class Steady:
    """Turns one parameter, from `take` until a hand does."""

    def __init__(self, exchange: Exchange, values: Values, say: Callable[[str], object]) -> None:
        self._exchange, self._values, self._say = exchange, values, say
        self.address = ""  # of the parameter, while it is turned
        self._calm = CALM
        self._raised = self._since = 0.0  # when it went up last, and since when there has been room
        self._before = (0.0, 0.0, 0)  # time, seconds worked, samples late

    def take(self, address: str) -> bool:
        """Turn this parameter from now on; False if it is none that can be left to the machine."""
        parameter = self._exchange.graph.parameters.get(address)
        if parameter is None or not parameter.costly:
            return False
        now = time.monotonic()
        self.address, self._calm, self._raised, self._since = address, CALM, now - 2 * BACK, now
        self._before = now, self._exchange.graph.worked, self._exchange.late
        return True

    def leave(self, address: str) -> None:
        """A hand turns this parameter."""
        if address == self.address:
            self.address = ""

    def control(self) -> None:
        """Look, and turn it if need be."""
        now, graph = time.monotonic(), self._exchange.graph
        if not self.address or now < self._before[0] + LOOK:
            return
        before, self._before = self._before, (now, graph.worked, self._exchange.late)
        if self.address not in graph.parameters or graph.worked < before[1]:
            return  # another graph plays
        share = (graph.worked - before[1]) / (now - before[0]) / max(graph.threads, 1)
        late = self._exchange.late > before[2]
        if share > LITTLE or late:
            self._since = now
        if share > MUCH or late:
            self._step(-1, "the processor is busy")
            if now < self._raised + BACK:
                self._calm, self._raised = min(2 * self._calm, LONGEST), now - BACK
        elif now >= self._since + self._calm and self._step(1, "there is room for it"):
            self._raised = self._since = now

    def _step(self, by: int, why: str) -> bool:
        """Go a step; whether there was one to go."""
        parameter, value = self._exchange.graph.parameters[self.address], self._values[self.address]
        target = value + by
        if not parameter.low <= target <= parameter.high:
            return False
        self._values[self.address] = target
        name = parameter.choices[int(target - parameter.low)] if parameter.choices else f"{target:g}"
        self._say(f"quality {name}: {why}")
        return True
