"""Run all systems over all held-out songs and textures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.textures.defects import defects, true_peak
from benchmarks.textures.score import Target, level, score

Samples = NDArray[np.float32]
Songs = Mapping[str, Samples]
System = Callable[[Samples, Samples], Samples]  # song and sound, (samples,), to (samples,)


@dataclass(frozen=True)
class Result:
    """One output's figures."""

    system: str
    texture: str
    song: str
    figures: dict[str, float]


def measure(name: str, system: Callable[[str], System], songs: Songs, targets: list[Target]) -> list[Result]:
    """All songs with all textures; system: from the name of a texture."""
    found = []
    for target in targets:
        play = system(target.name)
        for title, song in songs.items():
            y = play(song, target.sound)
            figures = score(song, level(y), target, targets) | defects(song, y, target.sound)
            found.append(Result(name, target.name, title, figures))
    return found


def hot_peaks(system: Callable[[str], System], song: Samples, targets: list[Target]) -> dict[str, float]:
    """True peaks, dBTP, of a song as loud as a file can be, by texture."""
    loud = song / np.abs(song).max()
    return {t.name: true_peak(system(t.name)(loud, t.sound)) for t in targets}


def means(results: list[Result]) -> dict[str, float]:
    """Mean of each figure, and the lowest scores: of one song with one texture, and of a texture with all songs."""
    figures = {k: float(np.mean([r.figures[k] for r in results])) for k in results[0].figures}
    textures = {r.texture for r in results}
    scores = [np.mean([r.figures["score"] for r in results if r.texture == t]) for t in textures]
    worst = min(r.figures["score"] for r in results)
    return figures | {"worst song": worst, "worst texture": float(min(scores))}
