"""How well music is told apart: accuracy with its interval, what is taken for what, and whose neighbours are alike."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from rtengine.models.listen import gtzan
from rtengine.models.listen.head import UNSURE, Head, Rows, fit, folds

SEEDS = 0, 1, 2
Z = 1.96  # standard deviations of a 95 % interval


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share, after E. B. Wilson, 1927; (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    p, middle = right / of, right / of + Z * Z / (2 * of)
    half = Z * sqrt(p * (1 - p) / of + Z * Z / (4 * of * of))
    return (middle - half) / (1 + Z * Z / of), (middle + half) / (1 + Z * Z / of)


def at_5(vectors: Rows, labels: Sequence[str], apart: Sequence[str]) -> float:
    """The share of the five nearest (cosine) that have one's label, among those that are not of one's group `apart`."""
    v = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    names, groups = np.asarray(labels), np.asarray(apart)
    similar = np.where(groups[:, None] == groups, -np.inf, v @ v.T)
    nearest = np.argsort(-similar, axis=1, kind="stable")[:, :5]
    return float((names[nearest] == names[:, None]).mean())


def judged(head: Head, features: Rows, labels: Sequence[str]) -> dict[str, object]:
    """What a head says of clips that it has not seen: accuracy, confusions, and what its claims are worth."""
    p = head.probabilities(features)
    best = p.argmax(axis=1)
    y = np.array([head.genres.index(label) for label in labels])
    right = best == y
    claims = np.array([head.verdict(row) != UNSURE for row in p])
    confusion = np.zeros((len(head.genres),) * 2, np.int64)
    np.add.at(confusion, (y, best), 1)
    return {
        "clips": len(y),
        "accuracy": _share(right),
        "sure": {"share": float(claims.mean()), "right": _share(right[claims])},
        "calibration_error": _calibration_error(p.max(axis=1), right),
        "genres": list(head.genres),
        "confusion": confusion.tolist(),
    }


def _share(right: NDArray[np.bool_]) -> dict[str, object]:
    low, high = wilson(int(right.sum()), len(right))
    return {"share": float(right.mean()) if len(right) else None, "interval": [low, high], "of": len(right)}


def _calibration_error(p: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """The mean distance of confidence and accuracy over bins of equal width."""
    which = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs((p - right)[which == b].sum()) for b in range(bins)) / len(p))


def crossed(features: Rows, labels: Sequence[str], groups: Sequence[str], model: str) -> dict[str, object]:
    """The accuracy on clips of groups that were not trained on, each clip once, beside that on clips at random.

    In ten parts, drawn anew with each of SEEDS: the share is their mean, the interval as wide as so many clips make it.
    """
    found: dict[str, object] = {}
    for name, apart in (("artists_apart", list(groups)), ("at_random", [str(i) for i in range(len(labels))])):
        right = [_left_out(features, np.asarray(labels), apart, model, seed) for seed in SEEDS]
        shares = [float(r.mean()) for r in right]
        mean = float(np.mean(shares))
        low, high = wilson(round(mean * len(labels)), len(labels))
        found[name] = {"share": mean, "interval": [low, high], "of": len(labels), "seeds": shares}
    return found


def _left_out(features: Rows, y: NDArray[np.str_], apart: Sequence[str], model: str, seed: int) -> NDArray[np.bool_]:
    """Which clips are told right by a head that saw none of their group."""
    rng = np.random.default_rng(seed)
    names = [f"{rng.integers(1 << 30):09} {name}" for name in sorted(set(apart))]  # of one size, which comes first
    renamed = dict(zip(sorted(set(apart)), names, strict=True))
    parts = folds([renamed[name] for name in apart], min(10, len(names)))
    right = np.zeros(len(y), bool)
    for part in range(parts.max() + 1):
        inside, outside = parts != part, parts == part
        known = sorted(set(y[inside]))
        if not known:
            continue  # all are of one group
        head = fit(features[inside], np.searchsorted(known, y[inside]), tuple(known), model)
        right[outside] = np.array(head.genres)[head.scores(features[outside]).argmax(axis=1)] == y[outside]
    return right


def table(head: Head, model: str) -> dict[str, object]:
    """The honest table: the shipped head on GTZAN's fault-filtered test, and what a random split would have said."""
    inside, test = gtzan.clips("train"), gtzan.clips("test")
    features = np.concatenate([inside.features, test.features])
    genres, artists = inside.genres + test.genres, inside.artists + test.artists
    return {
        "test": judged(head, test.features, test.genres),
        "all_733": crossed(features, genres, artists, model),
        "genre_at_5": {
            "same_artist_left_out": at_5(features - head.center, genres, artists),
            "same_artist_kept": at_5(features - head.center, genres, [str(i) for i in range(len(genres))]),
        },
    }
