"""Who plays: a device while it answers, the null clock while there is none. A thread looks after it."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.devices import portaudio
from rtengine.devices.null_clock import NullClock
from rtengine.devices.pair import Connection, Pair, joined
from rtengine.devices.portaudio import Device, Wanted
from rtengine.devices.round_trips import Setting, measured
from rtengine.live import routing
from rtengine.native.record import Memory

NULL = "null"  # the name of the device that is none
LOOK = 0.1  # seconds between two looks
GONE = 0.3  # seconds without a callback, or BUFFERS if these are longer, and a device is gone
BUFFERS = 4
FIRST = 3.0  # seconds until the first callback: some devices take their time
AGAIN = 1.0  # seconds between two searches for it: each is a process of 0.2 s
FADE_OUT = 0.2  # seconds that the sound has for it
Target = tuple[Wanted, Wanted]  # input and output


class Player:
    """Whoever calls the host at the moment: there is always one, and never two.

    target: input and output, see portaudio.find; "null" is none. Without an output the null clock plays for good, whose
    input is that device, or `loop`, float32 (samples, channels), or silence. chosen: the channels of input and output
    that are meant, see rtengine.live.routing; say gets sentences for the player of the instrument.
    """

    def __init__(
        self,
        callback: int,
        memory: Memory,
        target: Target,
        block_size: int,
        loop: NDArray[np.float32] | None,
        say: Callable[[str], object],
        chosen: tuple[Sequence[int], Sequence[int]] = ((), ()),
    ) -> None:
        self._callback, self._memory, self._target, self._loop, self.say = callback, memory, target, loop, say
        self._host: Any = memory[0]
        self._inputs, self._outputs = self._host["x"].shape[1], self._host["y"].shape[2]
        self._chosen, self._sample_rate = chosen, float(self._host["sample_rate"])
        self.block_size = block_size
        self._stream: Connection | None = None
        self._ends: list[Device] = []  # of the stream
        self._measured: int | None = None
        self._refusal = ""  # why what was looked for is there and does not play, as it was told
        self._before = 0  # callbacks before it was opened
        self._clock: NullClock | None = None
        self._requests: queue.SimpleQueue[Target] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtengine watch", daemon=True)

    @property
    def target(self) -> Target:
        """Input and output that are wanted."""
        return self._target

    @property
    def device(self) -> str:
        """The name of what plays."""
        stream = self._stream  # it may go at any moment
        return stream.name if stream else NULL

    @property
    def state(self) -> str:
        """connected: a device plays; looking: it is not there; null: none is wanted."""
        return "connected" if self._stream else "null" if _nothing(self._target) else "looking"

    @property
    def latency(self) -> tuple[float, float]:
        """Seconds that the device says it takes for input and output."""
        stream = self._stream
        return stream.latency if stream else (0.0, 0.0)

    @property
    def measured(self) -> float | None:
        """Seconds from the device's output back to its input, if they were measured (rtengine.cli.measure_latency)."""
        return None if self._measured is None or not self._stream else self._measured / self._sample_rate

    @property
    def bridge(self) -> dict[str, float] | None:
        """How two clocks are held together, see Pair.status; None if there is one."""
        stream = self._stream
        return stream.status() if isinstance(stream, Pair) else None

    def start(self) -> None:
        """Play on the device, or on the null clock if there is none, and say so."""
        if _nothing(self._target):
            self._play_without()
        else:
            try:
                self._play(*self._find(self._target))
            except OSError as error:
                self.say(f"{error}; playing without a device, and looking for one")
                self._play_without()
        self._thread.start()

    def select(self, source: Wanted, sink: Wanted) -> None:
        """Play on other devices, soon; if they are not there, say so and play on."""
        self._requests.put((source, sink))

    def close(self) -> None:
        """Fade out, and return when the callback will not be called any more."""
        self._stop.set()  # first: nobody is to open the level or a device again
        if self._thread.is_alive():
            self._thread.join()
        self._release()

    def _run(self) -> None:
        while not self._stop.wait(LOOK):
            try:
                self._step()
            except Exception as error:  # whatever a device leads to, the next one must be found
                self.say(f"the device has failed, looking for it: {error!r}")
                self._release()
                self._play_without()

    def _step(self) -> None:
        if not self._requests.empty():
            self._change(self._requests.get())
        elif self._stream:
            self._watch(self._stream)
        elif not _nothing(self._target) and not self._wait_for_request(AGAIN):
            self._look_again()

    def _wait_for_request(self, seconds: float) -> bool:
        """Wait so long; returns early, with True, if there is something else to do."""
        return _until(lambda: self._stop.is_set() or not self._requests.empty(), seconds, LOOK)

    def _pulses(self, stream: Connection) -> tuple[int, ...]:
        return int(self._host["callbacks"]), *stream.pulses

    def _watch(self, stream: Connection) -> None:
        """Let the null clock take over if the callbacks have stopped."""
        before = self._pulses(stream)
        patience = max(GONE, BUFFERS * self.block_size / self._sample_rate) if before[0] > self._before else FIRST
        if not _until(lambda: all(map(int.__gt__, self._pulses(stream), before)), patience):
            gone = [now == was for now, was in zip(self._pulses(stream), before, strict=True)]
            self.say(f"{stream.name} is gone; playing on without it, and looking for it")
            self._host["open"] = False
            stream.close(gone)
            self._stream = None
            self._play_without()

    def _look_again(self) -> None:
        try:
            portaudio.look_again()
            here, there = self._find(self._target)
        except OSError:
            return  # it is told once that it has gone
        try:
            self._play(here, there)
        except OSError as error:
            if (why := str(error)) != self._refusal:
                self.say(f"{why}; it is tried again and again")
            self._refusal = why
        else:
            self._refusal = ""
            self.say(f"{self.device} is back")

    def _change(self, target: Target) -> None:
        """Go to other devices, or say why not; what plays is only let go for what is there."""
        if _nothing(target):
            self._target = target
            self._release()
            self._play_without()
            return
        try:
            portaudio.look_again()
            here, there = self._find(target)
        except OSError as error:
            self.say(f"{error}; {self.device} plays on")
            return
        try:
            stream = self._open_patiently(here, there)
        except OSError as error:
            if self._plays(here, there):
                self._exchange(target)
            else:
                self.say(f"{error}; {self.device} plays on")
            return
        try:
            self._switch(stream, here, there)
        except OSError as error:
            self.say(f"{error}; looking for what played before")
        else:
            self._target = target

    def _exchange(self, target: Target) -> None:
        """Let go first: what is wanted plays already, with other settings or beside another device."""
        self._release()
        self._play_without()
        for wanted in (target, self._target):
            try:
                self._play(*self._find(wanted))
            except OSError as error:
                self.say(str(error))
            else:
                self._target = wanted
                break

    def _find(self, target: Target) -> tuple[Device | None, Device | None]:
        """Input and output, if they are there; OSError says which is not."""
        there = None if target[1] == NULL else portaudio.find(target[1], "output")
        return self._input(target, there), there

    def _input(self, target: Target, there: Device | None) -> Device | None:
        """The input; if nobody said which, that of the output's own card, or none: an output alone is a device too."""
        source, sink = target
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

    def _open(self, here: Device | None, there: Device | None) -> Connection:
        """Ready to start; OSError if they do not want to."""
        channels = routing.opened(self._chosen[0], self._inputs), routing.opened(self._chosen[1], self._outputs)
        for device, kind, chosen in zip((here, there), ("inputs", "outputs"), self._chosen, strict=True):
            if device and chosen and getattr(device, kind) <= max(chosen):
                raise OSError(f"{device.name} has {getattr(device, kind)} {kind}, and no {kind[:-1]} {max(chosen) + 1}")
        return joined(self._callback, self._memory, here, there, channels, self._sample_rate, self.block_size)

    def _open_patiently(self, here: Device | None, there: Device | None) -> Connection:
        """The same, once more if need be: a server that has just begun may refuse its first client."""
        try:
            return self._open(here, there)
        except OSError:
            if self._plays(here, there) or self._wait_for_request(AGAIN):
                raise
            return self._open(here, there)

    def _plays(self, *devices: Device | None) -> bool:
        """Whether one of these plays already."""
        return any(same(device, end) for device in devices for end in self._ends)

    def _play(self, here: Device | None, there: Device | None) -> None:
        """Open them, and let them play in place of what plays; OSError as above."""
        self._switch(self._open(here, there), here, there)

    def _switch(self, stream: Connection, here: Device | None, there: Device | None) -> None:
        """Let a stream play in place of what plays; if it does not want to, OSError, and the null clock plays."""
        self._release()
        routing.connect(self._memory, (stream.inputs, stream.outputs), *self._chosen)
        self._before = int(self._host["callbacks"])
        try:
            stream.start()
        except OSError:
            self._play_without()
            raise
        self._measured = None
        if here and there:
            self._measured = measured(Setting(here, there, self._sample_rate, self.block_size))
        self._stream, self._ends = stream, [end for end in (here, there) if end]
        self._host["open"] = True

    def _play_without(self) -> None:
        """Let the null clock play, if nobody does: a device may take many seconds to open, and the show goes on."""
        if self._clock or self._stream:
            return
        routing.connect(self._memory, (self._inputs, self._outputs))
        channels, size, rate = (self._inputs, self._outputs), self.block_size, self._sample_rate
        self._clock = NullClock(self._callback, self._memory.ctypes.data, channels, size, rate, self._loop)
        self._host["open"] = True

    def _release(self) -> None:
        """Fade out, and let go of what plays; what does not even do that is not waited for."""
        self._host["open"] = False
        faded, patience = True, max(FADE_OUT, BUFFERS * self.block_size / self._sample_rate)
        if self._stream or self._clock:
            faded = _until(lambda: self._host["level"] == 0, patience)
        stream, self._stream, self._ends = self._stream, None, []
        if stream:
            stream.close([not faded] * len(self._pulses(stream)))
        if self._clock:
            self._clock.stop()
        self._clock = None


def same(one: Device | None, other: Device | None) -> bool:
    """Whether both are one device, whatever its number is now."""
    return one is not None and other is not None and (one.name, one.host) == (other.name, other.host)


def _nothing(target: Target) -> bool:
    """Whether no device is wanted at all."""
    return target[1] == NULL and target[0] in (NULL, None)


def _until(done: Callable[[], bool], seconds: float, step: float = 0.002) -> bool:
    """Sleep until it is done, at most so long; returns whether it is."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True
