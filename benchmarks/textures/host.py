"""The host itself as a system to be measured: the graph that plays, run offline."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from rtengine import patch
from rtengine.models import clip
from rtengine.models.bands import SAMPLE_RATE
from rtengine.models.model import SHIPPED, load_model

Samples = NDArray[np.float32]


class Host:
    """The texture graph of one model, one channel at 44.1 kHz: y = host(song, {texture: weight})."""

    def __init__(self, model: Path = SHIPPED, strength: float = 0.7, seed: int = 0) -> None:
        self.graph = patch.texture(SAMPLE_RATE, channels=1, model=model, seed=seed)
        self.textures = patch.textures(model)
        self.strength = strength

    def __call__(self, song: Samples, weights: Mapping[str, float]) -> Samples:
        """Play (samples,) from a fresh start; what comes back is in time with it."""
        self.graph.reset()
        for name in self.textures:
            self.graph[f"/texture/{name}"] = weights.get(name, 0.0)
        self.graph["/texture/strength"] = self.strength
        self.graph.settle()
        return self.graph.process(np.pad(song, (0, self.graph.latency))[None])[0, self.graph.latency :].copy()

    def system(self, name: str) -> Callable[[Samples, Samples], Samples]:
        """One texture, called as the peers are."""
        return lambda song, _: self(song, {name: 1.0})


def with_sounds(model: Path, sounds: Mapping[str, Samples], file: Path) -> Path | None:
    """Write a model that knows these sounds, (samples,) at 44.1 kHz, instead of its own; None if it cannot be told."""
    proto = onnx.load(str(model))
    known = load_model(model)
    makeup = 0.0
    told = {name: clip.embedding(clip.measured(x), makeup) for name, x in sounds.items()}
    if {len(e) for e in told.values()} != {known.embeddings.shape[1]}:
        return None
    for entry in proto.metadata_props:
        if entry.key == "textures":
            entry.value = json.dumps(told)
    onnx.save(proto, str(file))
    return file
