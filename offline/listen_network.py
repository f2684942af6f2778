"""listen train --network: learn a network from one's own music alone, measured on artists that it never heard."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offline.listen_evaluate import group, matrix, share
from rtengine.files.sink import beside, check_path

if TYPE_CHECKING:
    from rtengine.models.listen.training.data import Pieces
    from rtengine.models.listen.training.network import Genres

TEST, VALID = 5, 6  # of so many parts one is for the test, and of the others one to choose by


def run(files: list[Path], out: Path, options: argparse.Namespace) -> None:
    """Train with each seed, keep the one that was best on pieces to choose by, and write network and head."""
    network_file = out.with_suffix(".onnx")
    check_path(network_file, options.force)
    try:
        from rtengine.models.listen.training.trainer import use
    except ModuleNotFoundError:
        raise OSError("there is no torch: pip install 'rtengine[train]'") from None
    from rtengine.models.listen.head import save
    from rtengine.models.listen.training.network import export, parameters

    use(options.cores)
    genres, pieces, parts = read(files, out)
    inside, valid, test = (
        pieces.of([i for i, p in enumerate(parts) if p == name]) for name in ("train", "valid", "test")
    )
    check(genres, inside, valid, test)
    trained = trainings(inside, valid, len(genres), options)
    best = max(trained, key=lambda t: t.valid)
    right = [tested(t.network, test) for t in trained]
    found: dict[str, Any] = told(right, [t.valid for t in trained], trained.index(best), genres, pieces, test)
    found["parameters"] = parameters(best.network)
    with beside(network_file, options.force) as whole:
        export(best.network, genres, whole, out.stem)
    head = made(network_file, best.network, inside, valid, genres)
    with beside(out, options.force) as whole:
        save(head, whole)
    found |= {"network": str(network_file), "out": str(out)}
    print(json.dumps(found) if options.json else text(found))


def read(files: list[Path], out: Path) -> "tuple[list[str], Pieces, list[str]]":
    """Genres, pieces, and the part of each: train, valid or test. Frames are kept beside `out` until it is done."""
    import numpy as np

    from offline.progress import progress
    from rtengine.models.listen.training.data import Pieces, loaded

    def say(word: str) -> None:
        print(f"offline listen train: {word}", file=sys.stderr)

    with progress("reading") as done:
        kept = list(loaded(files, out.parent / f"{out.stem}-frames", lambda n: done(n, len(files)), say))
    names = [file.parent.name for file, _ in kept]
    genres = sorted(set(names))
    groups = [group(file) for file, _ in kept]
    pieces = Pieces([f for _, f in kept], np.searchsorted(genres, names), groups)
    return genres, pieces, split([file for file, _ in kept], groups)


def split(files: list[Path], groups: list[str]) -> list[str]:
    """GTZAN's own parts where the names are GTZAN's, else whole groups for the test and for choosing."""
    from rtengine.models.listen import gtzan
    from rtengine.models.listen.head import folds

    own = [gtzan.part(file.name) for file in files]
    if {"train", "valid", "test"} <= set(own):
        return own
    of_test = folds(groups, min(TEST, len(set(groups)))) == 0
    rest = [i for i in range(len(files)) if not of_test[i]]
    of_valid = folds([groups[i] for i in rest], min(VALID, len({groups[i] for i in rest}) or 1)) == 0
    chosen = {i for i, v in zip(rest, of_valid, strict=True) if v}
    return ["test" if of_test[i] else "valid" if i in chosen else "train" for i in range(len(files))]


def check(genres: list[str], inside: "Pieces", valid: "Pieces", test: "Pieces") -> None:
    """ValueError in a sentence if there is too little to learn from."""
    missing = [g for n, g in enumerate(genres) if n not in inside.genres]
    if len(genres) < 2 or missing or not len(valid.genres) or not len(test.genres):
        raise ValueError(
            f"to learn a network, at least 2 genres with pieces by 5 artists each are needed"
            f"{f': {missing[0]} has too few' if missing else ''}"
        )


def trainings(inside: "Pieces", valid: "Pieces", genres: int, options: argparse.Namespace) -> list[Any]:
    """One for each seed."""
    from offline.progress import progress
    from rtengine.models.listen.training.trainer import train

    found = []
    for seed in range(options.seeds):
        with progress(f"training {seed + 1} of {options.seeds}") as done:
            found.append(train(inside, valid, genres, options.steps, seed, lambda n: done(n, options.steps)))
    return found


def tested(network: "Genres", test: "Pieces") -> Any:
    """The genre that it gives each piece of the test."""
    import numpy as np

    from rtengine.models.listen.training.trainer import taggram

    return np.array([int(taggram(network, f).mean(axis=0).argmax()) for f in test.frames])


def told(
    given: list[Any], valid: list[float], best: int, genres: list[str], pieces: "Pieces", test: "Pieces"
) -> dict[str, Any]:
    """What was measured."""
    import numpy as np

    from rtengine.models.listen.measures import wilson

    shares = [float((y == test.genres).mean()) for y in given]
    mean, of = float(np.mean(shares)), len(test.genres)
    confusion = np.zeros((len(genres),) * 2, int)
    np.add.at(confusion, (test.genres, given[best]), 1)
    return {
        "pieces": len(pieces.genres),
        "test": {"share": mean, "interval": list(wilson(round(mean * of), of)), "of": of, "seeds": shares},
        "valid": valid,
        "kept": best,
        "genres": genres,
        "confusion": confusion.tolist(),
    }


def made(file: Path, network: "Genres", inside: "Pieces", valid: "Pieces", genres: list[str]) -> Any:
    """A head for it, with the doubt that pieces teach which the network was not trained on."""
    import numpy as np

    from rtengine.models.listen.head import calibrated, fit, mean_logit
    from rtengine.models.listen.model import load_model
    from rtengine.models.listen.training.trainer import taggram

    features = [np.array([mean_logit(taggram(network, f)) for f in part.frames]) for part in (inside, valid)]
    head = fit(features[0], inside.genres, tuple(genres), load_model(file).digest)
    return calibrated(head, head.scores(features[1]), valid.genres)


def text(found: dict[str, Any]) -> str:
    """For people."""
    seeds = ", ".join(f"{s:.3f}" for s in found["test"]["seeds"])
    return "\n".join([
        f"{found['pieces']} pieces; a network of {found['parameters']} numbers, by artists that it never heard:",
        f"  test, mean of {len(found['test']['seeds'])}  {share(found['test'])}   each: {seeds}",
        *matrix(found["genres"], found["confusion"]),
        f"{found['network']}, {found['out']}",
    ])  # fmt: skip
