"""The ways to mix that are compared: from a plain sum to a desk that knows the answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from offline.automix.desk import mixed
from offline.automix.mix import decide, hear, look, standing_out
from offline.automix.stems import Multitrack
from rtengine.dsp.console import normalise, onsets
from rtengine.dsp.console.equaliser import fit
from rtengine.dsp.console.features import MIX, Features, measure
from rtengine.dsp.console.moves import Move, change, sides
from rtengine.files.blocks import Samples
from rtengine.models.console.model import SHIPPED

LARGEST_TURN = 15.0  # dB, that the oracle turns a band


@dataclass(frozen=True)
class Problem:
    """What the systems may know of a song: roles and references; and what only the oracle may: the answer."""

    roles: list[str]
    references: dict[str, Features]
    clean: Multitrack
    human: Samples
    controller: Path = SHIPPED


System = Callable[[Multitrack, Problem], Samples]


def plain(track: Multitrack, problem: Problem) -> Samples:
    """The sum of the stems."""
    return np.sum(track.stems, axis=0, dtype=np.float32)


def equal(track: Multitrack, problem: Problem) -> Samples:
    """The sum of stems of one loudness."""
    stems = [normalise.to_loudness(x, track.sample_rate, -23.0) for x in track.stems]
    return np.sum(stems, axis=0, dtype=np.float32)


def normalised(track: Multitrack, problem: Problem) -> Samples:
    """The sum of effect-normalised stems."""
    rate, found = track.sample_rate, []
    for x, role in zip(track.stems, problem.roles, strict=True):
        own = measure(x, rate)
        found.append(normalise.normalised(x, rate, role, own, problem.references[role]) if x.any() else x)
    return np.sum(found, axis=0, dtype=np.float32)


def layer_0(track: Multitrack, problem: Problem) -> Samples:
    """The desk, set by the rules."""
    stems = look(track, problem.roles, problem.references)
    return mixed(track, decide(stems, problem.references), problem.references[MIX].crest)


def controller(track: Multitrack, problem: Problem) -> Samples:
    """The desk, set by the network."""
    stems = look(track, problem.roles, problem.references)
    said = hear(track, stems, None, problem.controller)
    crest = standing_out(None, problem.references, said)
    return mixed(track, decide(stems, problem.references, None, said), crest)


def reference_mode(track: Multitrack, problem: Problem) -> Samples:
    """The desk, set by the network towards the human mix itself, of which it hears spectrum, width and crest."""
    song = measure(problem.human, track.sample_rate)
    stems = look(track, problem.roles, problem.references)
    said = hear(track, stems, song, problem.controller)
    return mixed(track, decide(stems, problem.references, song, said), song.crest)


def oracle(track: Multitrack, problem: Problem) -> Samples:
    """The desk, set by someone who has heard each stem before it was spoilt, and the human mix."""
    rate, stems, found = track.sample_rate, look(track, problem.roles, problem.references), []
    for i, (stem, x) in enumerate(zip(stems, problem.clean.stems, strict=True)):
        if not x.any() or not np.isfinite(stem.features.loudness):
            continue
        own = measure(x, rate)
        wanted = np.clip(np.array(own.spectrum) - np.array(stem.features.spectrum), -LARGEST_TURN, LARGEST_TURN)
        moves = [
            Move(f"eq{b + 1}_gain", g, "oracle")
            for b, g in enumerate(fit(wanted, stem.features.spectrum, LARGEST_TURN))
        ]
        gain = own.loudness - stem.features.loudness - change(stem, moves)
        found += [replace(m, address=f"/strip/{i + 1}/{m.address}") for m in moves]
        found.append(Move(f"/strip/{i + 1}/fader", float(np.clip(gain, -60, 10)), "oracle"))
    for name, (_, _, level) in zip(("low", "middle", "high"), sides(measure(problem.human, rate)), strict=True):
        found.append(Move(f"/spread/{name}", float(np.clip(level, -60, 6)), "oracle"))
    return mixed(track, found, onsets.crest(problem.human))


SYSTEMS: dict[str, System] = {
    "plain sum": plain,
    "equal loudness": equal,
    "normalised sum": normalised,
    "layer 0": layer_0,
    "controller": controller,
    "reference mode": reference_mode,
    "oracle desk": oracle,
}
