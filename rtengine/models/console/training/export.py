"""Write the trained controller as the one ONNX file that the host reads: one hop, any number of strips.

Inputs: frame (S, FRAME), mean (S, WIDTH), share (S, 1), beside (S, KNOWN - WIDTH), present (1, S).
Outputs: strips (S, STRIP), mix (1, MIX), mean.next (S, WIDTH); all as they leave the last layer, see layout.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from rtengine.models.console import layout
from rtengine.models.console.layout import Weights
from rtengine.models.console.training.network import Controller

DESCRIPTION = "Sets the strips of a mixing desk: hears each, and says where its parameters should go."


class _Graph:
    """The nodes as they grow: every method appends some and returns the name of what they make."""

    def __init__(self, weights: Weights) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants = [numpy_helper.from_array(w.astype(np.float32), n) for n, w in weights.items()]

    def op(self, kind: str, *inputs: str, name: str = "", **attributes: object) -> str:
        name = name or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def number(self, value: float | list[int]) -> str:
        name = f"number_{len(self.constants)}"
        kind = np.int64 if isinstance(value, list) else np.float32
        self.constants.append(numpy_helper.from_array(np.array(value, kind), name))
        return name

    def layer(self, x: str, name: str) -> str:
        return self.op("Add", self.op("MatMul", x, name), f"{name}.bias")

    def relu(self, x: str, name: str) -> str:
        return self.op("Relu", self.layer(x, name))

    def norm(self, z: str) -> str:
        apart = self.op("Sub", z, self.op("ReduceMean", z, axes=[1]))
        square = self.op("ReduceMean", self.op("Mul", apart, apart), axes=[1])
        return self.op("Div", apart, self.op("Sqrt", self.op("Add", square, self.number(1e-5))))

    def heads(self, x: str, name: str, order: list[int]) -> str:
        shape = self.number([-1, layout.HEADS, layout.MODEL // layout.HEADS])
        return self.op("Transpose", self.op("Reshape", self.layer(x, name), shape), perm=order)


def export(network: Controller, path: Path, training: Mapping[str, object]) -> None:
    """Write the file. training: what the model card's reader wants to know."""
    g = _Graph(network.weights())
    h = g.relu(g.relu("frame", "frame1"), "frame2")
    mean = g.op("Add", "mean", g.op("Mul", "share", g.op("Sub", h, "mean")), name="mean.next")
    z = g.relu(g.relu(g.op("Concat", mean, "beside", axis=1), "strip1"), "strip2")
    n = g.norm(z)
    q, k, v = g.heads(n, "query", [1, 0, 2]), g.heads(n, "key", [1, 2, 0]), g.heads(n, "value", [1, 0, 2])
    score = g.op("Div", g.op("MatMul", q, k), g.number(float(np.sqrt(layout.MODEL // layout.HEADS))))
    away = g.op("Mul", g.op("Sub", g.number(1.0), "present"), g.number(-1e4))
    heard = g.op("MatMul", g.op("Softmax", g.op("Add", score, away), axis=2), v)
    together = g.op("Reshape", g.op("Transpose", heard, perm=[1, 0, 2]), g.number([-1, layout.MODEL]))
    z = g.op("Add", z, g.layer(together, "join"))
    z = g.op("Add", z, g.layer(g.relu(g.norm(z), "beside1"), "beside2"))
    n = g.norm(z)
    g.op("Identity", g.layer(g.relu(n, "out1"), "out2"), name="strips")
    total = g.op("Max", g.op("ReduceSum", "present", g.number([1])), g.number(1.0))
    g.op("Identity", g.layer(g.relu(g.op("Div", g.op("MatMul", "present", n), total), "mix1"), "mix2"), name="mix")
    beside = layout.KNOWN - layout.WIDTH
    inputs = {"frame": layout.FRAME, "mean": layout.WIDTH, "share": 1, "beside": beside}
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        g.nodes, "controller",
        [value(n, TensorProto.FLOAT, ["strips", size]) for n, size in inputs.items()]
        + [value("present", TensorProto.FLOAT, [1, "strips"])],
        [value("strips", TensorProto.FLOAT, ["strips", layout.STRIP]), value("mix", TensorProto.FLOAT, [1, layout.MIX]),
         value("mean.next", TensorProto.FLOAT, ["strips", layout.WIDTH])],
        g.constants,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    metadata = {
        "contract": layout.CONTRACT, "licence": "MIT", "description": DESCRIPTION,
        "training": json.dumps(dict(training)),
    }  # fmt: skip
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
