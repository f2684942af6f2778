"""Player: calls the host's function from a device, or from the null clock while there is none, and looks after it."""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine import devices
from rtengine.block import Memory
from rtengine.clock import NullClock
from rtengine.devices import Device, Stream, Wanted

NULL = "null"  # the name of the device that is none
LOOK = 0.1  # seconds between two looks
GONE = 0.3  # seconds without a callback, or BUFFERS if these are longer, and a device is gone
BUFFERS = 4
FIRST = 3.0  # seconds until the first callback: some devices take their time
AGAIN = 0.5  # seconds between two searches for it
LEAVE = 0.2  # seconds that the sound has to fade out


class Player:
    """Whoever calls the host at the moment: there is always one, and never two.

    wanted: input and output, see devices.find; output "null" is the null clock for good, whose input is `loop`, float32
    (samples, channels), or silence. say gets sentences for the player of the instrument.
    """

    def __init__(
        self,
        callback: int,
        memory: Memory,
        wanted: tuple[Wanted, Wanted],
        block_size: int,
        loop: NDArray[np.float32] | None,
        say: Callable[[str], object],
    ) -> None:
        self._callback, self._memory, self._wanted, self._loop, self.say = callback, memory, wanted, loop, say
        self._host: Any = memory[0]
        self._channels, self._sample_rate = self._host["x"].shape[1], float(self._host["sample_rate"])
        self.block_size = block_size
        self._stream: Stream | None = None
        self._before = 0  # callbacks before it was opened
        self._clock: NullClock | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtengine watch", daemon=True)

    @property
    def device(self) -> str:
        """The name of what plays."""
        return self._stream.name if self._stream else NULL

    @property
    def latency(self) -> tuple[float, float]:
        """Seconds that the device says it takes for input and output."""
        return self._stream.latency if self._stream else (0.0, 0.0)

    def start(self) -> None:
        """Play on the device, or on the null clock if there is none, and say so."""
        if self._wanted[1] == NULL:
            self._tick()
        else:
            try:
                self._open()
            except OSError as error:
                self.say(f"{error}; playing without a device, and looking for one")
                self._tick()
        self._host["open"] = True
        self._thread.start()

    def close(self) -> None:
        """Fade out, and return when the callback will not be called any more."""
        self._stop.set()  # first: nobody is to open the level or a device again
        if self._thread.is_alive():
            self._thread.join()
        self._fade_out()
        if self._stream:
            self._stream.close()
        if self._clock:
            self._clock.stop()

    def _run(self) -> None:
        while not self._stop.wait(LOOK):
            if self._stream:
                self._notice()
            elif self._wanted[1] != NULL and not self._stop.wait(AGAIN):
                self._look_again()

    def _notice(self) -> None:
        """Let the null clock take over if the callbacks have stopped."""
        callbacks = int(self._host["callbacks"])
        patience = max(GONE, BUFFERS * self.block_size / self._sample_rate) if callbacks > self._before else FIRST
        if self._stream and not _until(lambda: self._host["callbacks"] > callbacks, patience):
            self.say(f"{self.device} is gone; playing on without it, and looking for it")
            self._host["open"] = False
            self._stream.close(gone=True)
            self._stream = None
            self._tick()

    def _look_again(self) -> None:
        try:
            devices.look_again()
            self._open()
        except OSError:
            if not self._clock:
                self._tick()
        else:
            self.say(f"{self.device} is back")
            self._host["open"] = True

    def _open(self) -> None:
        """Play on the device; OSError if it is not there or does not want to."""
        source, sink = self._wanted
        there = devices.find(sink, "output")
        here = self._input(source, there)
        stream = Stream(
            self._callback, self._memory.ctypes.data, here, there, self._channels, self._sample_rate, self.block_size
        )
        if self._clock:
            self._fade_out()
            self._clock.stop()
            self._clock = None
        self._host["inputs"], self._host["outputs"] = stream.inputs, stream.outputs
        self._before = int(self._host["callbacks"])
        stream.start()
        self._stream = stream

    def _input(self, source: Wanted, there: Device) -> Device | None:
        """The input; if nobody said which, that of the output's own card, or none: an output alone is a device too."""
        if source is None and self._wanted[1] is not None and there.inputs:
            return there
        try:
            return devices.find(source, "input")
        except OSError:
            if source is not None:
                raise
        return None

    def _tick(self) -> None:
        """Let the null clock play."""
        self._host["inputs"] = self._host["outputs"] = self._channels
        size, rate = self.block_size, self._sample_rate
        self._clock = NullClock(self._callback, self._memory.ctypes.data, self._channels, size, rate, self._loop)

    def _fade_out(self) -> None:
        self._host["open"] = False
        _until(lambda: self._host["level"] == 0, LEAVE)


def _until(done: Callable[[], bool], seconds: float) -> bool:
    """Sleep until it is done, at most so long; returns whether it is."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True
