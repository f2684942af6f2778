"""listen evaluate: how well the shipped head tells genres, on data that anyone can check."""

import argparse
import json
from pathlib import Path
from typing import Any


def run(options: argparse.Namespace) -> None:
    """Print the honest table."""
    from rtengine.models.listen.head import load_head
    from rtengine.models.listen.measures import table

    head = load_head()
    found = table(head, head.model)
    print(json.dumps(found) if options.json else text(found))


def text(found: dict[str, Any]) -> str:
    """The table for people."""
    test, crossed, at_5 = found["test"], found["all_733"], found["genre_at_5"]
    sure = test["sure"]
    lines = [
        "GTZAN, by the published tags of musicnn (whose Million Song Dataset may hold these recordings)",
        f"  fault-filtered test, no artist trained on  {share(test['accuracy'])}",
        f"  of which it is sure of {sure['share']:.2f}, and right  {share(sure['right'])}",
        f"  all 733, ten parts, artists apart          {share(crossed['artists_apart'])}",
        f"  all 733, ten parts at random (too high)    {share(crossed['at_random'])}",
        f"  genre of the 5 nearest by other artists    {at_5['same_artist_left_out']:.3f}",
        f"  with the same artist's (too high)          {at_5['same_artist_kept']:.3f}",
        "  confusion on the test, a row for each true genre:",
    ]
    return "\n".join([*lines, *matrix(test["genres"], test["confusion"])])


def matrix(genres: list[str], rows: list[list[int]]) -> list[str]:
    """Lines of a confusion matrix."""
    head = " " * 14 + "".join(f"{g[:5]:>6}" for g in genres)
    return [head, *(f"    {g:<10}" + "".join(f"{n:6}" for n in row) for g, row in zip(genres, rows, strict=True))]


def share(found: dict[str, Any]) -> str:
    """A share with its interval."""
    low, high = found["interval"]
    value = "none" if found["share"] is None else f"{found['share']:.3f}"
    return f"{value} [{low:.3f}, {high:.3f}] of {found['of']}"


def group(file: Path) -> str:
    """What is never on both sides of a split: GTZAN's artists, else the artist in the file, else the album's folder."""
    from rtengine.library.tags import artist_of
    from rtengine.models.listen import gtzan

    return gtzan.artist(file.name) if gtzan.part(file.name) else artist_of(file) or file.stem
