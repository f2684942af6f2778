"""The host itself as a system to be measured: the graph that renders files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from rtengine.models.texture.bands import SAMPLE_RATE
from rtengine.models.texture.model import SHIPPED
from rtengine.patches.texture import refined, texture, textures

Samples = NDArray[np.float32]


class Host:
    """The texture graph of one model, and of sounds it was not trained on, one channel at 44.1 kHz."""

    def __init__(
        self,
        model: Path = SHIPPED,
        strength: float = 0.7,
        seed: int = 0,
        clips: Mapping[str, Path] = MappingProxyType({}),
        quality: str = "standard",
    ) -> None:
        built = refined(quality)
        refine, fit = int(built["refine"]), int(built["fit"])
        self.graph = texture(SAMPLE_RATE, channels=1, model=model, clips=clips, seed=seed, refine=refine, fit=fit)
        self.quality = built["quality"]
        self.names = (*textures(model), *clips)
        self.strength = strength

    def __call__(self, song: Samples, weights: Mapping[str, float]) -> Samples:
        """Play (samples,) from a fresh start; what comes back is in time with it."""
        self.graph.reset()
        for name in self.names:
            self.graph[f"/texture/{name}"] = weights.get(name, 0.0)
        self.graph["/texture/strength"] = self.strength
        self.graph["/texture/quality"] = self.quality
        self.graph.settle()
        return self.graph.process(np.pad(song, (0, self.graph.latency))[None])[0, self.graph.latency :].copy()

    def system(self, name: str) -> Callable[[Samples, Samples], Samples]:
        """One texture, called as the peers are."""
        return lambda song, _: self(song, {name: 1.0})
