"""The score network: a causal transformer over compound words, with rotary positions, so that its cache can be a ring.

The conditions of the next word's surroundings are added to each word. The five fields of the next word are told one
after another: the head of a field knows the fields before it. J. Su and others, "RoFormer: Enhanced transformer with
rotary position embedding", 2021; B. Zhang, R. Sennrich, "Root mean square layer normalization", NeurIPS 2019.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from rtengine.models.score.words import CONDITIONS, FIELDS

WIDTH, LAYERS, HEADS = 192, 4, 6
BASE = 10_000.0  # of the rotary angles
DROPOUT = 0.1


def rotated(x: Tensor, angles: Tensor) -> Tensor:
    """X (..., length, 2 k) with its pairs turned by angles (length, k)."""
    a, b = x.chunk(2, dim=-1)
    c, s = angles.cos(), angles.sin()
    return torch.cat([a * c - b * s, a * s + b * c], dim=-1)


def angles(at: Tensor, size: int) -> Tensor:
    """(length, size / 2) angles of positions."""
    return at[:, None] * BASE ** (-torch.arange(0, size, 2, device=at.device) / size)


class Layer(nn.Module):
    """Attention and a feed-forward part, each on what is normalised, added to what came in."""

    def __init__(self, width: int, heads: int, dropout: float = DROPOUT) -> None:
        super().__init__()
        self.heads, self.drop = heads, dropout
        self.norm, self.norm2 = nn.RMSNorm(width, 1e-5), nn.RMSNorm(width, 1e-5)
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def split(self, x: Tensor, turn: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys (both turned by position) and values, each (batch, heads, length, size)."""
        b, n, width = x.shape
        q, k, v = self.qkv(self.norm(x)).view(b, n, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        return rotated(q, turn), rotated(k, turn), v

    def fed(self, x: Tensor, attended: Tensor) -> Tensor:
        """What comes out, of what came in and what was attended to (batch, heads, length, size)."""
        b, _, n, _ = attended.shape
        x = x + functional.dropout(self.out(attended.transpose(1, 2).reshape(b, n, -1)), self.drop, self.training)
        return x + functional.dropout(self.down(functional.gelu(self.up(self.norm2(x)))), self.drop, self.training)

    def forward(self, x: Tensor, turn: Tensor) -> Tensor:
        q, k, v = self.split(x, turn)
        return self.fed(x, functional.scaled_dot_product_attention(q, k, v, is_causal=True))


class Composer(nn.Module):
    """words (batch, length, fields), told (batch, length, conditions) -> what is known of each next word."""

    def __init__(self, width: int = WIDTH, layers: int = LAYERS, heads: int = HEADS) -> None:
        super().__init__()
        self.shape = {"width": width, "layers": layers, "heads": heads}
        self.fields = nn.ModuleList(nn.Embedding(n, width) for n in FIELDS.values())
        self.told = nn.ModuleList(nn.Embedding(n, width) for n in CONDITIONS.values())
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(layers))
        self.norm = nn.RMSNorm(width, 1e-5)
        self.inner = nn.ModuleList(nn.Linear(width, width) for _ in FIELDS)
        self.heads = nn.ModuleList(nn.Linear(width, n) for n in FIELDS.values())
        for module in self.modules():
            if isinstance(module, nn.Embedding | nn.Linear):
                nn.init.normal_(module.weight, std=0.02 if isinstance(module, nn.Embedding) else width**-0.5)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
        for name, weight in self.named_parameters():
            if name.endswith(("out.weight", "down.weight")):
                nn.init.normal_(weight, std=(2 * layers * weight.shape[1]) ** -0.5)

    def embed(self, words: Tensor, told: Tensor) -> Tensor:
        """(batch, length, width) of words and their conditions."""
        parts = [e(words[..., i]) for i, e in enumerate(self.fields)]
        return torch.stack(parts + [e(told[..., i]) for i, e in enumerate(self.told)]).sum(dim=0)

    def forward(self, words: Tensor, told: Tensor) -> Tensor:
        x = self.embed(words, told)
        turn = angles(torch.arange(words.shape[1], device=words.device).float(), x.shape[-1] // self.shape["heads"])
        for layer in self.layers:
            x = layer(x, turn)
        return self.norm(x)

    def logits(self, known: Tensor, field: int) -> Tensor:
        """Of one field; known: what forward gave, and the embeddings of the fields before it added."""
        return self.heads[field](functional.gelu(self.inner[field](known)))

    def losses(self, known: Tensor, following: Tensor) -> Tensor:
        """(fields,) mean cross-entropies, nats; of BARs the step alone counts."""
        out, note = [], following[..., 1] > 0
        for i in range(len(FIELDS)):
            if i == 1:
                known, following = known[note], following[note]
            out.append(functional.cross_entropy(self.logits(known, i).flatten(0, -2), following[..., i].flatten()))
            known = known + self.fields[i](following[..., i])
        return torch.stack(out)
