"""The mixing desk: strips, their sum, width and a main strip, with an automatic engineer if wanted."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.block import Block, Parameter
from rtengine.blocks.console.against import Against, Beside
from rtengine.blocks.console.automix import ROLES, Automix, wires
from rtengine.blocks.console.bus import Bus
from rtengine.blocks.console.hall import Hall
from rtengine.blocks.console.monitors import MOST, Monitors
from rtengine.blocks.console.pairs import Pairs
from rtengine.blocks.console.spread import Spread
from rtengine.blocks.console.strip import Strip
from rtengine.blocks.limiter import Limiter
from rtengine.dsp.console import room
from rtengine.dsp.console.convolution import TAPS
from rtengine.dsp.console.features import heard, mean
from rtengine.dsp.console.normalise import ACTION, KNEE
from rtengine.dsp.console.room import LONGEST
from rtengine.files.folders import SOUNDS
from rtengine.files.source import open_source
from rtengine.graph import NO_WIRES, Graph
from rtengine.models.console.layout import WISH
from rtengine.models.console.model import load as load_model
from rtengine.models.console.wish import wish
from rtengine.patches.patch import Files, Part, Patch, Setup

LARGEST = 1 << 28  # bytes of an impulse response or a song
STRIPS = 16  # at most: what a desk of this kind has, and what one core bears with ease


Samples = NDArray[np.float32]


def console(
    sample_rate: float,
    strips: int,
    automatic: bool = False,
    engineer: Automix | None = None,
    response: Samples | None = None,
) -> Graph:
    """The desk for 2 `strips` channels in and 2 out, with everything at its default: the sum, with peaks below -1 dBTP.

    automatic: with somebody at the strips, see Automix; a parameter that a hand takes is its own from then on.
    engineer: who that is, if not the one that comes with the desk.  response: of the room, (2, taps) at this rate.
    Raises ValueError if there are not 1 to 16 strips.
    """
    last: dict[str, Block] = {"limiter": Limiter()}
    turned = wires(strips) if automatic else NO_WIRES
    return Graph(sample_rate, 2 * strips, wires=turned, **blocks(strips, automatic, engineer, response), **last)


def blocks(
    strips: int,
    automatic: bool,
    engineer: Automix | None = None,
    response: Samples | None = None,
    monitors: int = 0,
    against: bool = False,
) -> dict[str, Block]:
    """The desk without its limiter, by name; ValueError if there are not 1 to 16 strips.

    against: with the plain sum to be heard in place of the mix, as loud.
    """
    if not 1 <= strips <= STRIPS:
        raise ValueError(f"{strips} stems are not 1 to {STRIPS}: sum some of them first")
    first: dict[str, Block] = {"automix": engineer or Automix(strips)} if automatic else {}
    if monitors:
        first["monitors"] = Monitors(strips, monitors)
    if against:
        first["beside"] = Beside(strips, monitors)
    row: dict[str, Block] = {f"strip/{i + 1}": Strip().on(2 * i, 2) for i in range(strips)}
    behind = monitors + 2 * against
    bus = Bus(strips, behind) if response is None else Hall(strips, behind, response)
    last: dict[str, Block] = {"spread": Spread(), "main": Strip()}
    if behind:
        last = {name: block.on(0, 2) for name, block in last.items()}
    if against:
        last["against"] = Against()
    return {**first, **row, "bus": bus, **last}


def assign(graph: Graph, roles: Sequence[str]) -> None:
    """Tell the engineer what the strips play: the roles of Automix. Compressors get the manners of their role."""
    for i, role in enumerate(roles, 1):
        graph[f"/automix/role{i}"] = ROLES.index(role)
        for name, value in manners(role).items():
            graph[f"/strip/{i}/{name}"] = value


def manners(role: str) -> dict[str, float]:
    """How the compressor of a role goes about it."""
    attack, release, ratio = ACTION["vocals" if role == "speech" else role]
    return {"attack": attack, "release": release, "ratio": ratio, "knee": KNEE}


def build(setup: Setup) -> Part:
    """A strip for each input, or for each pair of them."""
    automatic, pairs = PATCH.setting(setup, "automatic") > 0, PATCH.setting(setup, "pairs") > 0
    if pairs and setup.inputs % 2:
        raise ValueError(f"{setup.inputs} channels are no pairs")
    strips = setup.inputs // 2 if pairs else setup.inputs
    first: Mapping[str, Block] = {} if pairs else {"pairs": Pairs()}
    monitors = int(PATCH.setting(setup, "monitors"))
    rooms, songs = setup.files.get("room", {}), setup.files.get("reference", {})
    response = next((impulse_response(path, setup.sample_rate) for path in rooms.values()), None)
    engineer = Automix(strips, load_model(), wished([*songs.values()])) if automatic and strips <= STRIPS else None
    start = {f"/strip/{i}/{name}": v for i in range(1, strips + 1) for name, v in manners("other").items()}
    return Part(
        {**first, **blocks(strips, automatic, engineer, response, monitors, automatic)},
        wires(strips) if automatic else {},
        start if automatic else {},
    )


def impulse_response(path: Path, sample_rate: float) -> Samples:
    """An impulse response from a file, at this rate; OSError or ValueError in a sentence."""
    source = open_source(path)
    parts, samples = [np.zeros((source.channels, 0), np.float32)], 0
    for x in source.blocks():
        parts.append(x)
        samples += x.shape[1]
        if samples > LONGEST * source.sample_rate:  # an hour is not read to its end
            seconds = max(samples, source.samples) / source.sample_rate
            raise ValueError(f"{path.name} lasts {seconds:.0f} s: an impulse response has at most {LONGEST:g} s")
    h = np.concatenate(parts, axis=1)
    found = room.impulse_response(h, source.sample_rate, round(sample_rate), path.name)
    if found.shape[1] > TAPS:
        raise ValueError(f"{path.name} has {found.shape[1]} samples at {sample_rate:g} Hz: the room has at most {TAPS}")
    return found


def wished(songs: Sequence[Path]) -> tuple[float, ...]:
    """What songs that the mix is to be like tell the controller, as a mean; nothing of none."""
    found = []
    for path in songs:
        source = open_source(path)
        found.append(heard(source.blocks(), source.sample_rate))
    return tuple(wish(mean(found)).tolist()) if found else (0.0,) * WISH


PATCH = Patch(
    "console",
    "a mixing desk for up to 16 microphones that finds its balance by itself",
    build,
    settings={
        "automatic": Parameter(1, 0, 1, "", "step", "whether the desk moves its own faders", ("off", "on")),
        "pairs": Parameter(0, 0, 1, "", "step", "inputs are microphones, or stereo pairs", ("off", "on")),
        "monitors": Parameter(0, 0, MOST, "", "step", "mono mixes for musicians, at the outputs behind the first two"),
    },
    files={
        "room": Files("an impulse response in place of the room", SOUNDS, LARGEST),
        "reference": Files("a song that the mix is to be like", SOUNDS, LARGEST, many=True),
    },
    inputs=(1, 2 * STRIPS),
)
