"""What a browser hears, at its microphone or from its own player: with the ears of the block."""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.library.analysis import fitting
from rtengine.models.listen import live
from rtengine.models.listen.front_end import BLOCK
from rtengine.models.listen.live import PARTS
from rtengine.models.listen.model import load_model
from rtengine.native.record import record

Samples = NDArray[np.float32]

MOST = 8  # listeners at once
FORGET = 60.0  # seconds after which one that says nothing is forgotten
RATES = 8_000, 192_000  # Hz
TAGS = 8
TINY = 1e-4  # of a probability, as near to 0 and to 1 as it is taken
MAJOR = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
KEYS = ("", *(f"{note} {mode}" for mode in ("major", "minor") for note in MAJOR))


class Listener:
    """One who listens: mono sound at a rate in Hz."""

    def __init__(self, rate: int) -> None:
        self.rate, self.model = rate, load_model()
        self.head = fitting(self.model)
        self._memory = record(live.prepare(rate, self.model, self.head))
        self._state: Any = self._memory[0]
        self._session = live.bind(self._state, self.model)

    def hear(self, x: Samples) -> dict[str, Any]:
        """Take (samples,) and say what is heard by now."""
        sound = np.ascontiguousarray(x[None])
        for start in range(0, sound.shape[1], BLOCK):
            live.hear(self._state, sound, start, min(BLOCK, sound.shape[1] - start))
        s, tags = self._state, self.model.tags
        if not s["windows"]:
            return {"windows": 0}
        genre, best = int(s["genre"]), np.argsort(-s["tags"], kind="stable")[:TAGS]
        return {
            "windows": int(s["windows"]),
            "tags": {tags[i]: round(float(s["tags"][i]), 3) for i in best},
            "genre": self.head.genres[genre - 1] if self.head and genre else "",
            "sureness": round(float(s["sureness"]), 3),
            "tempo": round(float(s["tempo"]), 1),
            "key": KEYS[int(s["key"])],
        }

    def vector(self) -> Samples | None:
        """What a library is compared with: the mean of the last half minute; None before anything was heard."""
        count = min(int(self._state["windows"]), PARTS)
        if not count:
            return None
        mean = self._state["logits"][:count].mean(axis=0)
        return np.asarray(mean - (self.head.center if self.head else 0), np.float32)


def nearest(tags: Mapping[str, float]) -> Samples | None:
    """What a library is compared with, of one who tells his tags alone; None if these are another model's, or none."""
    model = load_model()
    if tuple(tags) != tuple(model.tags):
        return None
    p, head = np.clip(list(tags.values()), TINY, 1 - TINY), fitting(model)
    return np.asarray(np.log(p / (1 - p)) - (head.center if head else 0), np.float32)


class Listeners:
    """Those who listen now, by a name that each made up; for one thread, which is `thread`."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1, "live")
        self._known: dict[str, tuple[Listener, float]] = {}

    async def run(self, function: Callable[[Mapping[str, float]], Samples | None], tags: Mapping[str, float]) -> Any:
        """In the thread of those who listen."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, function, tags)

    async def ask(self, name: str, rate: int, x: Samples) -> tuple[dict[str, Any], Samples | None]:
        """As `hear`, for an event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, self.hear, name, rate, x)

    def hear(self, name: str, rate: int, x: Samples) -> tuple[dict[str, Any], Samples | None]:
        """What is heard, and its vector; ValueError if too many listen or the rate is none."""
        if not RATES[0] <= rate <= RATES[1]:
            raise ValueError(f"rate {rate} is outside {RATES[0]} to {RATES[1]} Hz")
        now = time.monotonic()
        self._known = {n: (who, at) for n, (who, at) in self._known.items() if now - at < FORGET}
        who = self._known[name][0] if name in self._known else None
        if who is None or who.rate != rate:
            if len(self._known) >= MOST:
                raise ValueError(f"{MOST} listen already, which is as many as may")
            who = Listener(rate)
        self._known[name] = who, now
        return who.hear(x), who.vector()
