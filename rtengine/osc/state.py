"""The state as surfaces see it: every parameter, every reading, and how the engine is."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from rtengine.block import Reading
from rtengine.osc.controls import Controls, Host, Showing
from rtengine.osc.packet import Argument

SILENCE = -120.0  # dBFS: the lowest that is told, for -inf is no JSON

State = dict[str, tuple[Argument, ...]]


class Fact(NamedTuple):
    """What the engine says of itself: OSC types, unit, bounds and meaning."""

    types: str
    unit: str
    low: float | None
    high: float | None
    doc: str


FACTS = {
    "/meter/in": Fact("ff", "dBFS", SILENCE, 24, "peak and rms of the input, the louder channel"),
    "/meter/out": Fact("ff", "dBFS", SILENCE, 24, "peak and rms of the output, the louder channel"),
    "/device": Fact("ss", "", None, None, "connected, looking or null, and the name of what plays"),
    "/engine/latency": Fact("i", "samples", 0, None, "between the input and its effect on the output"),
    "/engine/sample_rate": Fact("f", "Hz", 0, None, "samples a second"),
    "/engine/load": Fact("f", "", 0, None, "share of the time that the audio thread needs, 1 is all"),
    "/engine/xruns": Fact("i", "", 0, None, "buffers that the device lost"),
    "/model": Fact("s", "", None, None, "the texture model that plays"),
    "/clip/closer/progress": Fact(
        "sff", "", None, None, "the clip that is listened to, or nothing; 0 to 1; seconds left, -1 while nobody knows"
    ),
    "/input/position": Fact("f", "s", 0, None, "where in the song the input is"),
    "/input/length": Fact("f", "s", 0, None, "of the song; 0 while the device is the input"),
    "/engine/late": Fact("i", "samples", 0, None, "for which the dry sound stood in for the effect"),
}


def state(controls: Controls) -> State:
    """What there is to tell, by address."""
    shown = readings(controls)
    return parameters(controls) | shown | dict(_meters(shown)) | _engine(controls)


def parameters(controls: Controls) -> State:
    """The parameters' values."""
    found: State = {}
    for address in controls.parameters:
        with suppress(KeyError):  # another graph has just taken over, without this one
            found[address] = (controls[address],)
    return found


def readings(controls: object) -> State:
    """What the blocks show; of a choice its name."""
    found: State = {}
    if not isinstance(controls, Showing):
        return found
    for address, reading in controls.readings.items():
        with suppress(KeyError):  # as above
            found[address] = tuple(said(reading, value) for value in controls.reading(address))
    return found


def said(reading: Reading, value: float) -> Argument:
    """One number of a reading, or its name where it stands for one."""
    if not reading.choices:
        return value
    return reading.choices[min(max(round(value - reading.low), 0), len(reading.choices) - 1)]


def _meters(shown: State) -> Iterator[tuple[str, tuple[Argument, ...]]]:
    """The first block that shows peak and rms is the meter of the input, the last that of the output."""
    blocks = [address.removesuffix("/peak") for address in shown if address.endswith("/peak")]
    found = [block for block in blocks if f"{block}/rms" in shown]
    for address, block in zip(("/meter/in", "/meter/out"), found[:1] + found[-1:], strict=False):
        yield address, tuple(max(shown[f"{block}/{kind}"]) for kind in ("peak", "rms"))  # type: ignore[type-var]


def _engine(controls: Controls) -> State:
    if not isinstance(controls, Host):
        return {}
    status = controls.status()
    wanted = {address: address.rsplit("/", 1)[1] for address in FACTS if address.startswith("/engine/")}
    told = wanted | {"/bypass": "bypass", "/model": "model"}
    found = {address: (status[name],) for address, name in told.items() if name in status}
    return found | _device(status) | _closer(status) | _song(status.get("song"))


def _device(status: Mapping[str, Any]) -> State:
    """What plays."""
    return {"/device": (status["device_state"], status["device"])} if "device_state" in status else {}


def _closer(status: Mapping[str, Any]) -> State:
    """How far listening to a clip is."""
    return {"/clip/closer/progress": status["closer"]} if "closer" in status else {}


def _song(status: Mapping[str, Any] | None) -> State:
    """The song that is the input."""
    if not status:
        return {}
    return {f"/input/{name}": value if name == "loop" else (value,) for name, value in status.items()}
