"""Turn the published weights of musicnn into the ONNX file that comes with this project.

    pip download --no-deps musicnn==0.1.0
    python -m rtengine.models.listen.convert musicnn-0.1.0-py3-none-any.whl rtengine/models/listen/musicnn.onnx

Two things are rewritten, for speed, and give the same numbers. A normalisation at rest is a x + b, and those around the
dense layer become part of its weights. And where the network takes the highest of a relu(c) + b over frequency, relu
and a, b are moved behind the maximum, with c's sign turned where a is negative: 30 to 60 times fewer numbers to touch.
Source: J. Pons and X. Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", ISMIR 2019
late-breaking demo; the network as published in musicnn/models.py, ISC licence, see LICENSE.musicnn.
"""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from rtengine.models.listen.checkpoint import tensors

EPSILON = 1e-3  # of tf.layers.batch_normalization
FRAMES, MELS = 187, 96
TAGS = """\
rock,pop,alternative,indie,electronic,female vocalists,dance,00s,alternative rock,jazz,beautiful,metal,chillout,
male vocalists,classic rock,soul,indie rock,Mellow,electronica,80s,folk,90s,chill,instrumental,punk,oldies,blues,
hard rock,ambient,acoustic,experimental,female vocalist,guitar,Hip-Hop,70s,party,country,easy listening,sexy,
catchy,funk,electro,heavy metal,Progressive rock,60s,rnb,indie pop,sad,House,happy
""".replace("\n", "").split(",")  # the network's own spelling and order
METADATA = {
    "contract": "listen 1",
    "name": "musicnn MSD",
    "tags": json.dumps(TAGS),
    "licence": "ISC, Copyright (c) Music Technology Group, Universitat Pompeu Fabra 2019. Code developed by Jordi Pons",
    "source": "PyPI wheel musicnn 0.1.0, MSD_musicnn; trained on the Million Song Dataset",
}
FOLDER = "musicnn/MSD_musicnn/"

Tensor = NDArray[np.float32]


class Network:
    """The graph as it grows: every method appends nodes and returns the name of what they make."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        self.weights = {name: value.astype(np.float64) for name, value in weights.items()}
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def op(self, kind: str, *inputs: str | NDArray[Any], **attributes: Any) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        names = [i if isinstance(i, str) else self.constant(f"{name}.{n}", i) for n, i in enumerate(inputs)]
        self.nodes.append(helper.make_node(kind, names, [name], **attributes))
        return name

    def constant(self, name: str, value: NDArray[Any]) -> str:
        value = value if value.dtype == np.int64 else value.astype(np.float32)
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def normalisation(self, number: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The a and the b of y = a x + b."""
        scope = f"batch_normalization_{number}" if number else "batch_normalization"
        gamma, beta, mean, variance = (
            self.weights[f"{scope}/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        a = gamma / np.sqrt(variance + EPSILON)
        return a, beta - a * mean

    def layer(self, kind: str, number: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        scope = f"{kind}_{number}" if number else kind
        return self.weights[f"{scope}/kernel"], self.weights[f"{scope}/bias"]

    def highest(self, x: str, number: int, left: int, right: int) -> str:
        """Convolve in time and frequency, and take the highest over frequency. (B, 1, T, 96) to (B, filters, T)."""
        kernel, bias = self.layer("conv2d", number)
        a, b = self.normalisation(number + 1)
        sign = np.where(a < 0, -1.0, 1.0)
        turned = kernel.transpose(3, 2, 0, 1) * sign[:, None, None, None]
        y = self.op("Conv", x, turned, bias * sign, pads=[left, 0, right, 0])
        y = self.op("ReduceMax", y, axes=[3], keepdims=0)
        y = self.op("Relu", self.op("Mul", y, sign[None, :, None]))
        return self.op("Add", self.op("Mul", y, a[None, :, None]), b[None, :, None])

    def middle(self, x: str, number: int) -> str:
        """Convolve over 7 frames. (B, channels, T) to (B, 64, T)."""
        kernel, bias = self.layer("conv2d", number)
        a, b = self.normalisation(number + 1)
        y = self.op("Relu", self.op("Conv", x, kernel[:, :, 0].transpose(2, 1, 0), bias, pads=[3, 3]))
        return self.op("Add", self.op("Mul", y, a[None, :, None]), b[None, :, None])


def network(weights: dict[str, Tensor]) -> onnx.ModelProto:
    """The tagger: logmel (B, 187, 96) to taggram (B, 50), each 0 to 1, and embedding (B, 200)."""
    net = Network(weights)
    a, b = net.normalisation(0)
    x = net.op("Add", net.op("Mul", "logmel", a), b)
    x = net.op("Unsqueeze", x, np.array([1], np.int64))
    front = [net.highest(x, number, 3, 3) for number in (0, 1)]
    front += [net.highest(x, number, size // 2 - 1, size // 2) for number, size in ((2, 128), (3, 64), (4, 32))]
    features = [net.op("Concat", *front, axis=1)]
    features.append(net.middle(features[0], 5))
    features.append(net.op("Add", net.middle(features[1], 6), features[1]))
    features.append(net.op("Add", net.middle(features[2], 7), features[2]))
    y = net.op("Concat", *features, axis=1)
    pooled = net.op("Concat", net.op("ReduceMax", y, axes=[2], keepdims=0),
                    net.op("ReduceMean", y, axes=[2], keepdims=0), axis=1)  # fmt: skip
    (kernel, bias), (a, b) = net.layer("dense", 0), net.normalisation(9)
    rows = np.concatenate([np.arange(0, len(kernel), 2), np.arange(1, len(kernel), 2)])  # published: max, mean, max ...
    hidden = net.op("Relu", net.op("Gemm", pooled, (a[:, None] * kernel)[rows], bias + b @ kernel))
    a, b = net.normalisation(10)
    embedding = net.op("Add", net.op("Mul", hidden, a), b)
    taggram = net.op("Sigmoid", net.op("Gemm", embedding, *net.layer("dense", 1)))
    for old, new in ((taggram, "taggram"), (embedding, "embedding")):
        net.nodes.append(helper.make_node("Identity", [old], [new]))
    shapes = {"logmel": ["B", FRAMES, MELS], "taggram": ["B", len(TAGS)], "embedding": ["B", 200]}
    info = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()}
    graph = helper.make_graph(
        net.nodes, "musicnn", [info["logmel"]], [info["taggram"], info["embedding"]], net.initializers
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, METADATA)
    onnx.checker.check_model(model)
    return model


def main(wheel: Path, out: Path) -> None:
    """Convert what lies in the wheel, or say in one sentence why it cannot be."""
    with zipfile.ZipFile(wheel) as file:
        weights = tensors(file.read(FOLDER + ".index"), file.read(FOLDER + ".data-00000-of-00001"))
    onnx.save(network(weights), out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
