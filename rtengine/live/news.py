"""What has happened, for whoever listens: sentences for the player, and other events that are no state."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

KEPT = 64  # events, until the surfaces have been told

Argument = str | bytes | float | bool | None  # as OSC has them
Event = tuple[str, tuple[Argument, ...]]  # an address and its arguments


class News:
    """The last events, numbered from 0; called with a sentence, it passes that on as /log."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say, self._lock = say, threading.Lock()
        self._events: deque[Event] = deque(maxlen=KEPT)
        self.count = 0

    def __call__(self, sentence: str) -> None:
        """Tell the player."""
        self.tell("/log", sentence)
        self._print(sentence)

    def failed(self, address: str, sentence: str) -> None:
        """Tell everybody why what was asked for at this address, a while ago, did not come about."""
        self.tell("/error", address, sentence)
        self._print(sentence)

    def _print(self, sentence: str) -> None:
        with suppress(OSError, ValueError):  # the terminal is gone, or its file's disk is full
            self._say(sentence)

    def tell(self, address: str, *arguments: Argument) -> None:
        """Keep one event."""
        with self._lock:
            self._events.append((address, arguments))
            self.count += 1

    def since(self, number: int) -> tuple[int, list[Event]]:
        """The events from this number on, as far as they are kept, and the number of the next one."""
        with self._lock:
            fresh = min(self.count - number, len(self._events))
            return self.count, list(self._events)[len(self._events) - fresh :] if fresh > 0 else []
