"""A picture that is running, from a camera or a film: the latest frame wins, and what it says of now is kept short.

A thread reads frames as they come and keeps curves of the last minutes; whoever asks gets the motion of the last
moments on the film's scale of 0 (a breeze) to 1 (a chase), the mood, and how often something set off.
"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rtengine.film.camera import frames
from rtengine.film.impacts import find_impacts
from rtengine.film.look import Look
from rtengine.film.mood import lively
from rtengine.film.reader import Picture

RECENT = 2.0  # seconds that count as now
KEPT = 120.0  # seconds of curves: longer ago is forgotten
SLOW = 6.0  # seconds over which a mood is averaged
SUDDEN = 0.5  # strength of a visual beat that is answered at once
STALE = 1.0  # seconds without a picture after which nothing moves


class Now(NamedTuple):
    """motion 0 to 1; valence and arousal -1 to 1; beat: when something last set off (time.monotonic), or 0."""

    motion: float
    valence: float
    arousal: float
    beat: float


class Running:
    """Reads `source` until closed. trouble: "" or a sentence; a camera that is gone is looked for again."""

    def __init__(self, source: Path, loop: bool = True) -> None:
        self.source, self.trouble, self.frames, self.dropped = source, "", 0, 0
        self._now = Now(0.0, 0.0, 0.0, 0.0)
        self._seen = 0.0
        self._stop = threading.Event()
        self._latest: Picture | None = None
        self._fresh = threading.Condition()
        self._threads = [threading.Thread(target=run, name=f"rtengine camera {run.__name__}", daemon=True)
                         for run in (self._read, self._look)]  # fmt: skip
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Let go of the camera."""
        self._stop.set()
        with self._fresh:
            self._fresh.notify_all()
        for thread in self._threads:
            thread.join(2.0)

    def now(self) -> Now:
        """The picture as it is; still where none has come for STALE."""
        return self._now if time.monotonic() - self._seen < STALE else self._now._replace(motion=0.0)

    def _read(self) -> None:
        while not self._stop.is_set():
            try:
                for picture in self._paced():
                    if self._stop.is_set():
                        return
                    with self._fresh:
                        self.dropped += self._latest is not None
                        self._latest = picture
                        self._fresh.notify()
                self.trouble = ""
            except (OSError, ValueError) as error:
                self.trouble = str(error)
            self._stop.wait(1.0 if self.trouble else 0.0)

    def _paced(self) -> Iterator[Picture]:
        """A film no faster than it runs; a camera as it comes. Times are those of the clock."""
        began, first = time.monotonic(), None
        for picture in frames(self.source):
            first = picture.time if first is None else first
            if self.source.is_file() and self._stop.wait(max(began + picture.time - first - time.monotonic(), 0)):
                return
            yield picture._replace(time=time.monotonic())

    def _look(self) -> None:
        look, began = Look(), time.monotonic()
        while True:
            with self._fresh:
                while self._latest is None and not self._stop.is_set():
                    self._fresh.wait(1.0)
                picture, self._latest = self._latest, None
            if self._stop.is_set() or picture is None:
                return
            if picture.time - began > KEPT:
                look, began = Look(), picture.time
            look.add(picture)
            self.frames += 1
            self._seen = picture.time
            if self.frames % 5 == 0 and len(look.time) > 12:
                self._now = told(look, self._now)


def told(look: Look, before: Now) -> Now:
    """What the last frames say."""
    recent = look.recent(RECENT)
    motion = float(np.mean(lively(recent, [])[1:]))
    beats = [i for i in find_impacts(recent, []) if i.strength >= SUDDEN and i.time > before.beat + 0.2]
    bright, saturation, warmth, contrast = (
        float(recent.curve(name).mean()) for name in ("brightness", "saturation", "warmth", "contrast")
    )
    glad = 0.69 * (2 * bright - 0.8) + 0.44 * (saturation - 0.25) + 0.3 * warmth
    stir = 1.5 * (motion - 0.4) + 0.5 * (-0.31 * (bright - 0.4) + 0.6 * (saturation - 0.25) + 0.5 * (contrast - 0.2))
    share = min(5 / 25 / SLOW, 1.0)
    mixed = [b + share * (float(np.clip(v, -1, 1)) - b) for b, v in zip(before[1:3], (glad, stir), strict=True)]
    return Now(motion, mixed[0], mixed[1], beats[-1].time if beats else before.beat)
