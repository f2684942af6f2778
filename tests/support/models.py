"""Small texture models with known answers, made with onnx."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from rtengine.models.texture.bands import BANDS
from rtengine.models.texture.modulator import FINENESS, PARTIALS, UNITS, Modulator

BINS = 513
MODULATOR = 5  # frames of the first texture's, which rises by a neper each


def identity_model(file: Path, gain: float = 1.0, sample_rate: int = 44_100) -> Path:
    """A network that answers gain * magnitude, and remembers strength and embedding in a state of weight 0.

    "second" of its two textures has embedding 1, "first" 0; then come the columns of tone and noise.
    """

    def tensor(name: str, *shape: int | str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    def constant(name: str, value: float) -> onnx.TensorProto:
        return helper.make_tensor(name, TensorProto.FLOAT, [], [value])

    nodes = [
        helper.make_node("Mul", ["magnitude", "gain"], ["louder"]),
        helper.make_node("ReduceSum", ["echo.past"], ["echoes"], keepdims=0),
        helper.make_node("Mul", ["echoes", "zero"], ["nothing"]),
        helper.make_node("Add", ["louder", "nothing"], ["re"]),
        helper.make_node("Mul", ["re", "zero"], ["im"]),
        helper.make_node("Unsqueeze", ["re", "one"], ["re1"]),
        helper.make_node("Unsqueeze", ["im", "one"], ["im1"]),
        helper.make_node("Concat", ["re1", "im1"], ["spectrum"], axis=1),
        helper.make_node("ReduceSum", ["noise"], ["noises"], keepdims=0),
        helper.make_node("Mul", ["noises", "zero"], ["silence"]),
        helper.make_node("ReduceSum", ["envelopes"], ["moved"], keepdims=0),
        helper.make_node("ReduceSum", ["partials"], ["toned"], keepdims=0),
        helper.make_node("Add", ["moved", "toned"], ["modulation"]),
        helper.make_node("Mul", ["modulation", "zero"], ["unmoved"]),
        helper.make_node("Add", ["silence", "unmoved"], ["unheard"]),
        helper.make_node("Add", ["strength", "unheard"], ["heard"]),
        helper.make_node("Concat", ["heard", "embedding"], ["row"], axis=0),
        helper.make_node("Unsqueeze", ["row", "nought"], ["echo"]),
    ]
    graph = helper.make_graph(
        nodes,
        "identity",
        [
            tensor("magnitude", "channels", BINS),
            tensor("noise", "channels", 2, BINS),
            tensor("envelopes", BANDS),
            tensor("partials", BINS),
            tensor("embedding", 3),
            tensor("strength", 1),
            tensor("echo.past", 2, 4),
        ],
        [tensor("spectrum", "channels", 2, BINS), tensor("echo", 1, 4)],
        [
            constant("gain", gain),
            constant("zero", 0),
            helper.make_tensor("one", TensorProto.INT64, [1], [1]),
            helper.make_tensor("nought", TensorProto.INT64, [1], [0]),
        ],
    )
    steps = np.repeat((FINENESS * np.arange(MODULATOR)).astype(np.int8)[:, None], BANDS, 1)
    rising = Modulator(steps, np.zeros((MODULATOR, 3, PARTIALS), np.int16))
    toned = Modulator(np.zeros((1, BANDS), np.int8), np.zeros((1, 3, PARTIALS), np.int16))
    toned.partials[0, :, 0] = (np.array([[100], [0.77], [1]]) * UNITS)[:, 0]
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(
        model,
        {
            "contract": "3",
            "sample_rate": str(sample_rate),
            "n_fft": "1024",
            "hop_length": "256",
            "look_ahead": "0",
            "textures": json.dumps({"first": [0, 1, 0], "second": [1, 1, 0]}),
            "modulators": json.dumps({"first": rising.packed(), "second": toned.packed()}),
            "states": json.dumps([{"name": "echo", "rows": [0, 0], "delays": [1, 5]}]),
            "controls": json.dumps({"tone": [1, 2], "noise": [2, 3]}),
            "licence": "MIT",
            "description": "identity",
            "training": "{}",
        },
    )
    onnx.save(model, file)
    return file
