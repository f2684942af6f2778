"""Is a blend between its ends? The texture measure along every pair of five textures."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from benchmarks.textures.host import Host
from benchmarks.textures.score import FAMILIES, Target, level

Samples = NDArray[np.float32]
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)
TEXTURES = 5
SLACK = 0.03  # of the way between the ends: what another piece of noise would change


@dataclass(frozen=True)
class Path:
    """One pair: at each step of STEPS, how far from the first texture to the second, 0 to 1 at the ends."""

    names: tuple[str, str]
    places: tuple[float, ...]

    @property
    def back(self) -> float:
        """The farthest step back on the way."""
        return float(max(0.0, -np.diff(self.places).min()))

    @property
    def monotone(self) -> bool:
        return self.back <= SLACK


def paths(host: Host, songs: list[Samples], targets: list[Target]) -> list[Path]:
    """Every pair of the first five textures, over all songs."""
    found = []
    whole: dict[str, list[Samples]] = {t.name: [host(x, {t.name: 1.0}) for x in songs] for t in targets[:TEXTURES]}
    for a, b in combinations(targets[:TEXTURES], 2):
        between = [[host(x, {a.name: 1 - w, b.name: w}) for x in songs] for w in STEPS[1:-1]]
        found.append(_path(a, b, [whole[a.name], *between, whole[b.name]]))
    return found


def _path(a: Target, b: Target, outputs: list[list[Samples]]) -> Path:
    """By the ratio of the distances to both, mean over families and songs, scaled to 0 and 1 at the ends."""
    places = np.array([np.mean([_between(level(y), a, b) for y in ys]) for ys in outputs])
    span = places[-1] - places[0]
    scaled = (places - places[0]) / (span if abs(span) > 1e-6 else 1e-6)
    return Path((a.name, b.name), tuple(scaled.tolist()))


def _between(y: Samples, a: Target, b: Target) -> float:
    shares = []
    for name, family in FAMILIES.items():
        found = family(y)
        near, far = (np.linalg.norm(found - t.features[name]) for t in (a, b))
        shares.append(near / (near + far))
    return float(np.mean(shares))
