"""Gliding tones: the texture's own events (a bubble, a zap, a spark), as state-driven oscillators of the STFT's rate.

Band gains alone can make no sweep. Eight voices can: each waits, is set off by chance or by an attack in the music,
takes a pitch (of its own, or an octave of the music's strongest partial), glides, wobbles, fades and waits again.
A texture says how by the numbers of `Events`, which blend linearly with the rest of its embedding. Where the tones are
heard, and how loud, the network decides frame by frame; here is only where they are.
"""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import torch
from torch import Tensor

from rtengine.models.features import BINS, FRAME_RATE, N_FFT, SAMPLE_RATE

VOICES = 8
STATE = 6  # numbers a voice keeps: age, pace, pitch, extent, level, modulation rate
DICE = 6  # random numbers a voice takes each frame
PEAK_LOW, PEAK_HIGH = 5, 60  # bins, 215 to 2,600 Hz, where the music's strongest partial is looked for


@dataclass(frozen=True)
class Events:
    """How one texture's tones come and go; pitches are log2(Hz), lengths log2(seconds), spreads standard deviations."""

    threshold: float  # standard deviations that chance must exceed for a waiting voice to start, each frame
    attack_pull: float  # by how much an attack of 1 neper in the music lowers that threshold
    length: float
    length_spread: float
    pitch: float
    pitch_spread: float
    follow: float  # 0: that pitch; 1: an octave of the music's strongest partial
    extent: float  # octaves glided over the life, downwards if negative
    extent_spread: float
    curve: float  # at least 0.1; the higher, the more of the glide is at the start of the life
    rise: float  # part of the life in which the level rises
    fall: float  # nepers that the level has fallen by at the end
    vibrato: float  # octaves
    tremolo: float  # 0 to 1
    rate: float  # Hz, of both
    level_spread: float  # nepers


PARAMETERS = len(fields(Events))


def numbers(events: Events) -> list[float]:
    """The parameters in the order in which an embedding holds them."""
    return [float(v) for v in astuple(events)]


def strongest_partial(magnitude: Tensor) -> Tensor:
    """log2(Hz) of the strongest bin between 215 and 2,600 Hz, refined by a parabola; (..., bins) to (..., 1)."""
    log = torch.log(magnitude[..., PEAK_LOW - 1 : PEAK_HIGH + 1] + 1e-4)
    best = log[..., 1:-1].argmax(-1, keepdim=True)
    a, b, c = log.gather(-1, best + torch.arange(3)).split(1, -1)
    offset = (0.5 * (a - c) / (a - 2 * b + c).clamp(max=-1e-3)).clamp(-0.5, 0.5)
    return torch.log2((best + offset + PEAK_LOW) * (SAMPLE_RATE / N_FFT))


def step(past: Tensor, random: Tensor, attack: Tensor, partial: Tensor, events: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Move all voices by one frame.

    past (..., 6 x 8), random (..., 6 x 8), attack and partial (..., 1), events: the fields of Events, each (..., 1).
    Returns the new state, like past, and (..., 3 x 8): bin, 1 / width in bins, level of each tone.
    """
    age, pace, pitch, extent, level, rate = past.split(VOICES, -1)
    z = random.split(VOICES, -1)
    e = dict(zip((f.name for f in fields(Events)), events, strict=True))
    waiting = (pace <= 0) | (age + pace >= 1)
    start = waiting & (z[0] + e["attack_pull"] * attack > e["threshold"])
    running = (~waiting).to(age)
    own = e["pitch"] + e["pitch_spread"] * z[2]
    octave = partial + torch.round(1.8 + z[2]).clamp(0, 3)
    age = (age + pace) * running
    pace = torch.where(start, _octaves(-e["length"] - e["length_spread"] * z[1]) / FRAME_RATE, pace * running)
    pitch = torch.where(start, own + e["follow"] * (octave - own), pitch)
    extent = torch.where(start, e["extent"] + e["extent_spread"] * z[3], extent)
    level = torch.where(start, torch.exp(e["level_spread"] * z[4]), level * running)
    rate = torch.where(start, e["rate"] * _octaves(0.5 * z[5]), rate)
    state = torch.cat([age, pace, pitch, extent, level, rate], -1)

    turns = (2 * math.pi / FRAME_RATE) * rate * age / pace.clamp(min=1e-6)
    bend = torch.exp(-e["curve"] * age)
    whole = extent / (1 - torch.exp(-e["curve"]))
    octaves = pitch + whole * (1 - bend) + e["vibrato"] * torch.sin(turns)
    k = _octaves(octaves.clamp(5.0, 14.4)) * (N_FFT / SAMPLE_RATE)
    slope = (whole * e["curve"] * bend * pace).abs()  # octaves a frame
    width = 1.3 + (0.9 * k * slope).clamp(max=18)
    loudness = level * (age / e["rise"]).clamp(max=1) * torch.exp(-e["fall"] * age)
    loudness = loudness * (1 - e["tremolo"] * (0.5 - 0.5 * torch.cos(turns))) * ((BINS - 20 - k) / 30).clamp(0, 1)
    return state, torch.cat([k, 1 / width, loudness], -1)


def tones(voices: Tensor, bins: Tensor) -> Tensor:
    """Draw the voices into one spectrum of lobes: (..., 3 x 8) and (bins,) to (..., 1, bins)."""
    k, sharpness, loudness = voices.unsqueeze(-2).split(VOICES, -1)
    u = (bins - k.transpose(-1, -2)) * sharpness.transpose(-1, -2)
    return loudness @ torch.exp(-u * u)


def _octaves(x: Tensor) -> Tensor:
    return torch.exp(math.log(2) * x)  # ONNX has no exp2
