"""automix STEM...: set the desk for these stems, run them through it, and say what was done and why."""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from offline.automix.stems import THREADS, Multitrack, Samples, load
from offline.progress import patience, progress
from offline.stopping import at_once
from rtengine.files.blocks import SIZE, excerpt, silence
from rtengine.files.sink import Sink, beside, check_format, check_path

if TYPE_CHECKING:
    from rtengine.dsp.console.features import Features
    from rtengine.dsp.console.moves import Move, Stem
    from rtengine.graph import Graph

MOST = 16  # stems, as rtengine.patches.console.STRIPS, which is too heavy to import before all is checked


def run(options: argparse.Namespace) -> None:
    """Mix as the options say; ValueError or OSError in one sentence if they ask for the impossible."""
    paths = [Path(p) for p in options.stems]
    if len(paths) > MOST:
        raise ValueError(f"{len(paths)} stems are more than the desk's {MOST} strips: sum some of them first")
    output = options.output or Path("mix.wav")
    check(paths, output, options)
    track = load(paths)
    check_format(output.suffix, track.sample_rate, options.bit_depth)
    for word in track.words:
        say(word)
    references = read_references(options.references)
    began = time.monotonic()
    stems = look(track, given_roles(options.roles, len(paths)), references)
    for stem in stems:
        say(f"{stem.name} counts as {stem.role}, {stem.features.loudness:.1f} LUFS")
    made = [] if options.live else decide(stems, references)
    with at_once(), patience("compiling for this processor, once ..."):
        graph = stage(track, stems) if options.live else desk(track, made)
    write(graph, track, output, made, options)
    took, seconds = time.monotonic() - began, track.samples / track.sample_rate
    print(f"{output}: {len(made)} moves, {seconds:.1f} s in {took:.1f} s, {seconds / took:.0f} times real time")


def check(paths: Sequence[Path], output: Path, options: argparse.Namespace) -> None:
    """Refuse what can be refused before anything is read."""
    check_format(output.suffix, None, options.bit_depth)
    for path in filter(None, (output, options.moves)):
        check_path(path, options.force)
        if any(p.exists() and path.resolve() == p.resolve() for p in paths):
            raise ValueError(f"{path} cannot be stem and output at once")
    if options.moves and options.moves.suffix.lower() != ".json":
        raise ValueError(f"{options.moves} does not end in .json")


def given_roles(roles: Sequence[str] | None, count: int) -> list[str | None]:
    """The roles as given, one for each stem; "?" is to be guessed."""
    from rtengine.dsp.console.features import ROLES

    if roles is None:
        return [None] * count
    if len(roles) != count:
        raise ValueError(f"--roles names {len(roles)} roles, and there are {count} stems")
    for role in roles:
        if role not in (*ROLES, "?"):
            raise ValueError(f"{role} is no role: {', '.join(ROLES)}, or ? for one that is to be guessed")
    return [None if role == "?" else role for role in roles]


def read_references(path: Path | None) -> "dict[str, Features]":
    """References of all roles: the shipped ones, and in their place those of a file."""
    from rtengine.dsp.console import features

    return features.read() | (features.read(path) if path else {})


def look(track: Multitrack, roles: Sequence[str | None], references: "dict[str, Features]") -> "list[Stem]":
    """Measure the stems, and guess the roles that are not given: by name, or else by sound."""
    from rtengine.dsp.console import features, onsets
    from rtengine.dsp.console.moves import Stem
    from rtengine.dsp.console.roles import by_name, by_sound

    def one(i: int) -> Stem:
        x, name = track.stems[i], track.names[i]
        own = features.measure(x, track.sample_rate)
        named = by_name(name)
        role = roles[i] or (named if named in features.ROLES else None) or by_sound(own, references)
        peaks = 20 * np.log10(np.maximum(onsets.hop_peaks(x).astype(np.float64), 1e-9))
        return Stem(name, role, own, peaks, onsets.loud_onsets(onsets.onset_levels(x)))

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(one, range(len(track.stems))))


def decide(stems: "Sequence[Stem]", references: "dict[str, Features]") -> "list[Move]":
    """The moves of Layer 0."""
    from rtengine.dsp.console.moves import moves

    return moves(stems, references)


def desk(track: Multitrack, made: "Sequence[Move]") -> "Graph":
    """The console, set."""
    from rtengine.patches.console import console

    graph = console(track.sample_rate, len(track.stems))
    for move in made:
        graph[move.address] = move.value
    graph.settle()
    return graph


def stage(track: Multitrack, stems: "Sequence[Stem]") -> "Graph":
    """The console with Layer 0 at work, as live."""
    from rtengine.patches.console import assign, console

    graph = console(track.sample_rate, len(track.stems), automatic=True)
    assign(graph, [s.role for s in stems])
    graph.settle()
    return graph


def through(graph: "Graph", track: Multitrack) -> Iterator[Samples]:
    """The mix in blocks, in time."""
    rows = (np.concatenate([s[:, n : n + SIZE] for s in track.stems], axis=0) for n in range(0, track.samples, SIZE))
    return excerpt(map(graph.process, chain(rows, silence(graph.inputs, graph.latency))), graph.latency, None)


def mixed(graph: "Graph", track: Multitrack) -> Samples:
    """The whole mix, (2, samples)."""
    return np.concatenate(list(through(graph, track)), axis=1)


def write(graph: "Graph", track: Multitrack, output: Path, made: "list[Move]", options: argparse.Namespace) -> None:
    """Write the mix, and the moves if asked for."""
    with beside(output, options.force) as whole:
        with (
            Sink(whole, output.suffix, track.sample_rate, 2, track.samples, options.bit_depth) as sink,
            progress(output.name, track.samples, options.progress) as done,
        ):
            watch = Watch(graph, track)
            for y in through(graph, track):
                sink.write(y)
                done(y.shape[1])
                made += watch.look(y.shape[1])
        if options.moves:
            with beside(options.moves, options.force) as listed:
                listed.write_text(json.dumps([as_json(m) for m in made], indent=1) + "\n")


WORTH = {"fader": 0.5, "makeup": 0.5, "threshold": 1.0, "pan": 0.05, "width": 1.0}  # a move, where it is so much
REASONS = {
    "fader": "{name} has {lufs:.1f} LUFS so far",
    "makeup": "{name} has {lufs:.1f} LUFS so far, and the fader is at its end",
    "threshold": "the loud beats of {name} stand out more than those of its role",
    "pan": "{name} is a single microphone, and makes room",
    "width": "the sides of all together, beside those of other mixes",
}


class Watch:
    """Whoever stands beside the desk and notes what moves by itself."""

    def __init__(self, graph: "Graph", track: Multitrack) -> None:
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


def as_json(move: "Move") -> dict[str, object]:
    """One move, as the file has it."""
    return {"address": move.address, "value": round(move.value, 3), "reason": move.reason}


def say(sentence: str) -> None:
    """Tell what the user should know, beside the result."""
    print(f"offline automix: {sentence}", file=sys.stderr)
