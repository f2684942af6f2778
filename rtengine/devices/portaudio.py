"""Which sound cards there are, as PortAudio names them, and which of them a player means.

PortAudio is asked in a process of its own, which sees the devices of the moment, and may die of them.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from rtengine.native.process import command, environment

CLIENT = "rtengine"  # its name among JACK's programs
PROCESS = "rtengine.devices.process"
ANSWER = 10.0  # seconds for PortAudio to look at all devices
ONE_CLOCK = ("JACK", "ASIO")  # all devices of such a host API run at one speed

Wanted = str | int | None  # a part of a name, a number of the list, or the system's own choice
Kind = Literal["input", "output"]


@dataclass(frozen=True)
class Device:
    """One device of one host API; channels of each direction; sample rate in Hz, latencies in seconds, as declared.

    preferred, default: whether its host API, or the system, chooses it for one of its directions.
    """

    index: int
    name: str
    host: str
    inputs: int
    outputs: int
    sample_rate: float
    input_latency: float
    output_latency: float
    preferred: bool = False
    default: bool = False


@dataclass
class Seen:
    """What the last look has found, and why it has found nothing."""

    devices: list[Device] = field(default_factory=list)
    trouble: str = ""
    looked: bool = False


seen = Seen()


def look_again() -> None:
    """Find what was plugged in or started since; OSError if that cannot be."""
    seen.devices, seen.looked = [], True
    try:
        run = subprocess.run(
            command(PROCESS, "list"),
            env=environment(),
            capture_output=True,
            timeout=ANSWER,
            check=True,
            start_new_session=True,
        )
        answer = json.loads(run.stdout)
        seen.devices, seen.trouble = [Device(**fields) for fields in answer["devices"]], answer["trouble"]
    except (subprocess.SubprocessError, ValueError, KeyError, TypeError):
        seen.trouble = "PortAudio does not answer"
    if seen.trouble:
        raise OSError(seen.trouble)


def devices() -> list[Device]:
    """All devices, as they were at the last look; the first call looks."""
    if not seen.looked:
        with suppress(OSError):  # whoever wants one of them is told
            look_again()
    return seen.devices


def names() -> list[tuple[str, str]]:
    """("input" or "output", name) of all devices."""
    inputs = [("input", d.name) for d in devices() if d.inputs]
    return inputs + [("output", d.name) for d in devices() if d.outputs]


def find(wanted: Wanted, kind: Kind) -> Device:
    """The device with this number, or the best with this in its name or its host API's; OSError if there is none.

    Best is the very name, then the host API's (JACK is that before ALSA's plugin of this name), of which the API's own
    choice (JACK's other programs are devices as well), then the least latency.
    """
    able = [d for d in devices() if (d.inputs if kind == "input" else d.outputs)]
    if seen.trouble:
        raise OSError(seen.trouble)
    if wanted is None:
        able = [d for d in able if d.default] or [d for d in able if d.preferred]
    elif isinstance(wanted, int) or wanted.isdigit():
        able = [d for d in able if d.index == int(wanted)]
    else:
        part = wanted.casefold()
        able = [d for d in able if part in d.name.casefold() or part in d.host.casefold()]
        able.sort(
            key=lambda d: (
                d.name != wanted, part not in d.host.casefold(), not d.preferred,
                d.output_latency if kind == "output" else d.input_latency,
            )
        )  # fmt: skip
    if not able:
        raise OSError(f"there is no {kind} device" + ("" if wanted is None else f" {wanted}"))
    return able[0]


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


def table(measured: Callable[[Device], str] = lambda device: "") -> Iterator[tuple[str, ...]]:
    """What --list-devices says: a heading, and a row a device. measured: what is known of its latency."""
    yield "", "name", "host", "in", "out", "Hz", "in ms", "out ms", "measured ms"
    for d in devices():
        latencies = (f"{1000 * latency:.1f}" for latency in (d.input_latency, d.output_latency))
        yield str(d.index), d.name, d.host, str(d.inputs), str(d.outputs), f"{d.sample_rate:g}", *latencies, measured(d)
