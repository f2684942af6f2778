"""/sync N: answered by /synced N when what was asked for before is heard.

That is when no slow command is at work, the audio thread has taken all changes, and as many samples as the host is late
have been played since. Controls without a sound of their own are heard at once.
"""

from typing import NamedTuple

from rtengine.osc.controls import Controls, Settling
from rtengine.osc.jobs import Jobs
from rtengine.osc.packet import encode
from rtengine.osc.peer import Peer

MOST_WAITING = 256  # that may wait
LOOK = 0.005  # seconds between two looks at whether one is due
PATIENCE = 5.0  # seconds for which the clock may stand still


class Waiting(NamedTuple):
    """One who wants to know. heard: the clock when it is so, None while something is on its way; since: seconds."""

    peer: Peer
    number: int
    heard: int | None
    since: float


class Syncs:
    """Those who wait, in their order."""

    def __init__(self, controls: Controls, jobs: Jobs) -> None:
        self._controls, self._jobs = controls, jobs
        self._waiting: list[Waiting] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, peer: Peer, number: object, now: float) -> None:
        """Answer when it is time; ValueError if that is no whole number, or too many wait."""
        if isinstance(number, bool) or not isinstance(number, int):
            raise ValueError("/sync takes a whole number")
        if len(self._waiting) >= MOST_WAITING:
            raise ValueError(f"{MOST_WAITING} wait already")
        self._waiting.append(Waiting(peer, number, None, now))
        self.look(now)

    def look(self, now: float) -> None:
        """Answer those whose time has come; who waits for a sound that stands still is told so. now: seconds."""
        still = []
        for waiting in self._waiting:
            waiting = self._on_its_way(waiting, now)
            if waiting.heard is not None and self._clock() >= waiting.heard:
                waiting.peer.send(encode("/synced", waiting.number))
            elif waiting.heard is not None and now - waiting.since > PATIENCE:
                waiting.peer.send(encode("/error", "/sync", "the sound stands still: no device plays"))
            else:
                still.append(waiting)
        self._waiting = still

    def _on_its_way(self, waiting: Waiting, now: float) -> Waiting:
        """Note when it will be heard, once all is in the sound."""
        if waiting.heard is not None or not self._jobs.wait(0):
            return waiting
        controls = self._controls
        if not isinstance(controls, Settling):
            return waiting._replace(heard=self._clock())
        return waiting._replace(heard=controls.clock + controls.latency, since=now) if controls.settled else waiting

    def _clock(self) -> int:
        return self._controls.clock if isinstance(self._controls, Settling) else 0
