"""Two devices that play one host: each at its own speed, with a bridge between them."""

import sys
from collections.abc import Sequence
from typing import Protocol

from rtengine.devices import bridge, portaudio
from rtengine.devices.null_clock import NullClock
from rtengine.devices.portaudio import Device
from rtengine.native.record import Memory

if sys.platform == "win32":
    from rtengine.devices.stream import Stream
else:
    from rtengine.devices.remote import Remote as Stream


class Connection(Protocol):
    """What calls the host: one stream or a pair of them."""

    name: str
    inputs: int  # channels
    outputs: int

    @property
    def latency(self) -> tuple[float, float]:
        """Seconds for input and output."""

    @property
    def pulses(self) -> tuple[int, ...]:
        """What grows while it lives, beside the host's callbacks."""

    def start(self) -> None:
        """Let the callbacks come; OSError if the device does not want to."""

    def close(self, gone: Sequence[bool] = ...) -> None:
        """Return when no callback will be called any more; gone: what does not answer."""


class Pair:
    """An input device, and an output device or the null clock: for the player, one stream."""

    def __init__(
        self,
        callback: int,
        memory: Memory,
        source: Device,
        sink: Device | None,
        channels: tuple[int, int],
        sample_rate: float,
        block_size: int,
    ) -> None:
        """callback, memory: the host's. sample_rate: the output's; the input has it too, or else its own.

        OSError if one of the devices does not want to.
        """
        self.inputs, self.outputs = (
            min(source.inputs, channels[0]),
            min(sink.outputs, channels[1]) if sink else channels[1],
        )
        self.name = f"{source.name} -> {sink.name if sink else 'null'}"
        host = (callback, memory.ctypes.data)
        for rate in dict.fromkeys((sample_rate, source.sample_rate)):
            self.memory = bridge.prepare(self.inputs, self.outputs, (rate, sample_rate), host)
            capture, pull = (c.address for c in bridge.compile_bridge(self.memory.dtype))
            try:
                self._source = Stream(capture, self.memory.ctypes.data, source, None, channels, rate, 0)
                break
            except OSError:
                if rate == source.sample_rate:
                    raise
        self._arguments = (pull, self.memory.ctypes.data, (0, self.outputs), block_size, sample_rate)
        self._clock: NullClock | None = None
        self._sink = None
        if sink:
            try:
                self._sink = Stream(pull, self.memory.ctypes.data, None, sink, channels, sample_rate, block_size)
            except OSError:
                self._source.close()
                raise

    @property
    def latency(self) -> tuple[float, float]:
        """Seconds for input and output: what the devices say, and for the input also what the bridge adds."""
        added = bridge.latency(self.memory)
        return self._source.latency[0] + added, self._sink.latency[1] if self._sink else 0.0

    def status(self) -> dict[str, float]:
        """Lag in seconds from input to output; drift of the input's clock from the output's in ppm; fades, a count."""
        m = self.memory[0]
        return {"lag": float(m["lag"] / m["rate_in"]), "drift": float(1e6 * m["drift"]), "fades": int(m["lost"].sum())}

    @property
    def pulses(self) -> tuple[int, ...]:
        """What grows while the input lives."""
        return (int(self.memory["source"]["buffers"][0]),)

    def start(self) -> None:
        """Let the callbacks come; OSError if one of them does not want to."""
        self._source.start()
        if not self._sink:
            self._clock = NullClock(*self._arguments)
            return
        try:
            self._sink.start()
        except OSError:
            self._source.close()
            raise

    def close(self, gone: Sequence[bool] = (False, False)) -> None:
        """Return when no callback will be called any more; gone: whether output and input do not answer."""
        if self._clock:
            self._clock.stop()
        if self._sink:
            self._sink.close(gone[:1])
        self._source.close(gone[1:])


def joined(
    callback: int,
    memory: Memory,
    source: Device | None,
    sink: Device | None,
    channels: tuple[int, int],
    sample_rate: float,
    block_size: int,
) -> Connection:
    """One stream if source and sink run at one speed, else two and a bridge; not both may be None. Errors as above."""
    if source and not (sink and portaudio.one_clock(source, sink)):
        return Pair(callback, memory, source, sink, channels, sample_rate, block_size)
    return Stream(callback, memory.ctypes.data, source, sink, channels, sample_rate, block_size)
