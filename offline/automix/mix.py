"""automix STEM...: set the desk for these stems, run them through it, and say what was done and why."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from offline.automix.desk import desk, playing, stage, still
from offline.automix.stems import THREADS, Files, Stems
from offline.compiling import compiling
from offline.progress import progress
from rtengine.files.disk import written
from rtengine.files.sink import Sink, beside, check_format, check_path

if TYPE_CHECKING:
    from rtengine.dsp.console.features import Features
    from rtengine.dsp.console.moves import Move, Stem
    from rtengine.dsp.console.settings import Settings

MOST_STEMS = 16  # stems, as rtengine.patches.console.STRIPS, which is too heavy to import before all is checked


def run(options: argparse.Namespace) -> None:
    """Mix as the options say; ValueError or OSError in one sentence if they ask for the impossible."""
    paths = [Path(p) for p in options.stems]
    if len(paths) > MOST_STEMS:
        raise ValueError(f"{len(paths)} stems are more than the desk's {MOST_STEMS} strips: sum some of them first")
    output = options.output or Path("mix.wav")
    check(paths, output, options)
    track = Files(paths)
    check_format(output.suffix, track.sample_rate, options.bit_depth)
    references, roles = read_references(options.references), given_roles(options.roles, len(paths))
    began = time.monotonic()
    song = song_like(options.reference)
    with compiling(say), progress("listening", options.progress) as tell:
        stems = look(track, roles, references, tell)
    for word in track.words():
        say(word)
    for stem in (s for s in stems if np.isfinite(s.features.loudness)):
        say(f"{stem.name} counts as {stem.role}, {stem.features.loudness:.1f} LUFS")
    with compiling(say):
        said = None if options.live or options.rules else hear(track, stems, song, next(iter(options.controller), None))
        made = [] if options.live else decide(stems, references, song, said)
        graph = stage(track, stems, song, options) if options.live else desk(track, made, options.room)
    with beside(output, options.force) as whole, progress(output.name, options.progress) as tell:
        with Sink(whole, output.suffix, track.sample_rate, 2, options.bit_depth, name=output) as sink:
            crest = standing_out(song, references, said)
            for y in (
                playing(graph, track, made, tell) if options.live else still(graph, track, made, crest, tell, output)
            ):
                sink.write(y)
        if options.moves:
            with beside(options.moves, options.force) as listed, written(options.moves):
                listed.write_text(json.dumps([as_json(m) for m in made], indent=1) + "\n")
    took, seconds = time.monotonic() - began, track.samples / track.sample_rate
    print(f"{output}: {len(made)} moves, {seconds:.1f} s in {took:.1f} s, {seconds / took:.0f} times real time")


def check(paths: Sequence[Path], output: Path, options: argparse.Namespace) -> None:
    """Refuse what can be refused before anything is read."""
    check_format(output.suffix, None, options.bit_depth)
    if options.live and options.reference and options.rules:
        raise ValueError("--live --rules --reference: the rules of a desk that plays know no reference")
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


def look(
    track: Stems,
    roles: Sequence[str | None],
    references: "dict[str, Features]",
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> "list[Stem]":
    """Listen to the stems once, and guess the roles that are not given: by name, or else by sound."""
    from rtengine.dsp.console import features
    from rtengine.dsp.console.moves import Stem
    from rtengine.dsp.console.roles import by_name, by_sound
    from rtengine.models.console import still

    samples, done, lock = track.samples, 0, Lock()

    def one(i: int) -> Stem:
        nonlocal done
        name, measured, ear = (
            track.names[i],
            features.Listener(track.sample_rate),
            still.Listener(samples, track.sample_rate),
        )
        total = 0.0
        for x in track.read(i):
            total += float(x.mean(dtype=np.float64)) * x.shape[1] if x.size else 0.0
            measured.add(x)
            ear.add(x)
            with lock:
                done += x.shape[1]
                tell(min(done, samples * len(roles)), samples * len(roles))
        own, peaks, loud = measured.heard()
        named = by_name(name)
        role = roles[i] or (named if named in features.ROLES else None) or by_sound(own, references)
        return Stem(name, role, own, peaks, loud, ear.heard(), total / max(measured.samples, 1))

    with ThreadPoolExecutor(THREADS) as threads:
        return without_bleed(list(threads.map(one, range(len(track.names)))))


def without_bleed(stems: "list[Stem]") -> "list[Stem]":
    """The same, but for their loudness: that of what comes in from the neighbours does not count."""
    from rtengine.dsp.console.bleed import excess
    from rtengine.dsp.console.equaliser import weighting
    from rtengine.models.console import ear

    found = excess(np.stack([s.heard[0] for s in stems], axis=1), weighting()[ear.FIRST : ear.LAST])
    return [
        replace(s, features=replace(s.features, loudness=s.features.loudness - float(d)))
        for s, d in zip(stems, found, strict=True)
    ]


def song_like(paths: Sequence[Path]) -> "Features | None":
    """The features of the songs that the mix is to be like, as a mean; None if there are none."""
    from rtengine.dsp.console import features

    found = []
    for path in paths:
        song = Files([path])
        found.append(features.heard(song.read(0), song.sample_rate))
        if not np.isfinite(found[-1].loudness):
            raise ValueError(f"{path.name} is silent, or shorter than 0.4 s: no mix can be like it")
    return features.mean(found) if found else None


def hear(
    track: Stems, stems: "Sequence[Stem]", song: "Features | None" = None, controller: Path | None = None
) -> "Settings":
    """What the controller says of the stems, if they are to sound like a song, or like mixes on average."""
    from rtengine.models.console.model import SHIPPED
    from rtengine.models.console.model import load as load_model
    from rtengine.models.console.still import settings
    from rtengine.models.console.wish import wish

    asked = wish(song) if song else None
    heard = [s.heard for s in stems]
    return settings(load_model(controller or SHIPPED), heard, track.sample_rate, [s.role for s in stems], asked)


def standing_out(song: "Features | None", references: "dict[str, Features]", said: "Settings | None") -> float:
    """How far the mix's peaks may stand out, dB: as in a song that is named, by rules as in mixes on average.

    The controller sets strips by their peaks; to press the sum after that was no gain on any song held out.
    """
    return song.crest if song else references["mix"].crest if said is None else float("inf")


def decide(
    stems: "Sequence[Stem]",
    references: "dict[str, Features]",
    song: "Features | None" = None,
    said: "Settings | None" = None,
) -> "list[Move]":
    """The moves, but for the level of the whole: by the controller where it has said something, else by the rules."""
    from rtengine.dsp.console.moves import moves

    return moves(stems, references, song, said)


def as_json(move: "Move") -> dict[str, object]:
    """One move, as the file has it."""
    return {"address": move.address, "value": round(move.value, 3), "reason": move.reason}


def say(sentence: str) -> None:
    """Tell what the user should know, beside the result."""
    print(f"offline automix: {sentence}", file=sys.stderr)
