"""What the graph that is played is built from: a model, and sounds of the player's own that are textures as well."""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rtengine.files import folders
from rtengine.graph import Graph

MODEL_ENDINGS = (".onnx",)
CLIP_ENDINGS = folders.SOUNDS
LARGEST_MODEL, LARGEST_CLIP = 1 << 28, 1 << 28  # bytes
LONGEST = 32  # characters of a texture's name

Clips = Mapping[str, Path]  # sounds by the name of their texture
Build = Callable[[Path, Clips], Graph]  # a model's file and the sounds; ValueError or OSError in a sentence


@dataclass(frozen=True)
class Instrument:
    """A model and sounds; models, clips: the folders in which others are found by name."""

    build: Build
    model: Path
    models: Path
    clips: Path
    sounds: Clips = field(default_factory=dict)
    low_latency: bool = False  # what `build` was told, for logs

    def graph(self) -> Graph:
        """Build it: seconds where its code is to be compiled first."""
        return self.build(self.model, self.sounds)

    def with_model(self, name: str) -> "Instrument":
        """With another model of the folder, its ending given or not; ValueError or OSError in a sentence."""
        file = name if name.lower().endswith(MODEL_ENDINGS) else name + MODEL_ENDINGS[0]
        return replace(self, model=folders.find(self.models, file, MODEL_ENDINGS, LARGEST_MODEL))

    def with_clip(self, file: str, taken: Mapping[str, object]) -> "Instrument":
        """With a sound of the folder, in place of one of the same name; taken: the addresses that there are."""
        path = folders.find(self.clips, file, CLIP_ENDINGS, LARGEST_CLIP)
        name = texture_name(path)
        if name not in self.sounds and f"/texture/{name}" in taken:
            raise ValueError(f"{file} would be /texture/{name}, which there is already: give it another name")
        return replace(self, sounds={**self.sounds, name: path})

    def without_clip(self, name: str) -> "Instrument":
        """Without a sound, named as its texture is; ValueError if there is none of this name."""
        if name not in self.sounds:
            raise ValueError(f"there is no sound {name[:80]!r}: {', '.join(self.sounds) or 'none was added'}")
        return replace(self, sounds={n: path for n, path in self.sounds.items() if n != name})

    def about(self) -> dict[str, Any]:
        """What it is, for a log: the files' names and the beginnings of their SHA-256."""
        clips = {name: signed(file) for name, file in self.sounds.items()}
        return {"model": signed(self.model), "clips": clips, "low_latency": self.low_latency}

    def model_files(self) -> list[str]:
        """The models that could be loaded."""
        return folders.listed(self.models, MODEL_ENDINGS)

    def clip_files(self) -> list[str]:
        """The sounds that could be added."""
        return folders.listed(self.clips, CLIP_ENDINGS)


def among(weights: Mapping[str, float], known: Collection[str]) -> tuple[dict[str, float], Clips]:
    """Weights by the names of textures, and the sounds that some of them were: the files among the keys.

    ValueError if a key is neither a texture that is known nor a file.
    """
    found: dict[str, float] = {}
    sounds: dict[str, Path] = {}
    for key, weight in weights.items():
        name = key
        if key not in known:
            if not Path(key).is_file():
                raise ValueError(f"there is no texture {key}, nor a file: choose from {', '.join(known)}")
            name = texture_name(Path(key))
            if name in known or name in sounds:
                raise ValueError(f"{key} would be the texture {name}, which there is already: give it another name")
            sounds[name] = Path(key)
        found[name] = weight
    return found, sounds


def texture_name(file: Path) -> str:
    """The name of a sound's texture: its file's, in the letters that an address may have."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", file.stem).strip("_")[:LONGEST]
    if not name:
        raise ValueError(f"{file.name} has no letter or digit from A to Z or 0 to 9 in its name: give it another")
    return name


def signed(file: Path) -> list[str]:
    """A file's name, and the beginning of its SHA-256."""
    return [file.name, hashlib.sha256(file.read_bytes()).hexdigest()[:16]]
