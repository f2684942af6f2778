"""The ways to mix that are compared: from a plain sum to a desk that knows the answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from offline.automix.mix import decide, desk, look, mixed
from offline.automix.stems import Multitrack, Samples
from rtengine.dsp import loudness
from rtengine.dsp.console import bands, normalise
from rtengine.dsp.console.features import Features, measure
from rtengine.dsp.console.moves import Move, change, fit

HEADROOM = 3.0  # dB that the oracle leaves to the limiter, which would be one move too many

System = Callable[[Multitrack, "Problem"], Samples]


@dataclass(frozen=True)
class Problem:
    """What the systems may know of a song: roles and references; and what only the oracle may: the answer."""

    roles: list[str]
    references: dict[str, Features]
    clean: Multitrack
    human: Samples


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
    return mixed(desk(track, decide(stems, problem.references)), track)


def oracle(track: Multitrack, problem: Problem) -> Samples:
    """The desk, set by someone who has heard each stem before it was spoilt, and the human mix."""
    rate, stems, found = track.sample_rate, look(track, problem.roles, problem.references), []
    for i, (stem, x) in enumerate(zip(stems, problem.clean.stems, strict=True)):
        if not x.any() or not np.isfinite(stem.features.loudness):
            continue
        own = measure(x, rate)
        wanted = np.clip(np.array(own.spectrum) - np.array(stem.features.spectrum), -15, 15)
        moves = [Move(f"eq{b + 1}_gain", g, "oracle") for b, g in enumerate(fit(wanted, stem.features.spectrum))]
        gain = own.loudness - stem.features.loudness - change(stem, moves)
        found += [replace(m, address=f"/strip/{i + 1}/{m.address}") for m in moves]
        found.append(Move(f"/strip/{i + 1}/fader", float(np.clip(gain, -60, 10)), "oracle"))
    level = loudness.loudness(problem.human, rate) - 3
    found.append(
        Move("/bus/level", float(np.clip(level - loudness.loudness(plain(problem.clean, problem), rate), -60, 0)), "")
    )
    answer = bands.spectrum(problem.human, rate)
    for name, (first, last) in {"low": (0, 10), "middle": (10, 20), "high": (20, 28)}.items():
        mid, side = (np.sum(10 ** (s[first:last] / 10)) for s in (answer.mid, answer.side))
        found.append(Move(f"/spread/{name}", float(np.clip(10 * np.log10(side / mid + 1e-9), -60, 6)), "oracle"))
    return mixed(desk(track, found), track)


SYSTEMS: dict[str, System] = {
    "plain sum": plain,
    "equal loudness": equal,
    "normalised sum": normalised,
    "layer 0": layer_0,
    "oracle desk": oracle,
}
