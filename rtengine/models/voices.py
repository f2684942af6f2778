"""Gliding tones: the texture's own events (a bubble, a zap, a spark), as state-driven oscillators of the STFT's rate.

Band gains alone can make no sweep. A dozen voices can: each waits, is set off by chance or by an attack in the music,
takes a pitch (of its own, or an octave of the music's strongest partial), glides, wobbles, fades and waits again.
A texture says how by the numbers of `Events`, which blend linearly with the rest of its embedding. Where the tones are
heard, and how loud, the network decides frame by frame; here is only where they are.
"""

import math

import numpy as np
import torch
from torch import Tensor

from rtengine.block import kernel
from rtengine.models.bands import BINS, FRAME_RATE, N_FFT, SAMPLE_RATE
from rtengine.models.events import HELD, OVERTONES, SIZES, VOICES

STATE = (2 + HELD) * VOICES  # age, running, and what is held
DICE = (1 + HELD) * VOICES  # random numbers a frame
EDGE = 4.0  # half widths of a lobe, where it is 1e-7 of its height
PEAK_LOW, PEAK_HIGH = 5, 60  # bins, 215 to 2,600 Hz, where the music's strongest partial is looked for


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
    past = past.unflatten(-1, (2 + HELD, VOICES))
    age, running, held = past.split([1, 1, HELD], -2)
    chance, dice = dice.unflatten(-1, (1 + HELD, VOICES)).split([1, HELD], -2)

    age = age + held[..., :1, :] * running
    running = running * (age < 1).to(age)
    start = (chance + pull * rush.unsqueeze(-1) > threshold) & (running < 0.5)
    octave = partial.unsqueeze(-1) + torch.round(1.8 + dice[..., 1:2, :]).clamp(0, 3)
    fresh, extent = (mean + spread * dice + follow * octave * _PITCH).split([HELD - 1, 1], -2)
    begun = torch.cat([_BEGUN.expand_as(past[..., :2, :]), torch.exp(math.log(2) * fresh), extent], -2)
    state = torch.where(start, begun, torch.cat([age, running, held], -2))
    age, running, pace, pitch, rate, level, extent = state.split(1, -2)
    turns = (2 * math.pi / FRAME_RATE) * rate * age / (pace + 1e-9)
    bend, fade = torch.exp(-falls * age).split(1, -2)
    glide = extent * (1 - bend) + vibrato * torch.sin(turns)
    k = (pitch * torch.exp(math.log(2) * glide) * (N_FFT / SAMPLE_RATE)).clamp(1, BINS + 60)
    slope = (extent * bend * falls[..., :1, :] * pace * k).abs()  # bins a frame, nearly
    sharpness = 1 / (1.3 + (0.9 * slope).clamp(max=18))
    level = level * running * (age * rise).clamp(max=1) * fade * (1 - tremolo + tremolo * torch.cos(turns))
    return state.flatten(-2), torch.cat([k, sharpness, level], -2)


_BEGUN = torch.tensor([[0.0], [1.0]])  # age and running of a voice that starts
_PITCH = torch.tensor([[0.0], [1.0], [0.0], [0.0], [0.0]])  # the row of HELD that follows the music


@kernel
def draw_lobes(voices, tone):
    """Add each voice of (frames, 3, VOICES) to (frames, bins): as `tones` does, but only where a lobe is not 0."""
    for m in range(voices.shape[0]):
        for v in range(voices.shape[2]):
            k, sharpness, level = voices[m, 0, v], voices[m, 1, v], voices[m, 2, v]
            if level == 0:
                continue
            reach = EDGE / sharpness
            for j in range(max(0, int(k - reach)), min(tone.shape[1], int(k + reach) + 2)):
                u = (np.float32(j) - k) * sharpness
                tone[m, j] += level * np.exp(-u * u)


def tones(voices: Tensor, overtones: Tensor, bins: Tensor) -> Tensor:
    """Draw the voices into one spectrum of lobes: (..., 3, VOICES), (..., 1, overtones), (bins,) to (..., 1, bins)."""
    if voices.dim() > 3:  # a sequence, in training
        drawn = np.zeros((*voices.shape[:-2], 1, len(bins)), np.float32)
        draw_lobes(voices.reshape(-1, 3, VOICES).cpu().numpy(), drawn.reshape(-1, len(bins)))
        tone = torch.from_numpy(drawn).to(voices.device)
    else:
        where, level = voices.split([2, 1], -2)
        k, sharpness = where.transpose(-1, -2).split(1, -1)
        u = (bins - k) * sharpness
        tone = level @ torch.exp(-u * u)
    # bin k of the spectrum of the overtone of ratio h is bin k / h of the tone's own
    sources = torch.cat([torch.round(bins / h + 0.01).long() for h in OVERTONES])
    above = tone.index_select(-1, sources).unflatten(-1, (len(OVERTONES), len(bins)))
    return tone + (overtones.unsqueeze(-2) @ above).squeeze(-2)
