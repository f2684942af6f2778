"""The texture network: causal, one frame in, one frame out, and every state in sight.

    features (bands against running means, attack, the voices' tones, clocks, noise) -> 1x1
    -> residual layers: taps of now, d and 2d frames ago, modulated by the embedding and the strength (FiLM)
    -> five curves over 64 bands, interpolated to bins:
       Y = X exp(gain + sharpness tonality + ring R) + noise exp(hiss) + noise/|noise| R exp(song)
with R the spectrum of the gliding tones of events.py. It starts as a mild causal match of the exemplar's long-term
spectrum, so that training starts sane; at strength 0 it is the identity. Y's level follows X's loudness (BS.1770's K
curve, 1.5 s), silence gives silence, and one set of curves serves all channels, so that the stereo image is kept.

Sources: FiLM: Perez et al., AAAI 2018; dilated causal residuals: van den Oord et al., "WaveNet", 2016.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from rtengine.models import events, features
from rtengine.models.events import VOICES, Events
from rtengine.models.features import BANDS, BINS, WINDOW_POWER

LEARNT = 16  # numbers of an embedding that training finds
STATISTICS = BANDS + 4 + events.PARAMETERS  # spectrum, hiss, song, ring, sharpness, events
EMBEDDING = LEARNT + STATISTICS
NOISE = 16  # random numbers a frame that the layers may use
CLOCKS = 12
MEANS = 2 * BANDS + 3  # slow and fast means of the bands' log energies; slow power, fast power, ones


@dataclass(frozen=True)
class Statistics:
    """What is not learnt of a texture: measured on its exemplar, or chosen with it."""

    spectrum: tuple[float, ...]  # (BANDS,) mean log amplitude of the bands relative to the mean power, nepers
    hiss: float  # most noise added, nepers relative to the spectrum
    song: float  # most of the gliding tones added, likewise
    ring: float  # nepers by which the gliding tones lift the music itself
    sharpness: float  # partials stand out more (above 0) or less
    events: Events

    def row(self) -> list[float]:
        return [*self.spectrum, self.hiss, self.song, self.ring, self.sharpness, *events.numbers(self.events)]


class TextureNetwork(nn.Module):
    """See the top of the file. Frames are (batch, frames, ...); without `states` a sequence starts from zeros."""

    def __init__(self, textures: Mapping[str, Statistics], width: int = 96, layers: int = 6) -> None:
        super().__init__()
        self.names = tuple(textures)
        self.width = width
        self.dilations = tuple(2**n for n in range(layers))
        self.learnt = nn.Parameter(0.5 * torch.randn(len(textures), LEARNT))
        self.register_buffer("statistics", torch.tensor([s.row() for s in textures.values()]))
        analysis, synthesis = features.band_matrices()
        for name, value in {
            "analysis": analysis.T.copy(),
            "synthesis": synthesis,
            "loudness": features.loudness_weights(),
        }.items():
            self.register_buffer(name, torch.as_tensor(value), persistent=False)
        # steps of 2^-16 turn, so that a clock's phase never rounds
        steps = torch.round(65536 * torch.logspace(math.log10(0.4), math.log10(24), CLOCKS) / features.FRAME_RATE)
        self.register_buffer("clock_steps", steps / 65536, persistent=False)
        self.enter = nn.Linear(4 * BANDS + 2 + NOISE + 2 * CLOCKS, width)
        self.film = nn.Linear(LEARNT + 1, 2 * width * layers)
        self.taps = nn.ModuleList(nn.Linear(3 * width, width) for _ in range(layers))
        self.mixes = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.leave = nn.Linear(width, 5 * BANDS)
        nn.init.normal_(self.leave.weight, 0, 0.02)
        nn.init.zeros_(self.leave.bias)

    def states(self) -> list[dict[str, object]]:
        """The states in order: name, and for each row of the input, which output row and how many frames ago."""
        taps = [(row, delay * d) for row, d in enumerate(self.dilations) for delay in (2, 1)]
        return [
            {"name": "layers", "rows": [r for r, _ in taps], "delays": [d for _, d in taps], "width": self.width},
            {"name": "means", "rows": [0], "delays": [1], "width": MEANS},
            {"name": "powers", "rows": [0], "delays": [1], "width": 2},
            {"name": "clocks", "rows": [0], "delays": [1], "width": CLOCKS},
            {"name": "voices", "rows": [0], "delays": [1], "width": VOICES * events.STATE},
        ]

    def zeros(self, batch: int) -> list[Tensor]:
        """Each state's input before the start, (batch, rows, width)."""
        return [torch.zeros(batch, len(s["rows"]), s["width"]) for s in self.states()]  # type: ignore[arg-type,call-overload]

    def embeddings(self) -> Tensor:
        """One row a texture, (textures, EMBEDDING)."""
        return torch.cat([self.learnt, self.statistics.to(self.learnt)], 1)

    def forward(
        self, magnitude: Tensor, noise: Tensor, embedding: Tensor, strength: Tensor, past: list[Tensor] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Texture frames.

        magnitude (batch, frames, channels, BINS), noise (batch, frames, channels, 2, BINS), embedding (batch,
        EMBEDDING), strength (batch, 1).  Returns (batch, frames, channels, 2, BINS) relative to the input's phase, and
        for each state the newest frame's rows.
        """
        layers, means, powers, clocks, voices = self.zeros(len(magnitude)) if past is None else past
        texture = dict(
            zip(
                ("learnt", "spectrum", "hiss", "song", "ring", "sharpness", "events"),
                embedding.split([LEARNT, BANDS, 1, 1, 1, 1, events.PARAMETERS], -1),
                strict=True,
            )
        )
        power = (magnitude * magnitude).mean(2)
        with torch.no_grad():  # nothing here is learnt
            heard, clue, means = self._hear(power, means)
            drawn, clocks, voices = self._move(magnitude, noise, heard, texture["events"], clocks, voices)
        turns = 2 * math.pi * clocks
        chance = noise[:, :, 0, 0, 120 : 120 + 2 * NOISE : 2] / (WINDOW_POWER / 2) ** 0.5
        tones = drawn @ (0.4 * self.synthesis.T)
        hidden = torch.cat([heard, tones, chance, torch.sin(turns), torch.cos(turns)], -1)
        hidden = functional.leaky_relu(self.enter(hidden), 0.1)
        hidden, layers = self._layers(hidden, torch.cat([texture["learnt"], 2 * strength - 1], -1), layers)
        curves = self.leave(hidden).unflatten(-1, (5, BANDS))
        y = self._apply(magnitude, noise, curves, drawn, clue, texture, (2.5 * strength).clamp(max=1))
        out, powers = self._match(power, y, powers)
        moved = [means, powers, clocks, voices]
        return out, [layers, *(moved if past is not None else (state[:, -1:] for state in moved))]

    def _hear(self, power: Tensor, past: Tensor) -> tuple[Tensor, dict[str, Tensor], Tensor]:
        """Features of the music (batch, frames, 3 BANDS + 2), what else `_apply` needs, and the running means."""
        bands = 0.5 * torch.log(power @ self.analysis + features.FLOOR)
        mean_power = power.mean(-1, keepdim=True)
        slow_in = torch.cat([bands, mean_power, torch.ones_like(mean_power)], -1)
        fast_in = torch.cat([bands, mean_power], -1)
        cut = BANDS + 2
        slow = features.running_mean(slow_in, past[..., :cut], features.decay(features.SLOW))
        fast = features.running_mean(fast_in, past[..., cut:], features.decay(features.FAST))
        weight = slow[..., -1:]
        usual = slow[..., :BANDS] / weight
        level = 0.5 * torch.log(slow[..., BANDS : BANDS + 1] / weight + features.FLOOR)
        now = 0.5 * torch.log(fast[..., BANDS:] + features.FLOOR)
        attack = (bands - fast[..., :BANDS]).clamp(-3, 3)
        rush = functional.relu(attack).mean(-1, keepdim=True)
        deviation = (bands - usual).clamp(-4, 4)
        heard = torch.cat([((bands - level) / 2).clamp(-4, 4), deviation, attack, (now - level).clamp(-4, 4), rush], -1)
        clue = {
            "bands": bands,
            "deviation": deviation,
            "usual": usual - level,
            "amplitude": torch.sqrt(fast[..., BANDS:]),
        }
        return heard, clue, torch.cat([slow, fast], -1)

    def _move(
        self, magnitude: Tensor, noise: Tensor, heard: Tensor, setting: Tensor, clocks: Tensor, voices: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Move clocks and voices on; returns the tones' spectrum (batch, frames, BINS) and both states at each frame."""
        frames = int(magnitude.shape[1])
        clocks = clocks + torch.arange(1, frames + 1).to(magnitude)[:, None] * self.clock_steps
        clocks = clocks - torch.floor(clocks)
        random = events.dice(noise[:, :, 0])
        partial = events.strongest_partial(magnitude[:, :, 0])
        kept, drawn = [], []
        voices = voices[:, 0]
        for m in range(frames):
            voices, now = events.step(voices, random[:, m], heard[:, m, -1:], partial[:, m], setting[..., None])
            kept.append(voices)
            drawn.append(now)
        bins = torch.arange(BINS).to(magnitude)
        return events.tones(torch.stack(drawn, 1), bins), clocks, torch.stack(kept, 1)

    def _layers(self, hidden: Tensor, condition: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        scales, shifts = self.film(condition)[:, None].chunk(2, -1)
        inputs, frames = [], int(hidden.shape[1])
        layers = zip(self.dilations, self.taps, self.mixes, scales.chunk(len(self.taps), -1), shifts.chunk(len(self.taps), -1), strict=True)
        for row, (d, taps, mix, scale, shift) in enumerate(layers):
            inputs.append(hidden[:, -1:])
            far, near = past[:, 2 * row : 2 * row + 1], past[:, 2 * row + 1 : 2 * row + 2]
            if frames > 1:  # a sequence starts from zeros
                far, near = (functional.pad(hidden, (0, 0, n * d, 0))[:, :frames] for n in (2, 1))
            h = taps(torch.cat([far, near, hidden], -1))
            hidden = hidden + 0.5 * mix(functional.leaky_relu(h * (1 + scale) + shift, 0.1))
        return hidden, torch.cat(inputs, 1)

    def _apply(
        self, magnitude: Tensor, noise: Tensor, curves: Tensor, drawn: Tensor, clue: dict[str, Tensor],
        texture: dict[str, Tensor], amount: Tensor,
    ) -> Tensor:  # fmt: skip
        """The music under the curves, with hiss and song; (batch, frames, channels, 2, BINS)."""
        t = {k: v[:, None] for k, v in texture.items()}
        gain, hiss, song, ring, sharp = curves.unbind(-2)
        usual = 0.6 * (t["spectrum"] - clue["usual"]).clamp(-3, 3) - 0.3 * clue["deviation"]
        rows = torch.stack(
            [
                (usual + 4 * torch.tanh(gain / 2)).clamp(-6, 4.5),
                t["spectrum"] + t["hiss"] + 2 * torch.tanh(hiss / 2) - 2,
                t["spectrum"] + t["song"] + 2 * torch.tanh(song / 2) - 2,
                t["ring"] + 2 * torch.tanh(ring / 2),
                t["sharpness"] + torch.tanh(sharp),
                clue["bands"],
            ],
            -2,
        )
        gain, hiss, song, ring, sharp, bands = (rows @ self.synthesis)[:, :, :, None].unbind(2)
        tonality = (torch.log(magnitude + 1e-4) - bands).clamp(-3, 2)
        tone = drawn[:, :, None]
        amount = amount[:, None, None]
        gain = torch.exp(amount * (gain + sharp * tonality + ring * tone.clamp(max=1.5)).clamp(-7, 5))
        share = magnitude.square().mean(-1, keepdim=True)
        share = torch.sqrt(share / (share.mean(2, keepdim=True) + 1e-20))
        amplitude = amount * share * clue["amplitude"][:, :, None]
        size = torch.sqrt(noise.square().sum(-2) + 1e-6)
        added = amplitude * (torch.exp(hiss) / WINDOW_POWER**0.5 + torch.exp(song) * tone / size)
        dry = (magnitude * gain)[:, :, :, None]
        return added[:, :, :, None] * noise + functional.pad(dry, (0, 0, 0, 1))

    def _match(self, power: Tensor, y: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        """Scale y so that its loudness's running mean is the input's, within 20 dB."""
        heard = torch.cat([power @ self.loudness[:, None], y.square().sum(3).mean(2) @ self.loudness[:, None]], -1)
        powers = features.running_mean(heard, past, features.decay(features.LOUDNESS))
        wanted, got = (powers + 1e-9).split(1, -1)
        gain = torch.exp(0.5 * (torch.log(wanted) - torch.log(got)).clamp(-4.6, 4.6))
        return y * gain[..., None, None], powers
