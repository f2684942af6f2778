"""How near a network comes to a sound with music that it was not trained on: what training keeps the best by."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from rtengine.models.texture.bands import SAMPLE_RATE, loudness_weights
from rtengine.models.texture.training import judge
from rtengine.models.texture.training.modulation import modulate
from rtengine.models.texture.training.network import TextureNetwork
from rtengine.models.texture.training.songs import levelled, settle, stft
from rtengine.models.texture.training.subjects import Subject
from rtengine.models.texture.training.trainer import render

SECONDS = 8  # of the music
FAMILIES = judge.envelopes, judge.rate_scale
Samples = NDArray[np.float32]


class Ear:
    """Judges by the same figures as the benchmark: the harmonic mean of content kept and texture gained."""

    def __init__(self, subjects: Mapping[str, Subject], music: Samples) -> None:
        """subjects: what the textures are of. music: (samples,) at 44.1 kHz, of which the middle is taken."""
        start = max(0, len(music) - SECONDS * SAMPLE_RATE) // 2
        self._x = levelled(torch.as_tensor(music[start : start + SECONDS * SAMPLE_RATE][None].copy()))
        song = self.song
        self._content = judge.content(song)
        self._places = {n: [_mean(f, s) for f in FAMILIES] for n, s in subjects.items()}
        own = [f(song) for f in FAMILIES]
        self._far = {n: [_distance(*pair) for pair in zip(own, p, strict=True)] for n, p in self._places.items()}

    @property
    def song(self) -> Samples:
        """The music, (samples,)."""
        return _samples(self._x)

    def hear(self, network: TextureNetwork, name: str, strength: float) -> Samples:
        """What the network makes of the music at what it is told as strength, (samples,)."""
        modulator = network.modulators[name]
        with torch.no_grad():
            row = network.embeddings()[network.names.index(name)][None]
            modulation = modulate([modulator], torch.ones(1, 1), self._x.shape[1], np.random.default_rng(0))
            generator = torch.Generator(torch.get_default_device()).manual_seed(0)
            told = torch.full((1, 1), strength)
            spectrum, _ = render(network, self._x, modulation, row, told, generator)
            return _samples(settle(spectrum, self._x.shape[1]))

    def score(self, network: TextureNetwork, name: str, strength: float) -> float:
        """0 to 1, at what the network is told as strength."""
        y = _samples(levelled(torch.as_tensor(self.hear(network, name, strength)[None])))
        content = max(0.0, float(np.mean([*judge.alike(self._content, judge.content(y)).values()])))
        left = zip(FAMILIES, self._places[name], self._far[name], strict=True)
        gained = max(0.0, float(np.mean([1 - _distance(f(y), place) / far for f, place, far in left])))
        return 2 * content * gained / (content + gained + 1e-9)

    def taken(self, network: TextureNetwork, name: str) -> float:
        """What phase reconstruction takes of the loudness, nepers; for a texture of which nothing is made up for."""
        weights = torch.as_tensor(loudness_weights())
        heard = (torch.as_tensor(x[None]) for x in (self.song, self.hear(network, name, 0.7)))
        before, after = ((stft(x).abs().square() @ weights).mean() for x in heard)
        return 0.5 * float(torch.log(before / after))

    def mean(self, network: TextureNetwork) -> float:
        """Of all its textures, each at its own middle."""
        return float(np.mean([self.score(network, name, network.middle(name)) for name in self._places]))


def _samples(x: torch.Tensor) -> Samples:
    return np.asarray(x[0].cpu().numpy(), np.float32)


def _mean(family: object, subject: Subject) -> judge.Array:
    return np.asarray(np.mean([family(_samples(take[None])) for take in subject.takes], 0))  # type: ignore[operator]


def _distance(a: judge.Array, b: judge.Array) -> float:
    return float(np.linalg.norm(a - b))
