"""The state as surfaces see it: every parameter, the meters, and how the engine is."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from rtengine.blocks.meter import Meter
from rtengine.osc.packet import Argument

SILENCE = -120.0  # dBFS: the lowest that is told, for -inf is no JSON

State = dict[str, tuple[Argument, ...]]


class Reading(NamedTuple):
    """A value that can only be read: its OSC types, unit, bounds and meaning."""

    types: str
    unit: str
    low: float | None
    high: float | None
    doc: str


READINGS = {
    "/meter/in": Reading("ff", "dBFS", SILENCE, 24, "peak and rms of the input, the louder channel"),
    "/meter/out": Reading("ff", "dBFS", SILENCE, 24, "peak and rms of the output, the louder channel"),
    "/device": Reading("ss", "", None, None, "connected, looking or null, and the name of what plays"),
    "/engine/latency": Reading("i", "samples", 0, None, "between the input and its effect on the output"),
    "/engine/sample_rate": Reading("f", "Hz", 0, None, "samples a second"),
    "/engine/load": Reading("f", "", 0, None, "share of the time that the audio thread needs, 1 is all"),
    "/engine/xruns": Reading("i", "", 0, None, "buffers that the device lost"),
    "/model": Reading("s", "", None, None, "the texture model that plays"),
    "/input/position": Reading("f", "s", 0, None, "where in the song the input is"),
    "/input/length": Reading("f", "s", 0, None, "of the song; 0 while the device is the input"),
    "/engine/late": Reading("i", "samples", 0, None, "for which the dry sound stood in for the effect"),
}


def state(controls: Any) -> State:
    """What there is to tell, by address. controls: an Engine, or a Graph alone."""
    return parameters(controls) | dict(_meters(getattr(controls, "graph", controls))) | _engine(controls)


def parameters(controls: Any) -> State:
    """The parameters' values."""
    found: State = {}
    for address in controls.parameters:
        with suppress(KeyError):  # another graph has just taken over, without this one
            found[address] = (controls[address],)
    return found


def _meters(graph: Any) -> Iterator[tuple[str, tuple[Argument, ...]]]:
    """The first meter of the graph is that of its input, the last that of its output."""
    found = [path for path, block in getattr(graph, "blocks", {}).items() if isinstance(block, Meter)]
    for address, path in zip(("/meter/in", "/meter/out"), found[:1] + found[-1:], strict=False):
        levels = Meter.read(graph.state(path))
        yield address, tuple(max(*levels[kind], SILENCE) for kind in ("peak", "rms"))


def _engine(controls: Any) -> State:
    if not hasattr(controls, "status"):
        return {}
    status = controls.status()
    wanted = {address: address.rsplit("/", 1)[1] for address in READINGS if address.startswith("/engine/")}
    told = wanted | {"/bypass": "bypass", "/model": "model"}
    found = {address: (status[name],) for address, name in told.items() if name in status}
    return found | _device(status) | _song(status.get("song"))


def _device(status: dict[str, Any]) -> State:
    """What plays."""
    return {"/device": (status["device_state"], status["device"])} if "device_state" in status else {}


def _song(status: dict[str, Any] | None) -> State:
    """The song that is the input."""
    if not status:
        return {}
    return {f"/input/{name}": value if name == "loop" else (value,) for name, value in status.items()}
