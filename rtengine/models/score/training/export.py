"""Write a trained score network as the ONNX file that `rtengine.models.score.model` plays: one word in, one word out.

Weights are stored in half precision and turned to single when the session is made. What is known of the words before
comes in as keys and values of the whole ring, those of this word go out; the five fields are drawn inside, each from
its own logits, biased by masks and by the Gumbel noise that is handed in, so the caller seeds it.
"""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from rtengine.models.score.model import CONTRACT, INPUTS, OUTPUTS, RING
from rtengine.models.score.training.network import Composer, Layer, angles
from rtengine.models.score.words import CONDITIONS, FIELDS

NEVER = -1e9


class Step(nn.Module):
    """One word: see model.py for the tensors."""

    def __init__(self, network: Composer) -> None:
        super().__init__()
        self.network = network
        self.size = network.shape["width"] // network.shape["heads"]

    def forward(self, word: Tensor, told: Tensor, at: Tensor, keys: Tensor, values: Tensor, hidden: Tensor,
                sharpness: Tensor, least: Tensor, noise: Tensor, steps: Tensor, parts: Tensor, pitches: Tensor,
                lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        net, turn = self.network, angles(at, self.size)
        x, made = net.embed(word[None, None], told[None, None]), []
        for i, layer in enumerate(net.layers):
            assert isinstance(layer, Layer)
            x, key, value = self._layer(layer, x, turn, keys[i], values[i], hidden)
            made.append((key, value))
        known = _normed(net.norm, x)[0, 0]
        drawn: list[Tensor] = []
        biases = (lambda: steps, lambda: parts[drawn[0]], lambda: self._pitches(pitches, word, *drawn),
                  lambda: lengths[drawn[0]], lambda: torch.zeros(FIELDS["velocity"]))  # fmt: skip
        first = 0
        for i, (size, bias) in enumerate(zip(FIELDS.values(), biases, strict=True)):
            logits = net.logits(known, i) * sharpness[i] + bias()
            logits = torch.where(logits < logits.max() + least[i], torch.full_like(logits, NEVER), logits)
            drawn.append(torch.argmax(logits + noise[first : first + size]))
            known = known + net.fields[i](drawn[-1])
            first += size
        return torch.stack(drawn), torch.stack([k for k, _ in made]), torch.stack([v for _, v in made])

    def _layer(self, layer: Layer, x: Tensor, turn: Tensor, keys: Tensor, values: Tensor, hidden: Tensor
               ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        q, k, v = (t[0, :, 0] for t in layer.split(x, turn))  # (heads, size)
        before = (keys @ q[:, :, None])[:, :, 0] * self.size**-0.5 + hidden
        own = (q * k).sum(dim=1, keepdim=True) * self.size**-0.5
        weights = torch.softmax(torch.cat([before, own], dim=1), dim=1)
        heard = (weights[:, None, :-1] @ values)[:, 0] + weights[:, -1:] * v
        return layer.fed(x, heard[None, :, None]), k, v

    @staticmethod
    def _pitches(pitches: Tensor, word: Tensor, step: Tensor, part: Tensor) -> Tensor:
        """The row of the half bar and the part; at one step a part goes downwards."""
        row = pitches[(step >= 8).long(), part]
        same = (step == word[0]) & (part == word[1])
        return torch.where(same & (torch.arange(FIELDS["pitch"]) >= word[2]), torch.full_like(row, NEVER), row)


def _normed(norm: nn.Module, x: Tensor) -> Tensor:
    """nn.RMSNorm in operators that every exporter knows."""
    assert isinstance(norm.weight, Tensor)
    return x * torch.rsqrt((x * x).mean(dim=-1, keepdim=True) + 1e-5) * norm.weight


class _Norm(nn.Module):
    def __init__(self, norm: nn.Module) -> None:
        super().__init__()
        self.weight = norm.weight

    def forward(self, x: Tensor) -> Tensor:
        return _normed(self, x)


def export(network: Composer, path: Path, training: Mapping[str, object]) -> None:
    """Write the file; training: what the model card's reader wants to know. The network may not be trained on after."""
    network.eval()
    for layer in network.layers:
        layer.norm, layer.norm2 = _Norm(layer.norm), _Norm(layer.norm2)  # type: ignore[arg-type]
    shape = (network.shape["layers"], network.shape["heads"], RING, network.shape["width"] // network.shape["heads"])
    example = (
        torch.zeros(5, dtype=torch.long), torch.zeros(len(CONDITIONS), dtype=torch.long), torch.zeros(1),
        torch.zeros(shape), torch.zeros(shape), torch.zeros(RING), torch.ones(5), torch.full((5,), -5.0),
        torch.zeros(sum(FIELDS.values())), torch.zeros(FIELDS["step"]), torch.zeros(FIELDS["step"], FIELDS["part"]),
        torch.zeros(2, FIELDS["part"], FIELDS["pitch"]), torch.zeros(FIELDS["step"], FIELDS["length"]),
    )  # fmt: skip
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of the older exporter, which needs no further package
        torch.onnx.export(Step(network).eval(), example, str(path), input_names=[*INPUTS], output_names=[*OUTPUTS],
                          opset_version=17, dynamo=False, do_constant_folding=False)  # fmt: skip
    model = halved(onnx.load(str(path)))
    metadata = {
        "contract": CONTRACT,
        "shape": json.dumps(shape),
        "licence": "MIT",
        "training": json.dumps(dict(training)),
    }
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model with its larger weights stored as float16 and cast where they are used."""
    casts = []
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.size < 1024:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(value.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model
