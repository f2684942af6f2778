"""A network for genres from scratch: five convolutions like VGG's over 3 s of log-mel frames, 0.4 million parameters.

    logmel (B, 187, 96) -> 5 x (3 x 3 convolution, batch norm, ReLU, 2 x 2 maximum)
    -> mean and maximum over what is left -> 128 (the embedding) -> genres; the taggram is their softmax.

Source: K. Simonyan, A. Zisserman, "Very deep convolutional networks", ICLR 2015; K. Choi, G. Fazekas, M. Sandler,
"Automatic tagging using deep convolutional neural networks", ISMIR 2016 (for music, on mel spectrograms).
"""

import json
import warnings
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from rtengine.models.listen.front_end import MELS
from rtengine.models.listen.model import CONTRACT, FRAMES

WIDTHS = (32, 64, 96, 128, 128)  # channels after each convolution
EMBEDDING = 128


class Genres(nn.Module):
    """Scores of genres, and the embedding, of windows (B, 187, 96)."""

    mean: Tensor
    scale: Tensor

    def __init__(self, genres: int, mean: float = 0.0, scale: float = 1.0) -> None:
        """mean, scale: of all frames that are trained on, which become 0 and 1."""
        super().__init__()
        self.register_buffer("mean", torch.tensor(float(mean)))
        self.register_buffer("scale", torch.tensor(float(scale)))
        layers: list[nn.Module] = []
        for before, width in zip((1, *WIDTHS), WIDTHS, strict=False):
            layers += [nn.Conv2d(before, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            layers += [nn.MaxPool2d(2)]
        self.body = nn.Sequential(*layers)
        self.embed = nn.Sequential(nn.Linear(2 * WIDTHS[-1], EMBEDDING), nn.BatchNorm1d(EMBEDDING), nn.ReLU())
        self.drop = nn.Dropout(0.3)
        self.score = nn.Linear(EMBEDDING, genres)

    def forward(self, logmel: Tensor) -> tuple[Tensor, Tensor]:
        x = self.body(((logmel - self.mean) / self.scale)[:, None]).flatten(2)
        z = self.embed(torch.cat([x.mean(dim=2), x.amax(dim=2)], dim=1))
        return self.score(self.drop(z)), z


class _Contract(nn.Module):
    """With the outputs that a listening model has."""

    def __init__(self, network: Genres) -> None:
        super().__init__()
        self.network = network

    def forward(self, logmel: Tensor) -> tuple[Tensor, Tensor]:
        scores, embedding = self.network(logmel)
        return scores.softmax(dim=1), embedding


def export(network: Genres, genres: Sequence[str], file: Path, name: str) -> None:
    """Write the ONNX file that rtengine/models/listen/model.py reads; its tags are the genres."""
    with warnings.catch_warnings():  # of the older exporter, which needs no further package
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Contract(network).eval(),
            (torch.zeros(1, FRAMES, MELS),),
            str(file),
            input_names=["logmel"],
            output_names=["taggram", "embedding"],
            dynamic_axes={n: {0: "windows"} for n in ("logmel", "taggram", "embedding")},
            opset_version=17,
            dynamo=False,
        )
    model = onnx.load(str(file))
    said = {"contract": CONTRACT, "name": name, "licence": "yours", "tags": json.dumps(list(genres))}
    onnx.helper.set_model_props(model, said)
    onnx.checker.check_model(model)
    onnx.save(model, str(file))


def parameters(network: nn.Module) -> int:
    """How many numbers are learned."""
    return sum(p.numel() for p in network.parameters())
