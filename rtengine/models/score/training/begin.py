"""A network to train on, from a file that was trained before: the weights that `export` wrote, in single precision.

The optimiser's moments are not in the file, so training warms up anew.
"""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from rtengine.models.score.model import CONTRACT
from rtengine.models.score.training.network import Composer

PREFIX = "network."  # of the names that the exporter gives weights


class Begun(NamedTuple):
    """A network to go on from, and what its file says of its training."""

    network: Composer
    facts: dict[str, object]


def begun(path: Path) -> Begun:
    """Read a score model as a network that learns.

    Raises ValueError where the file is no score model, or one of another shape.
    """
    try:
        model = onnx.load(str(path))
    except Exception as error:  # protobuf's own class of error is not public
        raise ValueError(f"{path} cannot be read as a model ({str(error).splitlines()[0]})") from None
    facts = {p.key: p.value for p in model.metadata_props}
    if facts.get("contract") != CONTRACT:
        raise ValueError(f"{path} is no score model: its contract is {facts.get('contract')!r}, not {CONTRACT!r}")
    layers, heads, _, size = json.loads(facts["shape"])
    network = Composer(width=heads * size, layers=layers, heads=heads)
    weights = {
        t.name.removeprefix(PREFIX).removesuffix(".half"): torch.from_numpy(numpy_helper.to_array(t).astype(np.float32))
        for t in model.graph.initializer
        if t.name.startswith(PREFIX)
    }
    try:
        network.load_state_dict(weights)
    except RuntimeError:
        raise ValueError(f"{path} holds other weights than a score network's") from None
    return Begun(network, json.loads(facts["training"]))
