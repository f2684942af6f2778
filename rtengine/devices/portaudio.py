"""Sound cards, through PortAudio: which there are, and a stream whose callback is a C function.

PortAudio sees the devices of the moment it was initialised, so to look again is to initialise it again. When a JACK
server has died, though, PortAudio 19.6 waits ten minutes in Pa_CloseStream and aborts the process in Pa_Terminate. No
call tells it, so the library is then left as it is, and another copy of it is loaded.
"""

import ctypes
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

try:
    import sounddevice
except (ImportError, OSError) as error:  # no package, or the package without the library
    sounddevice, missing = None, str(error)

Wanted = str | int | None  # a part of a name, a number of the list, or the system's own choice
PATIENCE = 1.0  # seconds for a stream to close
JACK_NO_START_SERVER = 1  # JackNoStartServer
MAPS = Path("/proc/self/maps")  # what is loaded, on Linux
hung = threading.Event()  # set while a stream was left that does not close


@dataclass(frozen=True)
class Device:
    """One device of one host API; channels of each direction; sample rate in Hz, latencies in seconds, as declared."""

    index: int
    name: str
    host: str
    inputs: int
    outputs: int
    sample_rate: float
    input_latency: float
    output_latency: float


def devices() -> list[Device]:
    """All devices, as PortAudio knows them since the start or the last `look_again`."""
    if sounddevice is None:
        return []
    hosts = [host["name"] for host in sounddevice.query_hostapis()]
    return [
        Device(
            d["index"],
            d["name"],
            hosts[d["hostapi"]],
            d["max_input_channels"],
            d["max_output_channels"],
            d["default_samplerate"],
            d["default_low_input_latency"],
            d["default_low_output_latency"],
        )
        for d in sounddevice.query_devices()
    ]


def names() -> list[tuple[str, str]]:
    """("input" or "output", name) of all devices."""
    inputs = [("input", d.name) for d in devices() if d.inputs]
    return inputs + [("output", d.name) for d in devices() if d.outputs]


def find(wanted: Wanted, kind: Literal["input", "output"]) -> Device:
    """The device with this number, or the best with this in its name or its host API's; OSError if there is none.

    Best is the very name, then the host API's (JACK is that before ALSA's plugin of this name), of which the API's own
    choice (JACK's other programs are devices as well), then the least latency.
    """
    if sounddevice is None:
        raise OSError(f"there is no PortAudio ({missing}): pip install sounddevice, and on Debian libportaudio2")
    able = [d for d in devices() if (d.inputs if kind == "input" else d.outputs)]
    if wanted is None:
        index = sounddevice.default.device[kind]
        index = index if index >= 0 else _first(kind)
        able = [d for d in able if d.index == index]
    elif isinstance(wanted, int) or wanted.isdigit():
        able = [d for d in able if d.index == int(wanted)]
    else:
        part = wanted.casefold()
        able = [d for d in able if part in d.name.casefold() or part in d.host.casefold()]
        latency = {d.index: d.output_latency if kind == "output" else d.input_latency for d in able}
        chosen = [host[f"default_{kind}_device"] for host in sounddevice.query_hostapis()]
        able.sort(
            key=lambda d: (
                d.name != wanted, part not in d.host.casefold(), d.index not in chosen, latency[d.index],
            )
        )  # fmt: skip
    if not able:
        raise OSError(f"there is no {kind} device" + ("" if wanted is None else f" {wanted}"))
    return able[0]


def _first(kind: str) -> int:
    """The default device of the first host API that has one."""
    found = (host[f"default_{kind}_device"] for host in sounddevice.query_hostapis())
    return next((index for index in found if index >= 0), -1)


def look_again() -> None:
    """Find what was plugged in or started since; OSError if that cannot be. No stream but a hung one may be open."""
    if sounddevice is None:
        return
    try:
        if _stuck():
            _leave()
        else:
            sounddevice._terminate()
            sounddevice._initialize()
    except sounddevice.PortAudioError as error:
        raise OSError(str(error)) from None


def _stuck() -> bool:
    """Whether PortAudio could not be terminated."""
    return hung.is_set() or (any("JACK" in d.host for d in devices()) and not _jack_answers())


def _jack_answers() -> bool:
    """Whether the JACK server is alive that PortAudio was a client of."""
    library = find_library("jack")
    if library is None:
        return False
    jack = ctypes.CDLL(library)
    jack.jack_client_open.restype = ctypes.c_void_p
    client = jack.jack_client_open(b"rtengine", JACK_NO_START_SERVER, None)
    return client is not None and jack.jack_client_close(ctypes.c_void_p(client)) == 0


def _leave() -> None:
    """Go on with a fresh copy of the library; the one in use, and what hangs in it, stays behind."""
    if not MAPS.exists():
        raise OSError("a device that hangs keeps PortAudio from looking for others")
    loaded = [line.split(maxsplit=5)[-1] for line in MAPS.read_text().splitlines() if "libportaudio" in line]
    original = next(file for file in loaded if Path(file).is_file())
    with tempfile.TemporaryDirectory() as folder:
        copy = str(shutil.copy(original, folder))
        for library in (original, copy):
            ctypes.CDLL(library)  # which never unloads it, as cffi does: JACK goes on knowing addresses in it
        sounddevice._lib = sounddevice._ffi.dlopen(copy)
    hung.clear()
    sounddevice._initialized = 0
    sounddevice._initialize()


def forget() -> None:
    """At the end of the process: let the system clean up, for Pa_Terminate aborts if a JACK server has died."""
    if sounddevice is not None and _stuck():
        sounddevice._initialized = 0


ONE_CLOCK = ("JACK", "ASIO")  # all devices of such a host API run at one speed


def one_clock(source: Device, sink: Device) -> bool:
    """Whether both run at the same speed for ever: one card, or a host API that sees to it.

    ALSA tells a card by (hw:1,0), Windows by what stands in brackets, as in "Speakers (USB Audio)". Where that is in
    doubt they count as two: a bridge between them costs some milliseconds, and no bridge the sound.
    """
    if source.host != sink.host:
        return False
    names = [d.name.rpartition("(")[2].partition(",")[0].rstrip(")") for d in (source, sink)]
    told = all("(" in d.name for d in (source, sink)) and names[0] == names[1]
    return source.index == sink.index or told or any(name in source.host for name in ONE_CLOCK)


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
        self.name, self._jack = device.name, "JACK" in device.host
        try:
            self._stream = sounddevice._StreamBase(kind, **settings)
        except (sounddevice.PortAudioError, ValueError) as error:
            raise OSError(f"{self.name}: {str(error).splitlines()[0]}") from None
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
        """Return when the callback will not be called any more, or the device does not answer."""
        if not (gone[0] and self._jack):
            closing = threading.Thread(target=self._stream.close, name="rtengine close", daemon=True)
            closing.start()
            closing.join(PATIENCE)
            if not closing.is_alive():
                return
        hung.set()


def table(measured: Callable[[Device], str] = lambda device: "") -> Iterator[tuple[str, ...]]:
    """What --list-devices says: a heading, and a row a device. measured: what is known of its latency."""
    yield "", "name", "host", "in", "out", "Hz", "in ms", "out ms", "measured ms"
    for d in devices():
        latencies = (f"{1000 * latency:.1f}" for latency in (d.input_latency, d.output_latency))
        yield str(d.index), d.name, d.host, str(d.inputs), str(d.outputs), f"{d.sample_rate:g}", *latencies, measured(d)
