"""automix evaluate FOLDER: how near each way to mix comes to the human mixes of a data set's songs."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from offline.automix.mix import say
from offline.automix.stems import Multitrack, files, folders, load
from offline.compiling import compiling
from offline.progress import progress
from rtengine.files.sink import beside, check_path

if TYPE_CHECKING:
    from offline.automix.systems import Problem
    from rtengine.dsp.console.features import Features

Scores = dict[str, list[dict[str, float]]]  # by system: of each song, by measure

DRAWS, CERTAIN = 2000, 95  # of the bootstrap; per cent of its interval
JUDGED = "spectral", "panning", "dynamic", "third_octaves"
BEFORE = "plain sum", "layer 0"  # what the others are compared with


def run(options: argparse.Namespace) -> None:
    """Mix all songs in all ways, and write how far each is from the human mix."""
    if len(options.stems) != 2:
        raise ValueError("evaluate takes one folder, which has a folder with stems and a mix for each song")
    root, output = Path(options.stems[1]), options.output or Path("evaluation.json")
    if output.suffix.lower() != ".json":
        raise ValueError(f"{output} does not end in .json")
    for path in filter(None, (output, options.picture)):
        check_path(path, options.force)
    songs = [s for s in folders(root) if human(s)]
    if not songs:
        raise ValueError(f"no song in {root} has a mix beside its stems: mix.wav, mixture, master or unity_sum")
    with compiling(say):
        from offline.automix.systems import SYSTEMS
        from rtengine.dsp.console.likeness import compare

    measured = {song: measure_all(song) for song in songs}
    scores: Scores = {name: [] for name in SYSTEMS}
    with progress("songs", options.progress) as tell:
        for i, song in enumerate(songs * options.times):
            track, problem = task(song, measured, None if options.clean else options.seed + i)
            problem = replace(problem, controller=stranger(song.name, options.controller))
            for name, system in SYSTEMS.items():
                scores[name].append(asdict(compare(system(track, problem), problem.human, track.sample_rate)))
                tell(i * len(SYSTEMS) + list(SYSTEMS).index(name) + 1, len(songs) * options.times * len(SYSTEMS))
    with beside(output, options.force) as whole:
        whole.write_text(
            json.dumps({"songs": [s.name for s in songs] * options.times, "scores": scores}, indent=1) + "\n"
        )
    if options.picture:
        from offline.automix.evaluate_picture import draw

        with beside(options.picture, options.force) as whole:
            draw(whole, scores)
    print("\n".join(table(scores, len(songs))))
    print(f"{len(songs)} songs, 0 is like the human mix; {output}: the same by song")


def stranger(song: str, controllers: list[Path]) -> Path:
    """The first of the networks that has not learnt from this song; with a word if all of them have."""
    from rtengine.models.console.model import SHIPPED
    from rtengine.models.console.model import load as load_model

    given = controllers or [SHIPPED]
    for path in given:
        if song not in load_model(path).training.get("songs", ()):
            return path
    say(f"{given[0].name} has learnt from {song}: what it makes of that is no proof")
    return given[0]


def human(song: Path) -> Path | None:
    """The file that holds a song's mix."""
    from rtengine.dsp.console.roles import by_name

    return next((p for p in files(song) if by_name(p.stem) == "mix"), None)


def parts(song: Path) -> list[Path]:
    """The files of a song's stems."""
    return [p for p in files(song) if p != human(song)]


def measure_all(song: Path) -> "dict[str, Features]":
    """The features of a song's stems by role, and of its mix."""
    from rtengine.dsp.console import features, roles

    track, mix = load(parts(song)), human(song)
    found: dict[str, features.Features] = {}
    for name, x in zip(track.names, track.stems, strict=True):
        role = roles.by_name(name)
        if role and x.any():
            found[role] = features.measure(x, track.sample_rate)
    if mix:
        whole = load([mix])
        found[features.MIX] = features.measure(whole.stems[0], whole.sample_rate)
    return found


def task(song: Path, measured: "dict[Path, dict[str, Features]]", seed: int | None) -> "tuple[Multitrack, Problem]":
    """The stems, degraded if there is a seed; the references are of the other songs: no one is judged by himself."""
    from offline.automix.degrade import degraded
    from offline.automix.systems import Problem
    from rtengine.dsp.console import features, roles

    mix = human(song)
    assert mix is not None
    clean = load(parts(song))
    whole = load([mix], clean.sample_rate).stems[0]
    length = min(clean.samples, whole.shape[1])
    clean.stems = [np.ascontiguousarray(x[:, :length]) for x in clean.stems]
    references = features.read()
    for role in (*features.ROLES, features.MIX):
        others = [m[role] for other, m in measured.items() if other != song and role in m]
        if len(others) > 1:
            references[role] = features.mean(others)
    known = [roles.by_name(name) or "other" for name in clean.names]
    stems = clean.stems if seed is None else degraded(clean.stems, clean.sample_rate, seed)
    track = Multitrack(clean.sample_rate, clean.names, stems)
    return track, Problem(known, references, clean, np.ascontiguousarray(whole[:, :length]))


def table(scores: Scores, count: int) -> Iterator[str]:
    """Means over `count` songs, and what is gained over the plain sum and the rules with its interval."""
    from rtengine.dsp.console.likeness import Likeness

    names = [f.name for f in fields(Likeness)]
    yield f"{'':16}" + "".join(f"{n:>14}" for n in names)
    for system, songs in scores.items():
        yield f"{system:16}" + "".join(f"{np.mean([s[n] for s in songs]):14.3f}" for n in names)
    for before in BEFORE:
        yield f"less than the {before}, with {CERTAIN} % of a bootstrap over songs:"
        for system, songs in scores.items():
            if system != before:
                told = [n for n in names if n in JUDGED]
                gains = [np.array([b[n] - s[n] for s, b in zip(songs, scores[before], strict=True)]) for n in told]
                shown = zip(told, gains, strict=True)
                yield f"{system:16}" + "".join(f"   {n} {interval(g.reshape(-1, count))}" for n, g in shown)


def interval(gains: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> str:
    """The mean of gains (times, songs) and its bounds: songs are drawn, each with all that was done to it."""
    random = np.random.default_rng(0)
    means = random.choice(gains.mean(axis=0), (DRAWS, gains.shape[1])).mean(axis=1)
    low, high = np.percentile(means, [(100 - CERTAIN) / 2, (100 + CERTAIN) / 2])
    return f"{gains.mean():+.3f} ({low:+.3f} to {high:+.3f})"
