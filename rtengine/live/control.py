"""The control thread: does what needs to be done now and then, and nothing that goes wrong ends it."""

import threading
import time
from collections.abc import Callable, Sequence

Task = Callable[[], object]
QUIET = 10.0  # seconds in which the same trouble is told once
AGAIN = 0.5  # seconds until a thread that has ended is started again


class Control:
    """Runs tasks one after the other; each runs whatever becomes of the others.

    A second thread only waits for the first: if that ends, for whatever reason, it is started again, and says so.
    """

    def __init__(self, tasks: Sequence[Task], pause: Callable[[], float], say: Callable[[str], object]) -> None:
        """pause: seconds until the next time. say: hears in a sentence what went wrong."""
        self._tasks, self._pause, self._say = tasks, pause, say
        self._told: dict[str, float] = {}  # when each trouble was told last
        self.stopped = threading.Event()
        self._guard = threading.Thread(target=self._watch, name="rtengine watchdog", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._guard.start()

    def stop(self) -> None:
        """Return when no task runs any more."""
        self.stopped.set()
        if self._guard.is_alive():
            self._guard.join()

    def step(self) -> None:
        """Run every task once."""
        for task in self._tasks:
            try:
                task()
            except Exception as error:  # the next task is not to suffer from it
                self._tell(f"something went wrong, and everything else goes on: {error!r}")

    def _watch(self) -> None:
        while not self.stopped.is_set():
            thread = threading.Thread(target=self._run, name="rtengine control", daemon=True)
            thread.start()
            thread.join()
            if not self.stopped.wait(AGAIN):
                self._tell("the control thread has ended, and was started again")

    def _run(self) -> None:
        while not self.stopped.wait(self._pause()):
            self.step()

    def _tell(self, sentence: str) -> None:
        now = time.monotonic()
        if now - self._told.get(sentence, -QUIET) >= QUIET:
            self._told[sentence] = now
            self._say(sentence)
