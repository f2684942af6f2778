"""A genre of what a network's tags say: linear discriminants on the mean logit of each tag, and when to doubt them.

With the means m_g of the genres, their common covariance S and the share p_g of the genre g among the clips:

    score_g(x) = x' S^-1 m_g - m_g' S^-1 m_g / 2 + log p_g,   P(g | x) = softmax(score / temperature)

S is shrunk towards its diagonal as Ledoit and Wolf say, for there are hardly more clips than numbers in it. Temperature
and threshold come from cross-validation in which no artist is on both sides: the temperature makes the probability of
clips not trained on most likely, and above the threshold 95 of 100 of them are right. A genre is claimed above it only.

This holds for music like that trained on. For other music the network's tags carry on, and a head does not know that
it guesses: a genre for which the network has no tag of its own is found by what is absent, and so is everything else
that has none. `certain` says which genres may be claimed at all.
Source: O. Ledoit, M. Wolf, "Honey, I shrunk the sample covariance matrix", 2004; C. Guo, G. Pleiss, Y. Sun, K. Q.
Weinberger, "On calibration of modern neural networks", ICML 2017, section 4.2 (the temperature).
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHIPPED = Path(__file__).with_name("genre.npz")
CONTRACT = "genre 1"
UNSURE = "unsure"
CLIP = 1e-6  # of tags, before their logit is taken
GOAL = 0.95  # of the claims that should be right
FOLDS = 10
TEMPERATURES = np.geomspace(0.5, 32, 85)
NEVER = 2.0  # a threshold that no probability reaches

Rows = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Head:
    """The genres, weights (G, D) and bias (G,) of their scores; the digest of the model whose tags it takes.

    center: the mean logit of each tag in the clips trained on, from which vectors are taken to compare music.
    """

    genres: tuple[str, ...]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    temperature: float
    threshold: float
    certain: NDArray[np.bool_]
    center: Rows
    model: str

    def probabilities(self, features: Rows) -> NDArray[np.float64]:
        """P (n, G) of features (n, D)."""
        return softmax(self.scores(features) / self.temperature)

    def scores(self, features: Rows) -> NDArray[np.float64]:
        return np.asarray(features, np.float64) @ self.weights.T + self.bias

    def course(self, taggram: Rows, windows: int) -> NDArray[np.float64]:
        """P (parts, G) of each part of so many windows; a rest of less than half joins the part before it."""
        parts = max(round(len(taggram) / windows), 1)
        edges = [*range(0, parts * windows, windows), len(taggram)]
        return self.probabilities(np.array([mean_logit(taggram[a:b]) for a, b in pairwise(edges)]))

    def verdict(self, p: NDArray[np.float64]) -> str:
        """The genre to show for probabilities (G,), or "unsure"."""
        best = int(p.argmax())
        return self.genres[best] if p[best] >= self.threshold and self.certain[best] else UNSURE


def mean_logit(taggram: Rows) -> Rows:
    """What the head is given of a piece of music: (D,) of its taggram (windows, D)."""
    t = np.clip(taggram.astype(np.float64), CLIP, 1 - CLIP)
    return np.log(t / (1 - t)).mean(axis=0).astype(np.float32)


def softmax(x: NDArray[np.float64]) -> NDArray[np.float64]:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def train(features: Rows, labels: Sequence[str], groups: Sequence[str], model: str) -> Head:
    """Fit, and calibrate by cross-validation over the groups (artists).

    features: (n, D).  labels: n genres, at least 2 of them with at least 2 clips each; ValueError if not.
    """
    genres = sorted(set(labels))
    y = np.searchsorted(genres, labels)
    counts = np.bincount(y)
    if len(genres) < 2 or counts.min() < 2:
        few = ", ".join(f"{g}: {n}" for g, n in zip(genres, counts, strict=True))
        raise ValueError(f"to learn genres, at least 2 of them with 2 pieces each are needed, not {few or 'none'}")
    whole = fit(features, y, tuple(genres), model)
    parts = folds(groups, min(FOLDS, len(set(groups))))
    scores = np.full((len(y), len(genres)), np.nan)
    for part in range(parts.max() + 1):
        inside = parts != part
        if len(set(y[inside])) == len(genres):
            scores[~inside] = fit(features[inside], y[inside], tuple(genres), model).scores(features[~inside])
    judged = np.isfinite(scores[:, 0])
    if not judged.any():
        return replace(whole, threshold=NEVER)  # one artist a genre: nothing is known about others
    return calibrated(whole, scores[judged], y[judged])


def calibrated(head: Head, scores: NDArray[np.float64], y: NDArray[np.int64]) -> Head:
    """The head with temperature and threshold for scores (n, G) of clips it was not trained on, of the genres y."""
    rows = np.arange(len(y))
    loss = [-np.log(softmax(scores / t)[rows, y] + 1e-12).mean() for t in TEMPERATURES]
    temperature = float(TEMPERATURES[int(np.argmin(loss))])
    p = softmax(scores / temperature)
    order = np.argsort(-p.max(axis=1))
    right = (p.argmax(axis=1) == y)[order]
    enough = np.flatnonzero(np.cumsum(right) / (1 + rows) >= GOAL)
    threshold = float(p.max(axis=1)[order][enough[-1]]) if len(enough) else NEVER
    return replace(head, temperature=temperature, threshold=threshold)


def folds(groups: Sequence[str], count: int) -> NDArray[np.int64]:
    """The fold of each clip, 0 to count - 1: whole groups, the largest first, each to the fold that has least."""
    names, which, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    load, of = np.zeros(max(count, 1), np.int64), np.zeros(len(names), np.int64)
    for group in np.argsort(-sizes, kind="stable"):
        of[group] = load.argmin()
        load[of[group]] += sizes[group]
    return of[which]


def fit(features: Rows, y: NDArray[np.int64], genres: tuple[str, ...], model: str) -> Head:
    """The discriminants of features (n, D) with genres y (n,), not calibrated."""
    x = np.asarray(features, np.float64)
    means = np.array([x[y == g].mean(axis=0) for g in range(len(genres))])
    inverse = np.linalg.inv(_shrunk(x - means[y]))
    weights = means @ inverse
    bias = np.log(np.bincount(y) / len(y)) - (weights * means).sum(axis=1) / 2
    certain = np.ones(len(genres), bool)
    return Head(genres, weights, bias, 1.0, NEVER, certain, x.mean(axis=0).astype(np.float32), model)


def _shrunk(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The covariance of rows of mean 0, shrunk towards its diagonal by Ledoit's and Wolf's best share."""
    n, scale = len(x), np.maximum(x.std(axis=0), 1e-9)
    z = x / scale
    s = z.T @ z / n  # ones on the diagonal: the target is the identity
    distance = ((s - np.eye(len(s))) ** 2).sum()
    noise = ((z**2).T @ z**2 / n - s**2).sum() / n
    share = min(noise / distance, 1.0) if distance > 0 else 1.0
    return (s * (1 - share) + share * np.eye(len(s))) * np.outer(scale, scale)


def save(head: Head, file: Path) -> None:
    """Write a head to a file object or path that ends in .npz."""
    with file.open("wb") as out:
        arrays: dict[str, Any] = {k: np.asarray(v) for k, v in vars(head).items()}  # numpy's stub knows no other names
        np.savez_compressed(out, contract=CONTRACT, **arrays)


@cache
def load_head(file: Path = SHIPPED) -> Head:
    """Read a head; OSError or ValueError in one sentence if the file is none."""
    try:
        with np.load(file, allow_pickle=False) as z:
            found = dict(z)
    except (AttributeError, EOFError, TypeError, ValueError, zipfile.BadZipFile) as error:  # by what it holds instead
        raise ValueError(f"{file} is no genre head") from error
    if str(found.pop("contract", "")) != CONTRACT or found.keys() != Head.__dataclass_fields__.keys():
        raise ValueError(f"{file} is no genre head of contract {CONTRACT!r}")
    head = Head(
        tuple(map(str, found["genres"])), found["weights"], found["bias"], float(found["temperature"]),
        float(found["threshold"]), found["certain"], found["center"], str(found["model"]),
    )  # fmt: skip
    shape = len(head.genres), len(head.center)
    if head.weights.shape != shape or head.bias.shape != shape[:1] or head.certain.shape != shape[:1]:
        raise ValueError(f"{file} has weights {head.weights.shape} for {shape[0]} genres of {shape[1]} tags")
    return head
