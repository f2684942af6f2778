"""The score: harmonic mean of content kept and texture gained, after the gate; and what belongs to it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch
from numpy.typing import NDArray

from benchmarks.textures import listener
from benchmarks.textures.explained import explained
from benchmarks.textures.gate import gate
from rtengine.models.exemplars import exemplar
from rtengine.models.exemplars.music import music
from rtengine.models.texture.bands import SAMPLE_RATE
from rtengine.models.texture.training import judge
from rtengine.models.texture.training.songs import HELD_OUT_SONGS, levelled, songs

Samples = NDArray[np.float32]
Array = NDArray[np.float64]
SECONDS = 10
FAMILIES = {"envelopes": judge.envelopes, "rate-scale": judge.rate_scale}  # the second is in no loss
SLOWLY = 1.5  # seconds that a filter of the song stands, where it may change
GIVEN, JUDGED = 6, (7, 8, 9)  # seeds: of the take that peers may use, of those that are judged by


@dataclass(frozen=True, eq=False)
class Target:
    """A texture: a take of it, (samples,), and where that and other takes of it lie in each family."""

    name: str
    sound: Samples
    features: dict[str, Array]
    given: dict[str, Array]  # where this take lies itself
    heard: Array  # where the listener has them


def shipped(names: tuple[str, ...]) -> list[Target]:
    """Textures of the model, by their exemplars: of seeds that training never saw."""
    return [_target(n, exemplar(n, SECONDS, seed=GIVEN), [exemplar(n, SECONDS, seed=s) for s in JUDGED]) for n in names]


def recorded(folder: Path, names: tuple[str, ...] = ()) -> list[Target]:
    """Recordings that nobody trained on: the first half is given, the second judged by. All in the folder, or these."""
    found = []
    for path in sorted(folder.glob("*.flac")):
        if not names or path.stem in names:
            x, rate = soundfile.read(path, dtype="float32", always_2d=True)
            x = np.asarray(soxr.resample(x.mean(1), rate, SAMPLE_RATE), np.float32)
            half = len(x) // 2
            found.append(_target(path.stem.replace("_", "-"), x[:half], [x[half:]]))
    return found


def _target(name: str, sound: Samples, takes: list[Samples]) -> Target:
    features = {k: np.mean([f(x) for x in takes], 0) for k, f in FAMILIES.items()}
    given = {k: f(sound) for k, f in FAMILIES.items()}
    return Target(name, sound, features, given, np.mean([listener.embedding(x) for x in takes], 0))


def clips(folder: Path, most: int = 100) -> dict[str, Samples]:
    """Ten seconds from the middle of each song held out of training, levelled; the project's own if there is none."""
    try:
        whole = songs(folder, SECONDS * SAMPLE_RATE // 2, only=HELD_OUT_SONGS)
    except OSError:
        whole = {"own piece": music(SAMPLE_RATE).mean(0)}
    found = {}
    for name, x in list(whole.items())[:most]:
        start = max(0, (len(x) - SECONDS * SAMPLE_RATE) // 2)
        found[name] = level(x[start : start + SECONDS * SAMPLE_RATE])
    return found


def level(x: Samples) -> Samples:
    """Bring (samples,) to the judge's level."""
    return np.asarray(levelled(torch.as_tensor(np.ascontiguousarray(x)[None]))[0].numpy(), np.float32)


def score(song: Samples, y: Samples, target: Target, targets: list[Target]) -> dict[str, float]:
    """Judge one output, levelled as the song is.

    Each family's figure is how much of the way from the song to the texture has been gone, 0 to 1; "gained" is their
    mean. "minus": gained less the same towards the other targets. "named": whether the right one has gained most, in
    the family that is in no loss. "near": whether it is also the nearest, which favours textures that are like songs.
    "way" and "heard": gained and named, as the listener hears it. "filter" and "filters": the share that a fixed filter
    of the song explains, and one that changes each SLOWLY. "reach": what the given take itself has gained, against its
    other takes; where that is little, no two takes are alike, and nothing can be gained.
    """
    kept = judge.content_kept(song, y)
    towards = {k: _gained(f, song, y, targets, k) for k, f in FAMILIES.items()}
    right = targets.index(target)
    gains = np.mean([gained for gained, _ in towards.values()], 0)
    content, gained = max(0.0, float(np.mean(list(kept.values())))), max(0.0, float(gains[right]))
    passed = gate(song, y, target.sound)
    others = np.delete(gains, right)
    independent, distances = towards["rate-scale"]
    ways, _ = _nearer([t.heard for t in targets], listener.embedding(song), listener.embedding(y))
    return {
        "score": passed * 2 * content * gained / (content + gained + 1e-9),
        "content": content,
        "texture": gained,
        "reach": float(np.mean([_reach(f, song, target, k) for k, f in FAMILIES.items()])),
        "minus": float(gains[right] - others.mean()) if len(others) else 0.0,
        "named": float(independent.argmax() == right),
        "near": float(distances.argmin() == right),
        "gate": passed,
        "way": float(ways[right]),
        "heard": float(ways.argmax() == right),
        "filter": explained(song, y),
        "filters": explained(song, y, SLOWLY),
        **kept,
        **{k: float(g[right]) for k, (g, _) in towards.items()},
    }


def _gained(family: object, song: Samples, y: Samples, targets: list[Target], name: str) -> tuple[Array, Array]:
    """Share of the way gone to each target, and the distances that are left."""
    before, after = family(song), family(y)  # type: ignore[operator]  # one of FAMILIES
    return _nearer([t.features[name] for t in targets], before, after)


def _reach(family: object, song: Samples, target: Target, name: str) -> float:
    return float(_nearer([target.features[name]], family(song), target.given[name])[0][0])  # type: ignore[operator]  # as above


def _nearer(places: list[Array], before: Array, after: Array) -> tuple[Array, Array]:
    far = np.array([[np.linalg.norm(f - place) for place in places] for f in (before, after)])
    return 1 - far[1] / far[0], far[1]
