"""Gliding tones: the texture's own events (a bubble, a zap, a spark), as state-driven oscillators of the STFT's rate.

Band gains alone can make no sweep. A dozen voices can: each waits, is set off by chance or by an attack in the music,
takes a pitch (of its own, or an octave of the music's strongest partial), glides, wobbles, fades and waits again.
A texture says how by the numbers of `Events`, which blend linearly with the rest of its embedding. Where the tones are
heard, and how loud, the network decides frame by frame; here is only where they are.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from rtengine.models.features import BINS, FRAME_RATE, N_FFT, SAMPLE_RATE

VOICES = 12
HELD = 5  # numbers a voice draws when it starts and then holds: pace, pitch, rate, level, extent
STATE = (2 + HELD) * VOICES  # age, running, and those
DICE = (1 + HELD) * VOICES  # random numbers a frame
HARMONICS = {2: 1.0, 3: 0.55, 4: 0.3}  # levels against the second's
PEAK_LOW, PEAK_HIGH = 5, 60  # bins, 215 to 2,600 Hz, where the music's strongest partial is looked for


@dataclass(frozen=True)
class Events:
    """How one texture's tones come and go; lengths in log2(s), pitches and rates in log2(Hz); spreads in deviations."""

    length: float
    pitch: float
    rate: float  # of vibrato and tremolo
    extent: float  # octaves glided over the life, downwards if negative
    length_spread: float
    pitch_spread: float
    rate_spread: float
    extent_spread: float
    level_spread: float  # octaves of amplitude
    threshold: float  # deviations that chance must exceed for a waiting voice to start, each frame
    attack_pull: float  # by how much a rise of the music of 1 neper lowers that threshold
    follow: float  # 0: the pitch as it is; 1: the pitch counts from an octave of the music's strongest partial
    curve: float  # at least 0.1; the higher, the more of the glide is at the start of the life
    rise: float  # part of the life in which the level rises
    fall: float  # nepers that the level has fallen by at the end
    vibrato: float  # octaves
    tremolo: float  # 0 to 1
    overtones: float  # level of the tones' second harmonic against the first

    def numbers(self) -> list[float]:
        """As an embedding holds them: means and spreads of what voices draw, then the rest, in the units of `step`."""
        reach = 1 / (1 - math.exp(-self.curve))
        pace = -self.length - math.log2(FRAME_RATE)  # log2 of the part of its life that a frame is
        means = [pace, self.pitch, self.rate, 0.0, self.extent * reach]
        bends = self.extent_spread * reach
        spreads = [self.length_spread, self.pitch_spread, self.rate_spread, self.level_spread, bends]
        others = [self.threshold, self.attack_pull, self.follow, 1 / self.rise, self.vibrato, self.tremolo / 2]
        harmonics = [self.overtones * v for v in HARMONICS.values()]
        return [*means, *spreads, *others, self.curve, self.fall, *harmonics]


SIZES = [HELD, HELD, 1, 1, 1, 1, 1, 1, 2]  # of `numbers`, but for the harmonics
PARAMETERS = sum(SIZES)


def strongest_partial(magnitude: Tensor) -> Tensor:
    """log2(Hz) of the strongest bin between 215 and 2,600 Hz, refined by a parabola; (..., bins) to (..., 1)."""
    log = torch.log(magnitude[..., PEAK_LOW - 1 : PEAK_HIGH + 1] + 1e-4)
    best = log[..., 1:-1].argmax(-1, keepdim=True)
    near = log.gather(-1, best + torch.arange(3))
    slope, bend = (near @ torch.tensor([[0.5, -1.0], [0.0, 2.0], [-0.5, -1.0]])).split(1, -1)
    offset = (slope / -bend.clamp(min=1e-3)).clamp(-0.5, 0.5)
    return torch.log(best + offset + PEAK_LOW) * (1 / math.log(2)) + math.log2(SAMPLE_RATE / N_FFT)


def step(past: Tensor, dice: Tensor, rush: Tensor, partial: Tensor, setting: Tensor) -> tuple[Tensor, Tensor]:
    """Move all voices by one frame.

    past (n, STATE), dice (n, DICE), rush and partial (n, 1), setting (n, PARAMETERS): see `Events.numbers`.
    Returns the new state, like past, and (n, 3, VOICES): bin, 1 / width in bins, level of each tone.
    """
    parts = setting.unsqueeze(-1).split(SIZES, -2)
    mean, spread, threshold, pull, follow, rise, vibrato, tremolo, falls = parts
    age, running, held = past.unflatten(-1, (2 + HELD, VOICES)).split([1, 1, HELD], -2)
    chance, dice = dice.unflatten(-1, (1 + HELD, VOICES)).split([1, HELD], -2)

    age = age + held[..., :1, :] * running
    running = running * (age < 1).to(age)
    start = (chance + pull * rush.unsqueeze(-1) > threshold) & (running < 0.5)
    octave = partial.unsqueeze(-1) + torch.round(1.8 + dice[..., 1:2, :]).clamp(0, 3)
    fresh, extent = (mean + spread * dice + follow * octave * _PITCH).split([HELD - 1, 1], -2)
    fresh = torch.cat([torch.exp(math.log(2) * fresh), extent], -2)
    held = torch.where(start, fresh, held)
    age = torch.where(start, torch.zeros(1), age)
    running = torch.where(start, torch.ones(1), running)
    state = torch.cat([age, running, held], -2).flatten(-2)

    pace, pitch, rate, level, extent = held.split(1, -2)
    turns = (2 * math.pi / FRAME_RATE) * rate * age / (pace + 1e-9)
    bend, fade = torch.exp(-falls * age).split(1, -2)
    glide = extent * (1 - bend) + vibrato * torch.sin(turns)
    k = (pitch * torch.exp(math.log(2) * glide) * (N_FFT / SAMPLE_RATE)).clamp(1, BINS + 60)
    slope = (extent * bend * falls[..., :1, :] * pace * k).abs()  # bins a frame, nearly
    sharpness = 1 / (1.3 + (0.9 * slope).clamp(max=18))
    level = level * running * (age * rise).clamp(max=1) * fade * (1 - tremolo + tremolo * torch.cos(turns))
    return state, torch.cat([k, sharpness, level], -2)


_PITCH = torch.tensor([[0.0], [1.0], [0.0], [0.0], [0.0]])  # the row of HELD that follows the music


def tones(voices: Tensor, harmonics: Tensor, bins: Tensor) -> Tensor:
    """Draw the voices into one spectrum of lobes: (..., 3, VOICES), (..., 1, harmonics), (bins,) to (..., 1, bins)."""
    where, level = voices.split([2, 1], -2)
    k, sharpness = where.transpose(-1, -2).split(1, -1)
    u = (bins - k) * sharpness
    tone = level @ torch.exp(-u * u)
    # bin k of the h-th harmonic's spectrum is bin k / h of the first's
    sources = torch.cat([torch.round(bins / h + 0.01).long() for h in HARMONICS])
    above = tone.index_select(-1, sources).unflatten(-1, (len(HARMONICS), len(bins)))
    return tone + (harmonics.unsqueeze(-2) @ above).squeeze(-2)
