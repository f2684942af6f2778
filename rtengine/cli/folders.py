"""Where the host looks for the files of the player."""

import argparse
from contextlib import suppress
from pathlib import Path


def folder(options: argparse.Namespace, kind: str) -> Path:
    """Where the files of this kind are; the player's own folders are made, so that they can be found."""
    from rtengine.files import folders

    chosen: Path | None = getattr(options, kind, None)
    if chosen:
        return chosen
    with suppress(OSError):  # where they cannot be made there is nothing in them, and nothing is kept
        folders.default(kind).mkdir(parents=True, exist_ok=True)
    return folders.default(kind)
