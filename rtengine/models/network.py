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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from rtengine.models import events, features
from rtengine.models.events import VOICES, Events
from rtengine.models.features import BANDS, BINS, WINDOW_POWER

LEARNT = 16  # numbers of an embedding that training finds
EMBEDDING = LEARNT + BANDS + 5 * BANDS + events.PARAMETERS  # learnt, spectrum, where each curve starts, events
NOISE = 16  # random numbers a frame that the layers may use
CLOCKS = 12


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
        """The embedding's numbers after the learnt ones."""
        spectrum = list(self.spectrum)
        hiss, song = ([v + most - 2 for v in spectrum] for most in (self.hiss, self.song))  # a curve can be raised by 2
        curves = [*[0.0] * BANDS, *hiss, *song, *[self.ring] * BANDS, *[self.sharpness] * BANDS]
        return [*spectrum, *curves, *events.numbers(self.events)]


class State(NamedTuple):
    """What one frame hands to later ones: an output (outputs, width) and an input (len(rows), width)."""

    name: str
    rows: tuple[int, ...]
    delays: tuple[int, ...]  # frames
    width: int


class Heard(NamedTuple):
    """Levels of the music at each frame: nepers but for amplitude and loudness."""

    bands: Tensor  # (..., BANDS)
    usual: Tensor  # (..., BANDS), running mean relative to the running level
    amplitude: Tensor  # (..., 1), of the last 50 ms
    loudness: Tensor  # (..., 1), weighted power


class TextureNetwork(nn.Module):
    """See the top of the file. Everything is (..., frames, ...), so that one frame needs no more axes than it has."""

    CLOCKS = 4  # index of the clocks' state

    def __init__(self, textures: Mapping[str, Statistics], width: int = 96, layers: int = 6) -> None:
        super().__init__()
        self.names = tuple(textures)
        self.width = width
        self.dilations = tuple(2**n for n in range(layers))
        self.learnt = nn.Parameter(0.5 * torch.randn(len(textures), LEARNT))
        self.register_buffer("statistics", torch.tensor([s.row() for s in textures.values()]))
        analysis, synthesis = (torch.as_tensor(m) for m in features.band_matrices())
        loudness = torch.as_tensor(features.loudness_weights())[:, None]
        steps = torch.round(65536 * torch.logspace(math.log10(0.4), math.log10(24), CLOCKS) / features.FRAME_RATE)
        constants = {
            "analysis": torch.cat([analysis.T, torch.full((BINS, 1), 1 / BINS), loudness], 1),
            "synthesis": synthesis,
            "gathering": 0.4 * synthesis.T,  # bins to bands, so that a single lobe makes about 1
            "loudness": loudness,
            "clock_steps": steps / 65536,  # multiples of 2^-16 of a turn, so that a clock's phase never rounds
            "spans": torch.tensor([4.0, 2.0, 2.0, 2.0, 1.0]).repeat_interleave(BANDS),  # how far each curve can be moved
            "real": torch.tensor([[1.0], [0.0]]),
            "bins": torch.arange(BINS).float(),
        }
        for name, value in constants.items():
            self.register_buffer(name, value, persistent=False)
        self.enter = nn.Linear(4 * BANDS + 2 + NOISE + 2 * CLOCKS, width)
        self.film = nn.Linear(LEARNT + 1, 2 * width * layers)
        self.taps = nn.ModuleList(nn.Linear(3 * width, width) for _ in range(layers))
        self.mixes = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.leave = nn.Linear(width, 5 * BANDS)
        nn.init.normal_(self.leave.weight, 0, 0.01)
        nn.init.zeros_(self.leave.bias)
        with torch.no_grad():
            self.film.bias.view(layers, 2, width)[:, 0] += 1  # of each layer, scales, then shifts
            for mix in self.mixes:
                mix.weight *= 0.5

    def states(self) -> list[State]:
        """The states in order. Row k of an input is row rows[k] of the output of delays[k] frames ago."""
        taps = [(row, n * d) for row, d in enumerate(self.dilations) for n in (2, 1)]
        return [
            State("layers", tuple(r for r, _ in taps), tuple(d for _, d in taps), self.width),
            State("slow", (0,), (1,), BANDS + 2),
            State("fast", (0,), (1,), BANDS + 1),
            State("powers", (0,), (1,), 2),
            State("clocks", (0,), (1,), CLOCKS),
            State("voices", (0,), (1,), VOICES * events.STATE),
        ]

    def zeros(self, *batch: int) -> list[Tensor]:
        """Each state's input before the start, (*batch, rows, width)."""
        return [torch.zeros(*batch, len(s.rows), s.width) for s in self.states()]

    def embeddings(self) -> Tensor:
        """One row a texture, (textures, EMBEDDING)."""
        return torch.cat([self.learnt, self.statistics], 1)

    def forward(
        self, magnitude: Tensor, noise: Tensor, embedding: Tensor, strength: Tensor, past: list[Tensor] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Texture one frame, or a whole sequence (whose layers begin at zeros, whatever `past` says of them).

        magnitude (..., frames, channels, BINS), noise (..., frames, channels, 2, BINS), embedding (..., 1, EMBEDDING),
        strength (..., 1, 1).  Returns (..., frames, channels, 2, BINS) relative to the input's phase, and the states.
        """
        layers, slow, fast, powers, clocks, voices = self.zeros(*magnitude.shape[:-3]) if past is None else past
        sizes = [LEARNT, BANDS, 5 * BANDS, *[1] * events.PARAMETERS]
        learnt, spectrum, base, *setting = embedding.split(sizes, -1)
        with torch.no_grad():  # nothing here is learnt
            random = noise[..., 0, :, 60:124:2].flatten(-2) / (WINDOW_POWER / 2) ** 0.5
            dice, chance = random.split([events.DICE * VOICES, NOISE], -1)
            heard, now, slow, fast = self._hear(magnitude, slow, fast)
            clocks = self._tick(clocks, int(magnitude.shape[-3]))
            partial = events.strongest_partial(magnitude[..., 0, :])
            voices, drawn = self._move(voices, dice, heard[-1], partial, setting)
            tone = events.tones(drawn, self.bins)
            turns = 2 * math.pi * clocks
            x = torch.cat([*heard, tone.squeeze(-2) @ self.gathering, chance, torch.sin(turns), torch.cos(turns)], -1)
        x = functional.leaky_relu(self.enter(x), 0.1)
        x, layers = self._layers(x, torch.cat([learnt, 2 * strength - 1], -1), layers)
        curves = torch.tanh(0.5 * self.leave(x)) * self.spans + base
        gain, others = curves.split([BANDS, 4 * BANDS], -1)
        gain = gain + 0.6 * (spectrum - now.usual).clamp(-3, 3) - 0.3 * heard[1]
        rows = torch.cat([gain, others, now.bands], -1).unflatten(-1, (6, BANDS)) @ self.synthesis
        y = self._apply(magnitude, noise, rows, tone, now.amplitude, (2.5 * strength).clamp(max=1))
        out, powers = self._match(now.loudness, y, powers)
        return out, [layers, slow, fast, powers, clocks, voices]

    def _hear(self, magnitude: Tensor, slow: Tensor, fast: Tensor) -> tuple[list[Tensor], Heard, Tensor, Tensor]:
        """Features of the music: relative bands, deviation, attack (BANDS each), level, rush (1 each); and the means."""
        power = (magnitude * magnitude).mean(-2)
        energies, mean_power, loudness = (power @ self.analysis).split([BANDS, 1, 1], -1)
        bands = 0.5 * torch.log(energies + features.FLOOR)
        slow = features.running_mean(
            torch.cat([bands, mean_power, torch.ones_like(mean_power)], -1), slow, features.decay(features.SLOW)
        )
        fast = features.running_mean(torch.cat([bands, mean_power], -1), fast, features.decay(features.FAST))
        bands_mean, power_mean, weight = slow.split([BANDS, 1, 1], -1)
        bands_now, power_now = fast.split([BANDS, 1], -1)
        usual = bands_mean / weight
        level = 0.5 * torch.log(power_mean / weight + features.FLOOR)
        attack = (bands - bands_now).clamp(-3, 3)
        heard = [
            (0.5 * (bands - level)).clamp(-4, 4),
            (bands - usual).clamp(-4, 4),
            attack,
            (0.5 * torch.log(power_now + features.FLOOR) - level).clamp(-4, 4),
            functional.relu(attack).mean(-1, keepdim=True),
        ]
        return heard, Heard(bands, usual - level, torch.sqrt(power_now), loudness), slow, fast

    def _tick(self, clocks: Tensor, frames: int) -> Tensor:
        """Phases of the clocks in turns, at each frame."""
        if frames > 1:
            clocks = clocks + torch.arange(frames).to(clocks)[:, None] * self.clock_steps
        clocks = clocks + self.clock_steps
        return clocks - torch.floor(clocks)

    def _move(
        self, voices: Tensor, dice: Tensor, rush: Tensor, partial: Tensor, setting: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Move the voices through all frames; returns their state and how they are drawn at each."""
        if int(dice.shape[-2]) == 1:
            return events.step(voices, dice, rush, partial, setting)
        moved = []
        voices, setting = voices[..., 0, :], [s[..., 0, :] for s in setting]
        for now in zip(dice.unbind(-2), rush.unbind(-2), partial.unbind(-2), strict=True):
            voices, drawn = events.step(voices, *now, setting)
            moved.append((voices, drawn))
        states, drawings = zip(*moved, strict=True)
        return torch.stack(states, -2), torch.stack(drawings, -2)

    def _layers(self, x: Tensor, condition: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        frames = int(x.shape[-2])
        modulation = iter(self.film(condition).split(self.width, -1))
        history = iter(past.split(1, -2))
        inputs = []
        for d, taps, mix in zip(self.dilations, self.taps, self.mixes, strict=True):
            inputs.append(x)
            far, near = next(history), next(history)
            if frames > 1:
                far, near = (functional.pad(x, (0, 0, n * d, 0))[..., :frames, :] for n in (2, 1))
            h = taps(torch.cat([far, near, x], -1)) * next(modulation) + next(modulation)
            x = x + mix(functional.leaky_relu(h, 0.1))
        return x, torch.cat(inputs, -2)

    def _apply(
        self, magnitude: Tensor, noise: Tensor, rows: Tensor, tone: Tensor, amplitude: Tensor, amount: Tensor
    ) -> Tensor:
        """The music under the curves (..., frames, 6, BINS), with hiss and song; (..., frames, channels, 2, BINS)."""
        gain, hiss, song, ring, sharp, bands = rows.split(1, -2)
        amount = amount.unsqueeze(-1)
        tonality = (torch.log(magnitude + 1e-4) - bands).clamp(-3, 2)
        gain = (gain + ring * tone.clamp(max=1.5) + sharp * tonality).clamp(-7, 5)
        dry = (magnitude * torch.exp(amount * gain)).unsqueeze(-2)
        share = magnitude.square().mean(-1, keepdim=True)
        share = torch.sqrt(share / (share.mean(-2, keepdim=True) + 1e-20))
        level = amount * share * amplitude.unsqueeze(-1)
        size = torch.sqrt(noise.square().sum(-2) + 1e-6)
        added = level * (torch.exp(hiss) / WINDOW_POWER**0.5 + torch.exp(song) * tone / size)
        return added.unsqueeze(-2) * noise + dry * self.real

    def _match(self, loudness: Tensor, y: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        """Scale y so that its loudness's running mean is the input's, within 20 dB."""
        power = (y * y).sum(-2).mean(-2) @ self.loudness
        powers = features.running_mean(torch.cat([loudness, power], -1), past, features.decay(features.LOUDNESS))
        wanted, got = torch.log(powers + 1e-9).split(1, -1)
        return y * torch.exp((0.5 * (wanted - got)).clamp(-2.3, 2.3))[..., None, None], powers
