"""Scenes: the targets of all parameters under a name, as JSON files in one folder."""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path

NAME = re.compile(r"[\w][\w \-]{0,63}")  # no dot and no slash: no file outside the folder
MOST = 256  # scenes in a folder


def path(folder: Path, name: str) -> Path:
    """The file of a scene; ValueError if the name is none."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name[:80]!r} is no name for a scene: letters, digits, space, - and _, at most 64")
    return folder / f"{name}.json"


def store(folder: Path, name: str, values: Mapping[str, float]) -> None:
    """Keep a scene, in place of an older one of that name; ValueError if there are too many."""
    file = path(folder, name)
    if not file.exists() and len(listed(folder)) >= MOST:
        raise ValueError(f"{folder} holds {MOST} scenes already")
    folder.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".part")
    half.write_text(json.dumps(dict(values), indent=1) + "\n", "utf-8")
    half.replace(file)


def recall(folder: Path, name: str) -> dict[str, float]:
    """The values of a scene; KeyError if there is none, ValueError if the file is damaged."""
    file = path(folder, name)
    if not file.is_file():
        raise KeyError(f"there is no scene {name}: choose from {', '.join(listed(folder)) or 'none'}")
    try:
        values = {str(address): float(value) for address, value in json.loads(file.read_text("utf-8")).items()}
    except (ValueError, TypeError, AttributeError):
        raise ValueError(f"{file} is no scene") from None
    return {address: value for address, value in values.items() if math.isfinite(value)}


def listed(folder: Path) -> list[str]:
    """The names of all scenes, sorted."""
    return sorted(file.stem for file in folder.glob("*.json") if NAME.fullmatch(file.stem))
