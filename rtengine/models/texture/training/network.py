"""The texture network: causal, one frame in, one frame out, and every state in sight.

    features, the texture's envelopes and partials -> 1x1 -> residual layers: taps of now, d and 2d frames ago,
    modulated by the embedding and the strength (FiLM) -> five curves over 64 bands, interpolated to bins:
    Y = X exp(gain + ring R + sharpness tonality) + noise exp(hiss) + noise/|noise| R exp(song)
with R the spectrum of the partials of the texture's modulator (modulator.py), whose envelopes are a part of the gain
and of the hiss. It starts as a mild channel vocoder, so that training starts sane; at strength 0 it is the identity.
Y's level follows X's loudness (BS.1770's K curve, 1.5 s), silence gives silence, and one set of curves serves all
channels, so that the stereo image is kept.

What costs time in the host is the number of operations, not their size: hence the taps of all layers in one product.
Sources: FiLM: Perez et al., AAAI 2018; dilated causal residuals: van den Oord et al., "WaveNet", 2016.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from rtengine.models.texture import embedding as parts
from rtengine.models.texture import fingerprint
from rtengine.models.texture.bands import BANDS
from rtengine.models.texture.embedding import CONDITION, CURVES, EMBEDDING, LEARNT, Statistics
from rtengine.models.texture.modulator import Modulator
from rtengine.models.texture.shape import FULL, HELD, LEAST_ROOM, LOUDNESS, MEANS, QUIET, ROOM, WIDTH, decay, shape
from rtengine.models.texture.textures import MIDDLE, MIDDLES
from rtengine.models.texture.training import features
from rtengine.models.texture.training.features import Heard

DEPTHS = 0.5, 0.9  # of the modulation of the gain and of the hiss, to begin with


class State(NamedTuple):
    """What one frame hands to later ones: an output (outputs, width) and an input (len(rows), width)."""

    name: str
    rows: tuple[int, ...]
    delays: tuple[int, ...]  # frames
    width: int


class TextureNetwork(nn.Module):
    """See the top of the file. Everything is (..., frames, ...), so that one frame needs no more axes than it has."""

    statistics: Tensor
    centre: Tensor
    scale: Tensor
    least: Tensor
    analysis: Tensor
    synthesis: Tensor
    gathering: Tensor
    loudness: Tensor
    reach: Tensor
    deepest: Tensor
    evening: Tensor
    real: Tensor

    def __init__(
        self,
        textures: Mapping[str, Statistics],
        width: int = 128,
        layers: int = 6,
        population: Sequence[Statistics] = (),
    ) -> None:
        """population: textures, more than are named, by which fingerprints are brought to one scale."""
        super().__init__()
        self.modulators = {name: s.modulator for name, s in textures.items()}
        self.middles: dict[str, float] = {}  # of textures of which something else is known than `middle` says
        self.width = width
        self.dilations = tuple(2**n for n in range(layers))
        self.learnt = nn.Parameter(0.5 * torch.randn(len(textures), LEARNT))
        self.register_buffer("statistics", _rows([s.numbers() for s in textures.values()], EMBEDDING - LEARNT))
        for name, value in _constants().items():
            self.register_buffer(name, value, persistent=False)
        self.enter = nn.Linear(WIDTH + 2 * BANDS, width)
        found = [s.fingerprint for s in population or textures.values()] or [(0.0,) * fingerprint.WIDTH]
        prints = _rows(found, fingerprint.WIDTH)
        self.register_buffer("centre", prints.mean(0))
        self.register_buffer("scale", 1 / prints.std(0, correction=0).clamp(min=0.1))
        self.know = nn.Linear(LEARNT + fingerprint.WIDTH + 1, CONDITION)
        self.film = nn.Linear(CONDITION, 2 * width * layers)  # of all layers shifts, then scales
        bound = (3 * width) ** -0.5
        self.past = nn.Parameter(torch.empty(layers, 2 * width, width).uniform_(-bound, bound))
        self.present = nn.Parameter(torch.empty(layers, width, width).uniform_(-bound, bound))
        self.mix = nn.Parameter(torch.empty(layers, width, width).uniform_(-bound, bound))
        self.depth = nn.Linear(CONDITION, 2 * BANDS)  # of the modulation of the gain and of the hiss
        self.leave = nn.Linear(width, len(CURVES) * BANDS)
        nn.init.normal_(self.leave.weight, 0, 0.005)
        nn.init.zeros_(self.leave.bias)
        nn.init.normal_(self.depth.weight, 0, 0.005)
        with torch.no_grad():
            self.film.bias[layers * width :] += 1
            self.depth.bias[:] = torch.tensor(DEPTHS).repeat_interleave(BANDS)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.modulators)

    def middle(self, name: str) -> float:
        """What the network is told where a player's strength is 0.7."""
        return self.middles.get(name, MIDDLES.get(name, MIDDLE))

    def add(self, textures: Mapping[str, Sequence[float]], modulators: Mapping[str, Modulator]) -> None:
        """Know more textures, by their whole embeddings and modulators."""
        rows = _rows(list(textures.values()), EMBEDDING)
        self.modulators |= {name: modulators[name] for name in textures}
        self.learnt = nn.Parameter(torch.cat([self.learnt.detach(), rows[:, :LEARNT]]))
        self.statistics = torch.cat([self.statistics, rows[:, LEARNT:]])

    def states(self) -> list[State]:
        """The states in order. Row k of an input is row rows[k] of the output of delays[k] frames ago."""
        taps = [(row, n * d) for row, d in enumerate(self.dilations) for n in (2, 1)]
        return [
            State("layers", tuple(r for r, _ in taps), tuple(d for _, d in taps), self.width),
            State("means", (0,), (1,), MEANS),
            State("powers", (0,), (1,), 4),
        ]

    def start(self, *batch: int) -> list[Tensor]:
        """Each state's input before the start, (*batch, rows, width)."""
        return [torch.zeros(*batch, len(s.rows), s.width) for s in self.states()]

    def embeddings(self) -> Tensor:
        """One row a texture, (textures, EMBEDDING)."""
        return torch.cat([self.learnt, self.statistics], 1)

    def forward(
        self, magnitude: Tensor, noise: Tensor, envelopes: Tensor, partials: Tensor, embedding: Tensor,
        strength: Tensor, past: list[Tensor],
    ) -> tuple[Tensor, list[Tensor], Tensor]:  # fmt: skip
        """Texture one frame, or a sequence from its start.

        magnitude (..., frames, channels, BINS), noise (..., frames, channels, 2, BINS), envelopes (..., frames, BANDS),
        partials (..., frames, BINS), embedding (..., 1, EMBEDDING), strength (..., 1, 1), past: as `start` gives it, or
        for one frame what `states` says.
        Returns (..., frames, channels, 2, BINS) relative to the input's phase, the states of each frame (of the layers,
        the last frame's), and the curves (..., frames, 5 BANDS).
        """
        layers, means, powers = past
        learnt, prints, spectrum, begin, makeup, tone_amount, closer = embedding.split(parts.SIZES, -1)
        with torch.no_grad():  # nothing here is learnt
            heard, means = features.hear(magnitude, self.analysis, means)
            prints = ((prints - self.centre) * self.scale).clamp(-3, 3)
            x = torch.cat([heard.features, envelopes, partials @ self.gathering], -1)
        x = functional.leaky_relu(self.enter(x), 0.1)
        known = functional.leaky_relu(self.know(torch.cat([learnt, prints, strength], -1)) + closer, 0.1)
        x, layers = self._layers(x, known, layers)
        curves = torch.tanh(self.leave(x)) * self.reach + begin
        amount = (2.5 * strength).clamp(max=1) if self.training else strength / FULL
        match = tone_amount * torch.maximum((spectrum - heard.usual).clamp(max=3), self.least)
        depth = self.depth(known).unflatten(-1, (2, BANDS)) @ self.evening  # uneven depths would leave a comb
        moved = envelopes.unsqueeze(-2) * (depth * self.deepest)
        y = self._apply_curves(magnitude, noise, curves, match, moved, partials, heard, amount)
        y, powers = self._match(heard.loudness, y, makeup * amount, powers)
        return y, [layers, means, powers], curves

    def _layers(self, x: Tensor, condition: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        frames, count = int(x.shape[-2]), len(self.dilations)
        shifts, scales = self.film(condition).split(count * self.width, -1)
        shifts, scales = shifts.split(self.width, -1), scales.split(self.width, -1)
        history = past.unflatten(-2, (count, 2)).flatten(-2).split(1, -2)
        inputs = []
        for i, d in enumerate(self.dilations):
            inputs.append(x)
            before = history[i]
            if frames > 1:  # the host keeps the history, but a sequence has its own
                before = torch.cat([functional.pad(x, (0, 0, n * d, 0))[..., :frames, :] for n in (2, 1)], -1)
            h = _product(shifts[i], before, self.past[i])
            h = functional.leaky_relu(_product(h, x, self.present[i]) * scales[i], 0.1)
            x = _product(x, h, self.mix[i])
        return x, torch.cat([row[..., -1:, :] if frames > 1 else row for row in inputs], -2)

    def _apply_curves(
        self, magnitude: Tensor, noise: Tensor, curves: Tensor, match: Tensor, moved: Tensor, partials: Tensor,
        heard: Heard, amount: Tensor,
    ) -> Tensor:  # fmt: skip
        """The music under the curves, with hiss and song; (..., frames, channels, 2, BINS)."""
        tone = partials.unsqueeze(-2)
        moved = moved + functional.pad(match.unsqueeze(-2), (0, 0, 0, 1))
        first, others = curves.unflatten(-1, (5, BANDS)).split([2, 3], -2)
        rows = torch.cat([first + moved, others, heard.bands.unsqueeze(-2)], -2) @ self.synthesis
        gain, added, ring, sharpness, bands = rows.split([1, 2, 1, 1, 1], -2)
        amount = amount.unsqueeze(-1)
        tonality = (torch.log(magnitude + 1e-4) - bands).clamp(-3, 2)
        gain = gain + ring * tone.clamp(max=1.5) + sharpness * tonality
        gain = (amount * gain).clamp(-7, 3)  # more would lift a recording's own noise
        dry = (magnitude * torch.exp(gain)).unsqueeze(-2) * self.real
        hiss, song = torch.exp(added).split(1, -2)
        power = (magnitude * magnitude).mean(-1, keepdim=True)
        share = torch.sqrt(power / (power.mean(-2, keepdim=True) + 1e-20))  # a silent channel stays silent
        level = share * (amount * heard.amplitude.unsqueeze(-1))
        size = torch.sqrt((noise * noise).sum(-2) + 1e-6)
        return (level * (hiss + song * tone / size)).unsqueeze(-2) * noise + dry

    def _match(self, loudness: Tensor, y: Tensor, makeup: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        """Keep each moment of y within its room, and scale it so that its loudness's running mean is the input's.

        A texture fills what it can; without the bound it would fill the pauses, with the recording's own noise.
        """
        power = 2 * (y * y).mean((-3, -2)) @ self.loudness
        first, past = past.split([3, 1], -1)
        keep = torch.tensor([decay(LOUDNESS)] * 2 + [decay(HELD)])
        first = features.running_mean(torch.cat([loudness, power, loudness], -1), first, keep)
        # logarithms of powers, that is twice nepers
        now, made, wanted, raw, held = torch.log(torch.cat([loudness, power, first], -1) + 1e-9).split(1, -1)
        above = torch.maximum(now, held) - wanted
        slope = (ROOM - LEAST_ROOM) / QUIET
        room = (slope * above + 2 * ROOM).clamp(2 * LEAST_ROOM, 2 * ROOM)
        over = (room + above + (raw - made)).clamp(max=0)
        past = features.running_mean(power * torch.exp(over), past, keep[:1])
        gain = over + (wanted - torch.log(past + 1e-9)).clamp(-4.6, 4.6)
        return torch.exp(0.5 * gain + makeup)[..., None, None] * y, torch.cat([first, past], -1)


def _rows(rows: Sequence[Sequence[float]], width: int) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32).reshape(len(rows), width)


def _constants() -> dict[str, Tensor]:
    fixed = {name: torch.as_tensor(value) for name, value in shape()._asdict().items()}
    return fixed | {"loudness": fixed["loudness"][:, None], "real": torch.tensor([[1.0], [0.0]])}


def _product(c: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.addmm(c, a, b) if a.dim() == 2 else c + a @ b  # one operation in ONNX, where that can be said
