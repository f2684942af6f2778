"""All pieces on a plane, so that those that are neighbours among all stay neighbours there.

Each piece is joined to its nearest by springs, the stronger the nearer it is as that piece's neighbourhood goes; those
drawn at random push each other away. It begins with the two directions in which the vectors differ most, so that what
is far apart stays so, and all chance is seeded: one library has one map.

Sources: L. McInnes, J. Healy, J. Melville, "UMAP: uniform manifold approximation and projection", 2018, section 3 (the
weights, and drawing instead of summing); J. Tang et al., "Visualizing large-scale and high-dimensional data", WWW 2016
(LargeVis: the curve 1 / (1 + a d^2), which needs no power); D. Kobak, G. Linderman, "Initialization is critical for
preserving global data structure in both t-SNE and UMAP", 2021 (how to begin).
"""

import numpy as np
from numpy.typing import NDArray

from rtengine.library.neighbours import Floats, Places, neighbours
from rtengine.native.kernel import kernel

NEAREST = 10  # neighbours of a piece
ROUNDS = 300  # over all springs
A = 1.6  # of the curve: pieces 1 / sqrt(A) apart are half joined
PUSHES = 5  # pieces drawn for each spring that pulls
FARTHEST = 4.0  # a step at most, in each direction
EXTENT = 10.0  # of the beginning, from its middle

Points = NDArray[np.float32]


def principal(unit: Floats) -> Points:
    """(n, 2) of vectors (n, width): along the two directions in which they differ most (K. Pearson, 1901)."""
    if len(unit) < 2:
        return np.zeros((len(unit), 2), np.float32)
    x = unit - unit.mean(axis=0)
    _, axes = np.linalg.eigh(x.T @ x)
    y = x @ axes[:, :-3:-1]
    y *= np.sign(y[np.abs(y).argmax(axis=0), [0, 1]])  # an axis has no direction of its own
    return np.asarray(y / max(np.abs(y).max(), 1e-9) * EXTENT, np.float32)


def layout(unit: Floats, begin: Points | None = None, rounds: int = ROUNDS, seed: int = 1) -> Points:
    """(n, 2) of vectors (n, width) of length 1.  begin: where they are now, if they are somewhere."""
    at = np.array(principal(unit) if begin is None else begin, np.float32)
    count = min(NEAREST, len(unit) - 1)
    if count < 2:
        return at
    at += np.random.default_rng(seed).normal(0, 1e-3, at.shape).astype(np.float32)  # equal ones can part
    places, cosines = neighbours(unit, unit, count, themselves=True)
    weights = joined(places, strengths(np.maximum(1 - cosines, 0)))
    _settle(at, places, weights, np.zeros_like(weights), rounds, np.uint64(seed))
    return at


def strengths(distances: Floats) -> Floats:
    """How strongly a piece is joined to each neighbour, 0 to 1: exp(-(d - rho) / sigma), of sum log2(count)."""
    rho = np.where(distances > 0, distances, np.inf).min(axis=1, keepdims=True)
    rho[~np.isfinite(rho)] = 0
    beyond = np.maximum(distances - rho, 0)
    low, high = np.zeros_like(rho), np.full_like(rho, 2.0)
    for _ in range(32):
        sigma = (low + high) / 2
        more = np.exp(-beyond / np.maximum(sigma, 1e-9)).sum(axis=1, keepdims=True) > np.log2(distances.shape[1])
        low, high = np.where(more, low, sigma), np.where(more, sigma, high)
    return np.asarray(np.exp(-beyond / np.maximum(sigma, 1e-3 * distances.mean() + 1e-9)), np.float32)


def joined(places: Places, one_way: Floats) -> Floats:
    """The strength of each spring, where either end may know of it: a + b - a b; 0 for the second of two equal ones."""
    weights = np.zeros_like(one_way)
    _join(places, one_way, weights)
    return weights


@kernel
def _join(places, one_way, weights):
    for i in range(len(places)):
        for k in range(places.shape[1]):
            j = places[i, k]
            back = np.float32(0)
            mutual = False
            for m in range(places.shape[1]):
                if places[j, m] == i:
                    back = one_way[j, m]
                    mutual = True
            if not mutual or i < j:
                weights[i, k] = one_way[i, k] + back - one_way[i, k] * back


@kernel
def _settle(at, places, weights, due, rounds, seed):
    """Let the springs pull and all else push, in ever smaller steps; a spring of strength w, in w of the rounds."""
    n, count = weights.shape
    strongest = np.float32(0)
    for i in range(n):
        for k in range(count):
            strongest = max(strongest, weights[i, k])
    chance = seed * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)
    for turn in range(rounds):
        step = np.float32(1) - np.float32(turn) / np.float32(rounds)
        for i in range(n):
            for k in range(count):
                due[i, k] += weights[i, k] / strongest
                if due[i, k] < 1:
                    continue
                due[i, k] -= 1
                for end in range(2):
                    head = i if end == 0 else places[i, k]
                    tail = places[i, k] if end == 0 else i
                    _pull(at, head, tail, step)
                    for _ in range(PUSHES):
                        chance ^= chance << np.uint64(13)
                        chance ^= chance >> np.uint64(7)
                        chance ^= chance << np.uint64(17)
                        other = np.int64((chance >> np.uint64(32)) * np.uint64(n) >> np.uint64(32))
                        if other != head:
                            _push(at, head, other, step)


@kernel
def _pull(at, head, tail, step):
    a, far = np.float32(A), np.float32(FARTHEST)
    dx, dy = at[head, 0] - at[tail, 0], at[head, 1] - at[tail, 1]
    force = -2 * a / (1 + a * (dx * dx + dy * dy))
    mx = step * min(max(force * dx, -far), far)
    my = step * min(max(force * dy, -far), far)
    at[head, 0] += mx
    at[head, 1] += my
    at[tail, 0] -= mx
    at[tail, 1] -= my


@kernel
def _push(at, head, other, step):
    a, far = np.float32(A), np.float32(FARTHEST)
    dx, dy = at[head, 0] - at[other, 0], at[head, 1] - at[other, 1]
    square = dx * dx + dy * dy
    force = 2 / ((np.float32(1e-3) + square) * (1 + a * square))
    at[head, 0] += step * min(max(force * dx, -far), far)
    at[head, 1] += step * min(max(force * dy, -far), far)
