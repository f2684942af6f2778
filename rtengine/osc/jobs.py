"""Slow commands: in a thread of their own, one at a time, so that the next packet is heard at once."""

import threading
from collections.abc import Callable


class Jobs:
    """Runs one thing at a time and says so to whoever asks for another."""

    def __init__(self) -> None:
        self._running: threading.Thread | None = None
        self._name = ""

    def start(self, name: str, action: Callable[[], object]) -> None:
        """Do it in a thread; ValueError while another is at work. Calls come from one thread at a time.

        What the action raises is its own affair.
        """
        if self._running and self._running.is_alive():
            raise ValueError(f"{name} has to wait: {self._name} is still at work")
        self._name = name
        self._running = threading.Thread(target=action, name=f"rtengine {name}", daemon=True)
        self._running.start()

    def wait(self, seconds: float) -> bool:
        """Wait so long for the one at work; returns whether there is none any more."""
        if self._running:
            self._running.join(seconds)
        return not (self._running and self._running.is_alive())
