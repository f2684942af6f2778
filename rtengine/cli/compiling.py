"""Says that code is being compiled: the first start takes minutes, and nobody should think that it hangs."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 2.0  # seconds of silence
OFTEN = 10.0  # seconds between two sentences


@contextmanager
def told(say: Callable[[str], object], patience: float = PATIENCE, often: float = OFTEN) -> Iterator[None]:
    """While this lasts, say how many functions were compiled, as soon and as long as there are any."""
    from numba.core import event

    began, done = time.monotonic(), threading.Event()
    count = [0]

    class Counting(event.Listener):  # type: ignore[misc]  # numba has no types
        def on_start(self, event: Any) -> None:
            pass

        def on_end(self, event: Any) -> None:
            count[0] += 1

    def tell() -> None:
        wait, before = patience, 0
        while not done.wait(wait):
            if count[0] > before:
                seconds = time.monotonic() - began
                first = "" if before else ", which is done once and takes minutes"
                say(f"compiling for this processor{first}: {count[0]} functions in {seconds:.0f} s so far")
                wait, before = often, count[0]

    thread = threading.Thread(target=tell, name="rtengine compiling", daemon=True)
    with event.install_listener("numba:compile", Counting()):
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
