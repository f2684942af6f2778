"""Pictures of the sound for whoever asks, 60 times a second: a thread that reads what the audio thread has written.

The host keeps the latest samples of its input and of its output in two lines, and says up to which clock. Nobody takes
them out: the thread copies, and looks whether they were still whole afterwards. So the audio thread knows nothing of
it, and a reader that was late has lost columns and no more.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from rtengine.live.host import HEARD, ROOM
from rtengine.native.kernel import kernel
from rtengine.native.ring import WRITE, load_acquire
from rtengine.osc.packet import encode
from rtengine.osc.peer import Peer
from rtengine.osc.scope.pictures import MOST, Picture, Scope

PERIOD = 1 / 60  # seconds between two looks
LEASE = 10.0  # seconds for which a subscription lasts, for who is gone does not say so
PEERS = 16  # subscribers at most
MARGIN = 4096  # samples that the audio thread may be about to overwrite: more than any buffer
SIGNALS = "input", "output"
LOADS = 15  # looks between two histograms of the load


class Stream:
    """The subscribers, and the thread that works while there are any.

    controls: an Engine, whose `memory` is the record of rtengine.live.host.
    """

    def __init__(self, controls: Any, now: Callable[[], float] = time.monotonic) -> None:
        self.controls, self.now = controls, now
        self._ends: dict[Peer, float] = {}  # of the subscriptions
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def subscribe(self, peer: Peer) -> None:
        """Send pictures for LEASE seconds from now on; ValueError if there is no sound or no room."""
        memory = getattr(self.controls, "memory", None)
        if memory is None or "heard" not in memory.dtype.names:
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
        memory = None
        while peers := self._peers():
            if memory is not self.controls.memory:
                memory = self.controls.memory
                reader = Reader(memory[0], self.controls.sample_rate)
                looks = 0
            packets = [message(name, picture) for name, picture in reader.pictures()]
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


class Reader:
    """The pictures of a host's input and output, from its record."""

    def __init__(self, host: np.void, sample_rate: float) -> None:
        self._lines = host["line"], host["heard"], host["written"]
        self._dry, self._channels = host["dry"], host["heard"].shape[1]
        self._scope = Scope(sample_rate, len(SIGNALS), self._channels)
        self._clock = self._last()
        self.lost = 0  # samples

    def _last(self) -> int:
        """The end of the last whole column that is written."""
        written = int(self._lines[2][WRITE])
        return written - written % self._scope.hop

    def pictures(self) -> list[tuple[str, Picture]]:
        """What has come since the last call, by the name of the signal."""
        seen: list[tuple[str, Picture]] = []
        if not 0 <= self._last() - self._clock <= HEARD // 2:
            self._skip()
        while samples := min(self._last() - self._clock, MOST * self._scope.hop):
            x = np.empty((len(SIGNALS), self._channels, samples), np.float32)
            if not copy(*self._lines, self._dry, self._clock, x):
                self._skip()
                break
            self._clock += samples
            seen += zip(SIGNALS, self._scope.look(x, self._clock), strict=True)
        return seen

    def _skip(self) -> None:
        self.lost += abs(self._last() - self._clock)
        self._clock = self._last()


@kernel
def copy(line, heard, written, dry, clock, x):
    """Fill x (2, outputs, n) with input, mixed as it is heard dry, and output from this clock on.

    Returns False if some was overwritten meanwhile.
    """
    load_acquire(written, WRITE)
    for c in range(x.shape[1]):
        for n in range(x.shape[2]):
            x[0, c, n] = 0
            for k in range(dry.shape[1]):
                x[0, c, n] += dry[c, k] * line[(clock + n) & (ROOM - 1), k]
            x[1, c, n] = heard[(clock + n) & (HEARD - 1), c]
    return load_acquire(written, WRITE) + MARGIN - clock < HEARD


def message(name: str, picture: Picture) -> bytes:
    """One packet: clock, spectrum, waveform, loudness, and levels channel after channel."""
    pixels = picture.spectrum.tobytes(), picture.waveform.tobytes()
    return encode(f"/scope/{name}", picture.clock, *pixels, *picture.loudness, *picture.levels.ravel().tolist())
