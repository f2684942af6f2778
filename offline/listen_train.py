"""listen train: learn genres of one's own from folders of music."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from offline.listen_evaluate import group, matrix, share
from rtengine.files.sink import beside, check_path

ENDINGS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".mp4", ".aif", ".aiff", ".au", ".wma", ".aac")


def run(options: argparse.Namespace) -> None:
    """Listen to all pieces, measure on artists that were not trained on, and write what was learned."""
    folder, out = options.folder, options.out or options.folder.with_suffix(".npz")
    files = found_in(folder)
    check_path(out, options.force)
    if options.network:
        from offline.listen_network import run as learn

        learn(files, out, options)
    else:
        learn_head(files, out, options)


def learn_head(files: list[Path], out: Path, options: argparse.Namespace) -> None:
    """On top of a network that has learned to listen."""
    from rtengine.models.listen.head import save, train
    from rtengine.models.listen.model import SHIPPED, load_model

    model = load_model(options.model or SHIPPED)
    features, kept = features_of(files, model)
    genres, groups = [file.parent.name for file in kept], [group(file) for file in kept]
    head = train(features, genres, groups, model.digest)
    found = measured(kept, features, genres, groups, model.digest)
    with beside(out, options.force) as whole:
        save(head, whole)
    print(json.dumps(found | {"out": str(out)}) if options.json else f"{text(found)}\n{out}")


def found_in(folder: Path) -> list[Path]:
    """The files of the folders in it; OSError or ValueError in a sentence if there are none."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder")
    files = sorted(f for f in folder.glob("*/*") if f.suffix.lower() in ENDINGS and f.is_file())
    if not files:
        raise ValueError(f"{folder} holds no folders with sound files: one for each genre is needed")
    return files


def features_of(files: list[Path], model: Any) -> tuple[Any, list[Path]]:
    """The mean logits of each file that can be read, and those files; the others are told."""
    import numpy as np

    from offline.progress import progress
    from rtengine.files.source import open_source
    from rtengine.library.hear import tagged
    from rtengine.models.listen.head import mean_logit

    features, kept = [], []
    with progress("listening") as done:
        for n, file in enumerate(files):
            try:
                features.append(mean_logit(tagged(open_source(file), model)))
                kept.append(file)
            except (OSError, ValueError) as error:
                print(f"offline listen train: {error}; it is left out", file=sys.stderr)
            done(n + 1, len(files))
    return np.array(features, np.float32).reshape(len(kept), len(model.tags)), kept


def measured(files: list[Path], features: Any, genres: list[str], groups: list[str], model: str) -> dict[str, Any]:
    """Accuracy on unknown artists, beside that at random; and on GTZAN's own test where the names are GTZAN's."""
    from rtengine.models.listen import gtzan
    from rtengine.models.listen.head import train
    from rtengine.models.listen.measures import crossed, judged

    found: dict[str, Any] = {"pieces": len(files), "ten_parts": crossed(features, genres, groups, model)}
    parts = [gtzan.part(file.name) for file in files]
    inside, test = ([i for i, p in enumerate(parts) if p in which] for which in (("train", "valid"), ("test",)))
    if inside and test and {genres[i] for i in test} <= {genres[i] for i in inside}:
        head = train(features[inside], [genres[i] for i in inside], [groups[i] for i in inside], model)
        found["fault_filtered"] = judged(head, features[test], [genres[i] for i in test])
    return found


def text(found: dict[str, Any]) -> str:
    """What was measured, for people."""
    crossed = found["ten_parts"]
    lines = [
        f"{found['pieces']} pieces, in ten parts of which each was left out once:",
        f"  artists apart                {share(crossed['artists_apart'])}",
        f"  at random (often too high)   {share(crossed['at_random'])}",
    ]
    if "fault_filtered" in found:
        test = found["fault_filtered"]
        lines.append(f"  GTZAN's fault-filtered test  {share(test['accuracy'])}")
        lines += matrix(test["genres"], test["confusion"])
    return "\n".join(lines)
