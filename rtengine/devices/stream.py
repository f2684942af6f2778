"""PortAudio itself: which devices it finds, and a stream whose callback is a C function.

It sees the devices of the moment it was initialised, and when a JACK server has died it waits ten minutes in
Pa_CloseStream, aborts the process in Pa_Terminate, or crashes when another server has come. So where a process can be
had (not on Windows, which has no JACK) this is used in one that may die: see rtengine.devices.remote.
"""

import ctypes
from collections.abc import Sequence
from contextlib import suppress
from ctypes.util import find_library

from rtengine.devices.portaudio import CLIENT, Device

INVALID_RATE = -9997  # paInvalidSampleRate
NAME = ctypes.create_string_buffer(CLIENT.encode())  # PortAudio keeps but the address

try:
    with suppress(OSError, TypeError, AttributeError):  # TypeError: there is no library of this name
        ctypes.CDLL(find_library("portaudio")).PaJack_SetClientName(NAME)  # before it is initialised
    import sounddevice
except (ImportError, OSError) as error:  # no package, or the package without the library
    sounddevice, missing = None, str(error)


def listed() -> list[Device]:
    """All devices, as PortAudio knows them since it was initialised; OSError if there is no PortAudio."""
    if sounddevice is None:
        raise OSError(f"there is no PortAudio ({missing}): pip install sounddevice, and on Debian libportaudio2")
    apis = sounddevice.query_hostapis()
    chosen = [(api["default_input_device"], api["default_output_device"]) for api in apis]
    found = [
        Device(
            d["index"],
            d["name"],
            apis[d["hostapi"]]["name"],
            d["max_input_channels"],
            d["max_output_channels"],
            d["default_samplerate"],
            d["default_low_input_latency"],
            d["default_low_output_latency"],
            d["index"] in chosen[d["hostapi"]],
            d["index"] in sounddevice.default.device,
        )
        for d in sounddevice.query_devices()
    ]
    return [d for d in found if "JACK" not in d.host or not d.name.startswith(CLIENT)]  # its own ports are no device


class Stream:
    """A running stream that calls a C function: inputs and outputs are its channels, latency (in, out) in seconds."""

    def __init__(
        self,
        callback: int,
        memory: int,
        source: Device | None,
        sink: Device | None,
        channels: tuple[int, int],
        sample_rate: float,
        block_size: int,
    ) -> None:
        """callback: address of a PaStreamCallback, float32 interleaved; OSError if the device does not want to.

        source or sink may be None, not both. channels: in and out, if the devices have as many. block_size 0: whatever
        the device likes, and not always the same.
        """
        self.inputs = min(source.inputs, channels[0]) if source else 0
        self.outputs = min(sink.outputs, channels[1]) if sink else 0
        kind = "duplex" if source and sink else "input" if source else "output"
        pairs = {
            "device": (source.index if source else None, sink.index if sink else None),
            "channels": (self.inputs, self.outputs),
        }
        settings = {
            "samplerate": sample_rate,
            "blocksize": block_size,
            "dtype": "float32",
            "latency": "low",
            "callback": sounddevice._ffi.cast("PaStreamCallback *", callback),
            "userdata": sounddevice._ffi.cast("void *", memory),
        }
        for name, pair in pairs.items():
            settings[name] = pair if kind == "duplex" else pair[0] if source else pair[1]
        device = sink or source
        assert device
        self.name = device.name
        try:
            self._stream = sounddevice._StreamBase(kind, **settings)
        except (sounddevice.PortAudioError, ValueError) as error:
            why = (
                f"it does not play at {sample_rate:g} Hz" if INVALID_RATE in error.args else str(error).splitlines()[0]
            )
            raise OSError(f"{self.name}: {why}") from None
        declared = self._stream.latency
        self.latency: tuple[float, float] = (
            declared if kind == "duplex" else (declared, 0.0) if source else (0.0, declared)
        )

    def start(self) -> None:
        """Let the callbacks come."""
        try:
            self._stream.start()
        except sounddevice.PortAudioError as error:
            self.close()
            raise OSError(f"{self.name}: {str(error).splitlines()[0]}") from None

    @property
    def pulses(self) -> tuple[int, ...]:
        """What grows while it lives, beside the host's callbacks; see rtengine.devices.pair."""
        return ()

    def close(self, gone: Sequence[bool] = (False,)) -> None:
        """Return when the callback will not be called any more."""
        self._stream.close()
