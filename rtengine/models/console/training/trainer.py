"""Training of the controller: parameters first, then also the sound of a desk that they turn."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rtengine.dsp import loudness
from rtengine.models.console import ear, layout
from rtengine.models.console.training import desk, spoil
from rtengine.models.console.training.desk import Spoilt
from rtengine.models.console.training.habit import Habit, balance, expected, habit
from rtengine.models.console.training.network import Answer, Controller, Heard
from rtengine.models.console.training.songs import Samples, Song

BATCH, HOPS, WHEN = 24, 640, (40, 160, 400, 640)  # songs a step, hops of them, and after how many it has to answer
RATE, DECAY = 1.5e-3, 0.02  # of learning, of weights
SOUND = 0.5  # the share of the sound's loss in the second part
SECOND, EVERY = 0.6, 4  # of the steps are before it; from then on a step in so many also hears a desk
RIDGE = 0.02  # of the bands' gains in dB: what nobody can hear stays flat
GATE = 40.0  # dB under the loudest hop: quieter ones do not count

Stage = Callable[[list[Samples], float, int], list[Samples]]  # stems, sample rate, seed


class Trainer:
    """Learns from songs; `stage` is what is done to their sound (offline.automix.degrade)."""

    def __init__(self, songs: list[Song], stage: Stage, steps: int, variants: int = 4, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.songs, self.steps, self.step = songs, steps, 0
        self.random = np.random.default_rng(seed)
        self.habit = habit(songs)
        self.network = Controller()
        self.optimiser = torch.optim.AdamW(self.network.parameters(), RATE, weight_decay=DECAY)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(self.optimiser, RATE, total_steps=steps + 1)
        self.stage, self.variants = stage, variants
        self._pool: list[Spoilt] = []

    def advance(self) -> dict[str, float]:
        """One step; the parts of its loss."""
        self.network.train()
        songs = self.songs
        heard, truth = spoil.batch(songs, self.habit, BATCH, HOPS, self.random)
        seconds = ear.HOP / songs[0].sample_rate
        end = int(self.random.choice(WHEN))
        parts = differences(self.network(heard, end, seconds), truth)
        total = parts["curve"] + 0.5 * parts["balance"] + 0.3 * parts["sides"] + 0.3 * parts["crest"] + parts["sure"]
        if self.habit.known and self.step >= SECOND * self.steps and self.step % EVERY == 0:
            self._pool = self._pool or self._spoilt()
            song = self._pool[int(self.random.integers(len(self._pool)))]
            parts["sound"] = self.sound(song)
            total = total + SOUND * parts["sound"]
        self.optimiser.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        return {name: value.item() for name, value in parts.items()}

    def sound(self, song: Spoilt) -> Tensor:
        """How far the mix that the network makes of a spoilt song is from the song's own.

        The few songs that people have mixed teach no spectrum and no balance here: that would be by heart.
        """
        start = int(self.random.integers(max(song.stems.shape[1] - int(desk.SPAN * song.sample_rate), 1)))
        answer = self.answer(song)
        if song.wide:
            answer = answer._replace(bands=answer.bands.detach(), balance=answer.balance.detach())
        return desk.loss(song, answer, start)

    def answer(self, song: Spoilt) -> Answer:
        """What the network says of a spoilt song, heard whole."""
        role = torch.tensor([[layout.ROLES.index(r) for r in song.roles]])
        wish = torch.zeros(1, layout.WISH)
        heard = Heard(song.power[None], song.peak[None], song.active[None], role, wish)
        return self.network(heard, song.power.shape[1], ear.HOP / song.sample_rate)

    def _spoilt(self) -> list[Spoilt]:
        return [
            spoilt(song, self.stage(song.stems, song.sample_rate, 1000 + v), self.habit)
            for song in self.songs if song.stems and (song.made_up or song.mix is not None)
            for v in range(1 if song.made_up else self.variants)
        ]  # fmt: skip

    def save(self, path: Path) -> None:
        """Everything that going on takes."""
        torch.save(
            {
                "step": self.step,
                "network": self.network.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "schedule": self.schedule.state_dict(),
                "random": self.random.bit_generator.state,
            },
            path,
        )

    def resume(self, path: Path) -> None:
        """Go on from there."""
        there: dict[str, Any] = torch.load(path, weights_only=False)
        self.step = there["step"]
        self.network.load_state_dict(there["network"])
        self.optimiser.load_state_dict(there["optimiser"])
        self.schedule.load_state_dict(there["schedule"])
        self.random.bit_generator.state = there["random"]

    def until(self, deadline: float) -> bool:
        """Whether there are steps to do, and time for them (time.monotonic)."""
        return self.step < self.steps and time.monotonic() < deadline


def differences(answer: Answer, truth: spoil.Truth) -> dict[str, Tensor]:
    """The parts of the loss, in units of what nobody knows anything: 1 is no better than to leave all as it is."""
    # a band's curve is nearly its gain times its curve at 1 dB, and so is the inverse of the stage's
    from rtengine.dsp.console.equaliser import responses

    shapes = torch.tensor(responses()[:, ear.FIRST : ear.LAST], dtype=torch.float32)
    there, weight = truth.strips, truth.weight * truth.strips[..., None]
    total = weight.sum(-1).clamp(min=1)  # a strip that hardly counts anywhere, hardly counts
    off = answer.bands @ shapes - truth.curve
    off = off - (off * weight).sum(-1, keepdim=True) / total[..., None]  # the level is the fader's
    square = (off.square() * weight).sum(-1) / total
    mixes = truth.known.sum().clamp(min=1)
    sigma = answer.sure.clamp(-1, 2.5)
    known = truth.balanced[:, None] * there
    count = known.sum(1, keepdim=True).clamp(min=1)
    apart = answer.balance - truth.balance
    apart = (apart - (apart * known).sum(1, keepdim=True) / count) * known
    return {
        "curve": ((square + RIDGE * answer.bands.square().sum(-1)) * there).sum() / there.sum() / 30,
        "sure": 0.1 * ((square.detach() / 2 * torch.exp(-2 * sigma) + sigma) * there).sum() / there.sum(),
        "balance": apart.square().sum() / known.sum().clamp(min=1) / 16,
        "sides": ((answer.sides - truth.sides).square().mean(1) * truth.known).sum() / mixes / 16,
        "crest": ((answer.crest - truth.crest).square() * truth.known).sum() / mixes / 4,
    }  # fmt: skip


def spoilt(song: Song, stems: list[Samples], known: Habit) -> Spoilt:
    """A song after a stage, as tensors."""
    x = np.concatenate(stems)
    power, peak = ear.hear(np.ascontiguousarray(x, np.float32), song.sample_rate)
    total = 10 * np.log10(power.sum(2) + 1e-12)
    active = (total > total.max(0) - GATE).T.astype(np.float32)
    loud = [loudness.loudness(s, song.sample_rate) for s in stems]
    if song.mix is not None:
        human = np.stack([(song.mix[0] + song.mix[1]) / 2, (song.mix[0] - song.mix[1]) / 2])
    else:
        turned = expected(known, song.roles, song.crests) - balance(song.roles, song.loudness)
        gains = (10 ** (turned / 20)).astype(np.float32)
        middle = np.sum([g * x[0] for g, x in zip(gains, song.stems, strict=True)], axis=0, dtype=np.float32)
        human = np.stack([middle, np.zeros_like(middle)])
    samples = min(human.shape[1], x.shape[1])
    return Spoilt(
        torch.from_numpy(x[::2, :samples].copy()), torch.from_numpy(human[:, :samples].copy()),
        torch.from_numpy(power.transpose(1, 0, 2).astype(np.float32)), torch.from_numpy(peak.T.astype(np.float32)),
        torch.from_numpy(active), torch.tensor(loud, dtype=torch.float32), song.roles, song.sample_rate,
        song.mix is not None,
    )  # fmt: skip
