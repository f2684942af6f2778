"""What was measured of a device's latency, kept among the user's data."""

import json
from dataclasses import dataclass
from pathlib import Path

from rtengine.devices.portaudio import Device
from rtengine.files import folders
from rtengine.take.writing import replace

FILE = "latencies.json"
MOST_ENTRIES = 1000  # entries; the oldest are let go


@dataclass(frozen=True)
class Setting:
    """What a measured latency is of: input and output device, sample rate in Hz, block size in samples."""

    source: Device
    sink: Device
    sample_rate: float
    block_size: int

    @property
    def key(self) -> str:
        """One text for all of it; names, for numbers change with what is plugged in."""
        ends = " -> ".join(f"{d.host}: {d.name}" for d in (self.source, self.sink))
        return f"{ends} | {self.sample_rate:g} Hz | {self.block_size}"


def measured(setting: Setting) -> int | None:
    """Samples of the way out and back in, if they were ever measured."""
    return _read().get(setting.key)


def newest(device: Device) -> str:
    """The last measurement of a device as input and output, as `10.7 (48000 Hz, 128)` in ms; "" if there is none."""
    name = f"{device.host}: {device.name}"
    for key, samples in reversed(_read().items()):
        ends, rate, size = key.split(" | ")
        if ends == f"{name} -> {name}":
            return f"{1000 * samples / float(rate.split()[0]):.1f} ({rate}, {size})"
    return ""


def keep(setting: Setting, samples: int) -> None:
    """Remember it; OSError if that cannot be."""
    entries = _read()
    entries.pop(setting.key, None)
    entries[setting.key] = samples
    replace(_file(), json.dumps(dict(list(entries.items())[-MOST_ENTRIES:]), indent=1))


def _file() -> Path:
    return folders.default(FILE)


def _read() -> dict[str, int]:
    """All entries, the newest last; what is no entry is left out."""
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {key: n for key, n in pairs if type(n) is int and 0 <= n < 2**20 and key.count(" | ") == 2}
