"""Player: calls the host's function from a device, or from the null clock while there is none, and looks after it."""

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.devices import portaudio
from rtengine.devices.null_clock import NullClock
from rtengine.devices.pair import Pair, joined
from rtengine.devices.portaudio import Device, Stream, Wanted
from rtengine.devices.round_trips import Setting, measured
from rtengine.live import routing
from rtengine.native.record import Memory

NULL = "null"  # the name of the device that is none
LOOK = 0.1  # seconds between two looks
GONE = 0.3  # seconds without a callback, or BUFFERS if these are longer, and a device is gone
BUFFERS = 4
FIRST = 3.0  # seconds until the first callback: some devices take their time
AGAIN = 0.5  # seconds between two searches for it
LEAVE = 0.2  # seconds that the sound has to fade out
ANSWER = 10.0  # seconds for another process to look for a device
FIND = "import sys; from rtengine import devices; devices.find(sys.argv[1], sys.argv[2])"
Wish = tuple[Wanted, Wanted]  # input and output


class Player:
    """Whoever calls the host at the moment: there is always one, and never two.

    wanted: input and output, see devices.find; "null" is none. Without an output the null clock plays for good, whose
    input is that device, or `loop`, float32 (samples, channels), or silence. chosen: the channels of input and output
    that are meant, see rtengine.live.routing; say gets sentences for the player of the
    instrument.
    """

    def __init__(
        self,
        callback: int,
        memory: Memory,
        wanted: Wish,
        block_size: int,
        loop: NDArray[np.float32] | None,
        say: Callable[[str], object],
        chosen: tuple[Sequence[int], Sequence[int]] = ((), ()),
    ) -> None:
        self._callback, self._memory, self._wanted, self._loop, self.say = callback, memory, wanted, loop, say
        self._host: Any = memory[0]
        self._inputs, self._outputs = self._host["x"].shape[1], self._host["y"].shape[2]
        self._chosen, self._sample_rate = chosen, float(self._host["sample_rate"])
        self.block_size = block_size
        self._stream: Stream | Pair | None = None
        self._measured: int | None = None
        self._before = 0  # callbacks before it was opened
        self._clock: NullClock | None = None
        self._requests: queue.SimpleQueue[Wish] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtengine watch", daemon=True)

    @property
    def device(self) -> str:
        """The name of what plays."""
        return self._stream.name if self._stream else NULL

    @property
    def state(self) -> str:
        """connected: a device plays; looking: it is not there; null: none is wanted."""
        return "connected" if self._stream else "null" if _nothing(self._wanted) else "looking"

    @property
    def latency(self) -> tuple[float, float]:
        """Seconds that the device says it takes for input and output."""
        return self._stream.latency if self._stream else (0.0, 0.0)

    @property
    def measured(self) -> float | None:
        """Seconds from the device's output back to its input, if they were measured (rtengine.cli.measure_latency)."""
        return None if self._measured is None or not self._stream else self._measured / self._sample_rate

    @property
    def bridge(self) -> dict[str, float] | None:
        """How two clocks are held together, see Pair.status; None if there is one."""
        return self._stream.status() if isinstance(self._stream, Pair) else None

    def start(self) -> None:
        """Play on the device, or on the null clock if there is none, and say so."""
        if _nothing(self._wanted):
            self._tick()
        else:
            try:
                self._adopt(self._open(self._wanted))
            except OSError as error:
                self.say(f"{error}; playing without a device, and looking for one")
                self._tick()
        self._host["open"] = True
        self._thread.start()

    def select(self, source: Wanted, sink: Wanted) -> None:
        """Play on other devices, soon; if they are not there, say so and play on."""
        self._requests.put((source, sink))

    def close(self) -> None:
        """Fade out, and return when the callback will not be called any more."""
        self._stop.set()  # first: nobody is to open the level or a device again
        if self._thread.is_alive():
            self._thread.join()
        self._leave()

    def _run(self) -> None:
        while not self._stop.wait(LOOK):
            if not self._requests.empty():
                self._change(self._requests.get())
            elif self._stream:
                self._notice(self._stream)
            elif not _nothing(self._wanted) and not self._stop.wait(AGAIN):
                self._look_again()

    def _pulses(self, stream: Stream | Pair) -> tuple[int, ...]:
        return int(self._host["callbacks"]), *stream.pulses

    def _notice(self, stream: Stream | Pair) -> None:
        """Let the null clock take over if the callbacks have stopped."""
        before = self._pulses(stream)
        patience = max(GONE, BUFFERS * self.block_size / self._sample_rate) if before[0] > self._before else FIRST
        if not _until(lambda: all(map(int.__gt__, self._pulses(stream), before)), patience):
            gone = [now == was for now, was in zip(self._pulses(stream), before, strict=True)]
            self.say(f"{stream.name} is gone; playing on without it, and looking for it")
            self._host["open"] = False
            stream.close(gone)
            self._stream = None
            self._tick()

    def _look_again(self) -> None:
        try:
            portaudio.look_again()
            self._adopt(self._open(self._wanted))
        except OSError:
            if not self._clock:
                self._tick()
        else:
            self.say(f"{self.device} is back")
            self._host["open"] = True

    def _change(self, wish: Wish) -> None:
        """Go to other devices, or say why not; what plays is only let go for what is there."""
        if _nothing(wish):
            self._wanted = wish
            self._leave()
            self._tick()
            self._host["open"] = True
            return
        try:
            if not self._stream:
                portaudio.look_again()
            stream = self._open(wish)
        except OSError as error:
            if self._stream and _appeared(wish):
                self._exchange(wish)
            else:
                self.say(f"{error}; {self.device} plays on")
            return
        try:
            self._adopt(stream)
        except OSError as error:
            self.say(f"{error}; looking for what played before")
            self._tick()
        else:
            self._wanted = wish
        self._host["open"] = True

    def _exchange(self, wish: Wish) -> None:
        """Let go first: the device is new to PortAudio, or a part of it is what plays."""
        self._leave()
        for wanted in (wish, self._wanted):
            try:
                portaudio.look_again()
                self._adopt(self._open(wanted))
            except OSError as error:
                self.say(str(error))
            else:
                self._wanted = wanted
                break
        else:
            self._tick()
        self._host["open"] = True

    def _open(self, wish: Wish) -> Stream | Pair:
        """The devices, ready to start; OSError if they are not there or do not want to."""
        there = None if wish[1] == NULL else portaudio.find(wish[1], "output")
        here = self._input(wish, there)
        channels = routing.opened(self._chosen[0], self._inputs), routing.opened(self._chosen[1], self._outputs)
        for device, kind, chosen in zip((here, there), ("inputs", "outputs"), self._chosen, strict=True):
            if device and chosen and getattr(device, kind) <= max(chosen):
                raise OSError(f"{device.name} has {getattr(device, kind)} {kind}, and no {kind[:-1]} {max(chosen) + 1}")
        stream = joined(self._callback, self._memory, here, there, channels, self._sample_rate, self.block_size)
        setting = Setting(here, there, self._sample_rate, self.block_size) if here and there else None
        self._measured = measured(setting) if setting else None
        return stream

    def _input(self, wish: Wish, there: Device | None) -> Device | None:
        """The input; if nobody said which, that of the output's own card, or none: an output alone is a device too."""
        source, sink = wish
        if source == NULL:
            return None
        if source is None and there and sink is not None and there.inputs:
            return there
        try:
            return portaudio.find(source, "input")
        except OSError:
            if source is not None:
                raise
        return None

    def _adopt(self, stream: Stream | Pair) -> None:
        """Let it play in place of what plays."""
        self._leave()
        routing.connect(self._memory, (stream.inputs, stream.outputs), *self._chosen)
        self._before = int(self._host["callbacks"])
        stream.start()
        self._stream = stream

    def _tick(self) -> None:
        """Let the null clock play."""
        routing.connect(self._memory, (self._inputs, self._outputs))
        channels, size, rate = (self._inputs, self._outputs), self.block_size, self._sample_rate
        self._clock = NullClock(self._callback, self._memory.ctypes.data, channels, size, rate, self._loop)

    def _leave(self) -> None:
        """Fade out, and let go of what plays."""
        self._host["open"] = False
        if self._stream or self._clock:
            _until(lambda: self._host["level"] == 0, LEAVE)
        if self._stream:
            self._stream.close()
        if self._clock:
            self._clock.stop()
        self._stream = self._clock = None


def _nothing(wish: Wish) -> bool:
    """Whether no device is wanted at all."""
    return wish[1] == NULL and wish[0] in (NULL, None)


def _appeared(wish: Wish) -> bool:
    """Whether another process, whose PortAudio is fresh, finds them."""
    for name, kind in zip(wish, ("input", "output"), strict=True):
        if name not in (NULL, None):
            command = [sys.executable, "-c", FIND, str(name), kind]
            try:
                subprocess.run(command, check=True, capture_output=True, timeout=ANSWER)
            except (subprocess.SubprocessError, OSError):
                return False
    return True


def _until(done: Callable[[], bool], seconds: float) -> bool:
    """Sleep until it is done, at most so long; returns whether it is."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True
