"""The way back: what the controls were before the hand moved them, and forth again.

A movement that goes on is one step: what is turned again within GESTURE, alone or with others, belongs to it.
"""

import time
from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal

from ui.host.desk import Desk

GESTURE = 0.8  # seconds
MOST_STEPS = 200  # steps that are kept

Step = dict[str, float]  # values by address


class Undo(QObject):
    """Steps of the desk. changed: there are others to go back or forth to."""

    changed = Signal()

    def __init__(self, desk: Desk, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(desk)
        self.desk, self._now = desk, now
        self._back: list[Step] = []
        self._forth: list[Step] = []
        self._when = -GESTURE
        self._going = False
        desk.turning.connect(self.note)

    @property
    def can_go_back(self) -> bool:
        """Whether anything was moved."""
        return bool(self._back)

    @property
    def can_go_forth(self) -> bool:
        """Whether anything was taken back."""
        return bool(self._forth)

    def note(self, before: Mapping[str, float], may_go_on: bool) -> None:
        """These values are about to be others."""
        if self._going or not before:
            return
        now, goes_on = self._now(), may_go_on and bool(self._back and self._back[-1].keys() & before.keys())
        if goes_on and now - self._when < GESTURE:
            self._back[-1] = {**before, **self._back[-1]}
        else:
            self._back = [*self._back[1 - MOST_STEPS :], dict(before)]
        self._when = now
        self._forth.clear()
        self.changed.emit()

    def back(self) -> None:
        """Take the last step back."""
        self._go(self._back, self._forth)

    def forth(self) -> None:
        """Take it again."""
        self._go(self._forth, self._back)

    def _go(self, here: list[Step], there: list[Step]) -> None:
        if not here:
            return
        step = here.pop()
        there.append({a: self.desk.values[a] for a in step if a in self.desk.values})
        self._going, self._when = True, -GESTURE
        try:
            self.desk.turn_together(step)
        finally:
            self._going = False
        self.changed.emit()
