"""Pictures of the sound for whoever asks, 60 times a second: the subscribers, and the thread that sends."""

import threading
import time
from collections.abc import Callable

from rtengine.osc.controls import Controls, Sounding
from rtengine.osc.packet import encode
from rtengine.osc.peer import Peer
from rtengine.osc.scope.pictures import Picture
from rtengine.osc.scope.reader import Reader

PERIOD = 1 / 60  # seconds between two looks
LEASE = 10.0  # seconds for which a subscription lasts, for who is gone does not say so
PEERS = 16  # subscribers at most
LOADS = 15  # looks between two histograms of the load


class Stream:
    """The subscribers, and the thread that works while there are any."""

    def __init__(self, controls: Controls, now: Callable[[], float] = time.monotonic) -> None:
        self.controls, self.now = controls, now
        self._ends: dict[Peer, float] = {}  # of the subscriptions
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def subscribe(self, peer: Peer) -> None:
        """Send pictures for LEASE seconds from now on; ValueError if there is no sound or no room."""
        if not isinstance(self.controls, Sounding) or "heard" not in (self.controls.memory.dtype.names or ()):
            raise ValueError("there is no sound to look at")
        with self._lock:
            if peer not in self._ends and len(self._ends) >= PEERS:
                raise ValueError(f"{PEERS} look at the sound already")
            self._ends[peer] = self.now() + LEASE
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="rtengine scope", daemon=True)
                self._thread.start()

    def unsubscribe(self, peer: Peer) -> None:
        """Send no more."""
        with self._lock:
            self._ends.pop(peer, None)

    def close(self) -> None:
        """End."""
        self._stop.set()
        with self._lock:
            thread = self._thread
        if thread:
            thread.join()

    def _run(self) -> None:
        assert isinstance(self.controls, Sounding)
        memory = None
        while peers := self._peers():
            if memory is not self.controls.memory:
                memory = self.controls.memory
                reader = Reader(memory[0], self.controls.sample_rate)
                looks = 0
            packets = [message(name, picture, reader.levels(name)) for name, picture in reader.pictures()]
            if looks % LOADS == 0:
                packets.append(encode("/scope/load", *memory[0]["histogram"].tolist()))
            for packet in packets:
                for peer in peers:
                    peer.send(packet)
            looks += 1
            if self._stop.wait(PERIOD):
                return

    def _peers(self) -> list[Peer]:
        """Those who look; when nobody does, the thread ends."""
        with self._lock:
            now = self.now()
            self._ends = {peer: end for peer, end in self._ends.items() if end > now}
            if not self._ends:
                self._thread = None
            return list(self._ends)


def message(name: str, picture: Picture, levels: list[float]) -> bytes:
    """One packet: clock, spectrum, waveform, and the levels that the host's meter shows."""
    return encode(f"/scope/{name}", picture.clock, picture.spectrum.tobytes(), picture.waveform.tobytes(), *levels)
