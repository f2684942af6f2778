"""Scenes: the targets of all parameters under a name, as JSON files in one folder.

Beside them stands what the surfaces keep with a scene: "midi", the controllers that were learnt.
"""

import json
import math
import re
from pathlib import Path
from typing import Any, NamedTuple

from rtengine.files.json_text import parsed
from rtengine.take.writing import replace, told

NAME = re.compile(r"[\w][\w \-]{0,63}")  # no dot and no slash: no file outside the folder
MOST_SCENES = 256  # scenes in a folder


class Scene(NamedTuple):
    """Targets by address, and controllers as rtengine.midi.controllers keeps them."""

    values: dict[str, float]
    midi: dict[str, Any]


def path(folder: Path, name: str) -> Path:
    """The file of a scene; ValueError if the name is none."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name[:80]!r} is no name for a scene: letters, digits, space, - and _, at most 64")
    return folder / f"{name}.json"


def store(folder: Path, name: str, scene: Scene) -> None:
    """Keep a scene, in place of an older one of that name; ValueError or OSError if it cannot be."""
    file = path(folder, name)
    if not file.exists() and len(listed(folder)) >= MOST_SCENES:
        raise ValueError(f"{folder} holds {MOST_SCENES} scenes already")
    with told(f"the scene {name} is not kept"):
        replace(file, json.dumps(scene.values | ({"midi": scene.midi} if scene.midi else {}), indent=1) + "\n")


def recall(folder: Path, name: str) -> Scene:
    """A scene; KeyError if there is none, ValueError if the file is damaged. A link is none, for it leads elsewhere."""
    file = path(folder, name)
    if file.is_symlink() or not file.is_file():
        raise KeyError(f"there is no scene {name}: choose from {', '.join(listed(folder)) or 'none'}")
    try:
        kept = parsed(file.read_text("utf-8"))
        midi = dict(kept.pop("midi", {}))
        values = {str(address): float(value) for address, value in kept.items()}
    except (ValueError, TypeError, AttributeError):
        raise ValueError(f"{file} is no scene") from None
    return Scene({address: value for address, value in values.items() if math.isfinite(value)}, midi)


def rename(folder: Path, name: str, to: str) -> None:
    """Give a scene another name; KeyError if there is none, ValueError if the other is taken or no name."""
    recall(folder, name)
    if path(folder, to).exists():
        raise ValueError(f"there is a scene {to} already")
    with told(f"the scene {name} keeps its name"):
        path(folder, name).rename(path(folder, to))


def delete(folder: Path, name: str) -> None:
    """Do without a scene; KeyError if there is none."""
    file = path(folder, name)
    if not file.is_file() and not file.is_symlink():
        raise KeyError(f"there is no scene {name}: choose from {', '.join(listed(folder)) or 'none'}")
    with told(f"the scene {name} stays"):
        file.unlink()


def listed(folder: Path) -> list[str]:
    """The names of all scenes, sorted."""
    return sorted(file.stem for file in folder.glob("*.json") if NAME.fullmatch(file.stem))
