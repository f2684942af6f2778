"""The desk with stems on it: set once for a whole song, or moving by itself."""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from offline.automix.stems import Stems
from rtengine.files.blocks import SIZE, Samples, excerpt, regrouped, silence
from rtengine.files.disk import written

if TYPE_CHECKING:
    from rtengine.dsp.console.features import Features
    from rtengine.dsp.console.moves import Move, Stem
    from rtengine.graph import Graph

Tell = Callable[[int, int], None]  # samples done, of how many

HEADROOM = -30.0  # dB of the bus, for the limiter to have nothing to do before the level is known
CEILING = -1.0  # dBTP
DRIVE = 6.0  # dB: so far at most are peaks pressed into the limiter


def desk(track: Stems, made: "Sequence[Move]", room: Path | None = None) -> "Graph":
    """The console, set; with an impulse response in place of its room if there is a file of one."""
    from rtengine.patches.console import console, impulse_response

    response = impulse_response(room, track.sample_rate) if room else None
    graph = console(track.sample_rate, len(track.names), response=response)
    for move in made:
        graph[move.address] = move.value
    graph["/bus/level"] = HEADROOM
    graph.settle()
    return graph


def stage(track: Stems, stems: "Sequence[Stem]", song: "Features | None", options: argparse.Namespace) -> "Graph":
    """The console with somebody at work, as live: the controller, or the rules alone."""
    from rtengine.blocks.console.automix import Automix
    from rtengine.models.console.layout import WISH
    from rtengine.models.console.model import SHIPPED, load
    from rtengine.models.console.wish import wish
    from rtengine.patches.console import assign, console, impulse_response

    wanted = tuple(wish(song).tolist()) if song else (0.0,) * WISH
    engineer = Automix(len(track.names), load(next(iter(options.controller), SHIPPED)), wanted)
    response = impulse_response(options.room, track.sample_rate) if options.room else None
    graph = console(track.sample_rate, len(track.names), True, engineer, response)
    assign(graph, [s.role for s in stems])
    graph["/automix/mind"] = float(not options.rules)
    graph.settle()
    return graph


def through(graph: "Graph", track: Stems) -> Iterator[Samples]:
    """The mix in blocks, in time."""
    return excerpt(map(graph.process, chain(track.rows(), silence(graph.inputs, graph.latency))), graph.latency, None)


def mixed(track: Stems, made: "list[Move]", crest: float) -> Samples:
    """The whole mix after these moves, (2, samples)."""
    return np.concatenate(list(still(desk(track, made), track, made, crest, lambda done, of: None)), axis=1)


def still(
    graph: "Graph", track: Stems, made: "list[Move]", crest: float, tell: Tell, output: Path | None = None
) -> Iterator[Samples]:
    """The mix of a desk on which nothing moves, in blocks, at its level; adds that move.

    Its peaks come to the ceiling, pressed as far as mixes' peaks are. The level is known at the end only: until
    then the mix lies in a file without a name beside `output`, whose disk may be full: OSError in a sentence.
    """
    from rtengine.dsp.console import onsets
    from rtengine.patches.master import master

    peaks, energies, samples = [], [], 0
    with ExitStack() as opened:
        if output:
            opened.enter_context(written(output))
        kept = opened.enter_context(tempfile.TemporaryFile(dir=output and output.absolute().parent))
        for y in regrouped(through(graph, track), SIZE):
            kept.write(y.tobytes())
            peaks.append(onsets.hop_peaks(y))
            energies.append(onsets.energies(y))
            samples += y.shape[1]
            tell(samples, track.samples)
        found = onsets.standing_out(np.concatenate(peaks), np.concatenate(energies), samples, 2)
        gain = level(float(np.concatenate(peaks).max()), found, crest, made)
        kept.seek(0)
        with master(track.sample_rate, 2, 0.0, CEILING) as last:
            louder = (x * np.float32(10 ** (gain / 20)) for x in _read(kept, samples))
            yield from excerpt(map(last.process, chain(louder, silence(2, last.latency))), last.latency, None)


def level(peak: float, found: float, crest: float, made: "list[Move]") -> float:
    """The gain in dB of a mix with this peak and this crest that is to have another one; adds the move."""
    from rtengine.dsp.console.moves import Move

    over = float(np.clip(found - crest, 0, DRIVE))
    gain = CEILING - 20 * float(np.log10(peak)) + over
    why = f"peaks stand out {over:.1f} dB more than those of mixes mostly do" if over else "peaks reach the ceiling"
    made.append(Move("/bus/level", HEADROOM + gain, why))
    return gain


def _read(kept: IO[bytes], samples: int) -> Iterator[Samples]:
    for n in range(0, samples, SIZE):
        size = min(SIZE, samples - n)
        yield np.frombuffer(kept.read(8 * size), np.float32).reshape(2, size)


def playing(graph: "Graph", track: Stems, made: "list[Move]", tell: Tell) -> Iterator[Samples]:
    """The mix of a desk that learns while it plays, in blocks; what it moves is added to the moves."""
    watch, samples = Watch(graph, track), 0
    for y in through(graph, track):
        yield y
        samples += y.shape[1]
        made += watch.look(y.shape[1])
        tell(samples, track.samples)


EQ = {f"eq{b}": 1.0 for b in range(1, 7)}
WORTH = EQ | {"fader": 0.5, "makeup": 0.5, "threshold": 1.0, "pan": 0.05, "width": 1.0}  # a move, where it is so much
REASONS = {
    "fader": "{name} has {lufs:.1f} LUFS so far",
    "makeup": "{name} has {lufs:.1f} LUFS so far, and the fader is at its end",
    **dict.fromkeys(EQ, "{name} does not have there what it should, by ear"),
    "threshold": "the loud beats of {name} stand out more than those of its role",
    "pan": "{name} is a single microphone, and makes room",
    "width": "the sides of all together, beside those of other mixes",
}


class Watch:
    """Whoever stands beside the desk and notes what moves by itself."""

    def __init__(self, graph: "Graph", track: Stems) -> None:
        self._graph, self._track, self._time = graph, track, 0
        self._last = {target: graph.parameters[target].default for target in graph.wires}

    def look(self, samples: int) -> "list[Move]":
        """The moves since the last look, after so many samples more."""
        from rtengine.dsp.console.moves import Move

        self._time += samples
        found = []
        for target, source in self._graph.wires.items():
            _, _, kind, index = source.split("/")
            value = self._graph.reading(f"/automix/{kind}")[int(index)]
            if abs(value - self._last[target]) >= WORTH[kind]:
                self._last[target] = value
                strip = int(index) if kind != "width" else 0
                lufs = self._graph.reading("/automix/loudness")[strip]
                reason = REASONS[kind].format(name=self._track.names[strip], lufs=lufs)
                found.append(Move(target, value, f"at {self._time / self._track.sample_rate:.1f} s: {reason}"))
        return found
