"""The controller in torch: the same numbers as rtengine.models.console.network, for many songs at once.

Songs lie in batches (B, S, T): songs, strips, hops. The means over time that the host keeps up hop by hop are sums
here, so there is no loop over time, and no gradient has to go back through one.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rtengine.models.console import ear, layout
from rtengine.models.console.layout import Weights


class Heard(NamedTuple):
    """What the strips play: power (B, S, T, COUNT), peak (B, S, T), active (B, S, T), role (B, S), wish (B, WISH)."""

    power: Tensor
    peak: Tensor
    active: Tensor
    role: Tensor
    wish: Tensor


class Answer(NamedTuple):
    """What the controller says: (B, S, ...) and (B, ...); dB, but for `sure`, the logarithm of its error in dB."""

    bands: Tensor
    balance: Tensor
    taken: Tensor
    sure: Tensor
    sides: Tensor
    crest: Tensor


class Controller(nn.Module):
    """About 0.2 M parameters, see layout."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleDict({n: nn.Linear(*shape) for n, shape in layout.WEIGHTS.items()})
        for name in ("out2", "mix2"):
            nn.init.normal_(self.layer(name).weight, std=0.01)
            nn.init.zeros_(self.layer(name).bias)
        self.drop = nn.Dropout(0.2)

    def layer(self, name: str) -> nn.Linear:
        """One of layout.WEIGHTS."""
        found = self.layers[name]
        assert isinstance(found, nn.Linear)
        return found

    def known(self, heard: Heard, end: int, seconds: float) -> Tensor:
        """All that is known of the strips after `end` hops, (B, S, KNOWN)."""
        power, active = heard.power[:, :, :end], heard.active[:, :, :end, None]
        level = 10 * torch.log10(power + 1e-12)
        count = active.sum(2).clamp(min=1)  # (B, S, 1)
        so_far = active.cumsum(2).clamp(min=1)
        mean_so_far = (power * active).cumsum(2) / so_far
        own = 10 * torch.log10(mean_so_far.sum(-1, keepdim=True) + 1e-12)  # (B, S, end, 1)
        total = 10 * torch.log10(power.sum(-1, keepdim=True) + 1e-12)
        peak = 20 * torch.log10(heard.peak[:, :, :end, None] + 1e-6)
        frame = torch.cat(
            [
                ((level - own) / 20 + 1).clamp(-2, 2),
                ((total - own) / 10).clamp(-3, 3),
                ((peak - total - 10) / 10).clamp(-3, 3),
            ],
            -1,
        )
        hidden = torch.relu(self.layers["frame2"](torch.relu(self.layers["frame1"](frame))))
        mean = (hidden * active).sum(2) / count
        now = own[:, :, -1]
        mean_level = (level * active).sum(2) / count
        stray = ((level.square() * active).sum(2) / count - mean_level.square()).clamp(min=0).sqrt()
        average = 10 * torch.log10(mean_so_far[:, :, -1] + 1e-12)
        stand_out = (peak * active).sum(2) / count - now
        highest = (peak.masked_fill(active == 0, -120.0)).amax(2)
        time = torch.log(count * seconds + 0.1) / 3
        role = nn.functional.one_hot(heard.role, len(layout.ROLES)).to(power.dtype)
        wish = heard.wish[:, None].expand(-1, power.shape[1], -1)
        parts = [
            mean, ((average - now) / 20 + 1).clamp(-2, 2), ((mean_level - now) / 20 + 1).clamp(-2, 2), stray / 10 - 0.5,
            (stand_out - 10) / 10, ((highest - now - 15) / 10).clamp(-3, 3), time, role, wish,
        ]  # fmt: skip
        return torch.cat(parts, -1)

    def answer(self, known: Tensor, present: Tensor) -> Answer:
        """Known (B, S, KNOWN), present (B, S): whether a strip was heard at all."""
        net = self.layers
        z = torch.relu(net["strip2"](self.drop(torch.relu(net["strip1"](known)))))
        batch, strips, size = z.shape
        n = norm(z)
        shape = (batch, strips, layout.HEADS, size // layout.HEADS)
        q, k, v = (net[name](n).view(shape).transpose(1, 2) for name in ("query", "key", "value"))
        score = q @ k.transpose(2, 3) / np.sqrt(size // layout.HEADS)
        score = score.masked_fill(present[:, None, None] == 0, -1e4)
        z = z + net["join"]((score.softmax(-1) @ v).transpose(1, 2).reshape(batch, strips, size))
        z = z + net["beside2"](self.drop(torch.relu(net["beside1"](norm(z)))))
        n = self.drop(norm(z))
        y = net["out2"](torch.relu(net["out1"](n)))
        weight = present[..., None]
        together = (n * weight).sum(1) / weight.sum(1).clamp(min=1)
        mix = torch.tanh(net["mix2"](torch.relu(net["mix1"](together))))
        return Answer(
            layout.EQ_RANGE * torch.tanh(y[..., :6]),
            layout.BALANCE_RANGE * torch.tanh(y[..., 6]),
            layout.TAKEN_RANGE * torch.sigmoid(y[..., 7] - 3),
            y[..., 8] + 1.3,
            torch.tensor(layout.SIDE_CENTRES) + layout.SIDE_RANGE * mix[:, :3],
            layout.CREST_CENTRE + layout.CREST_RANGE * mix[:, 3],
        )

    def forward(self, heard: Heard, end: int, seconds: float) -> Answer:
        """What is said after `end` hops of `seconds` each."""
        return self.answer(self.known(heard, end, seconds), (heard.active[:, :, :end].sum(2) > 0).to(heard.power.dtype))

    def load(self, weights: Weights) -> None:
        """Begin with these."""
        layout.check(weights)
        with torch.no_grad():
            for name in layout.WEIGHTS:
                layer = self.layer(name)
                layer.weight.copy_(torch.from_numpy(weights[name].T.copy()))
                layer.bias.copy_(torch.from_numpy(weights[f"{name}.bias"].copy()))

    def weights(self) -> Weights:
        """As layout names them."""
        found: Weights = {}
        for name in layout.WEIGHTS:
            layer = self.layer(name)
            found[name] = layer.weight.detach().numpy().T.copy()
            found[f"{name}.bias"] = layer.bias.detach().numpy().copy()
        return found


def norm(z: Tensor) -> Tensor:
    """Mean 0 and deviation 1 of each vector; scale and offset are the next layer's."""
    return (z - z.mean(-1, keepdim=True)) / torch.sqrt(z.var(-1, unbiased=False, keepdim=True) + 1e-5)


assert ear.COUNT == 27  # as the sizes in layout say
