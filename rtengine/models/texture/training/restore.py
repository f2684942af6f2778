"""Read a trained network back from its model file, for training to go on."""

import json
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from rtengine.models.texture import clip
from rtengine.models.texture.modulator import unpacked
from rtengine.models.texture.training.network import TextureNetwork


def restored(file: Path) -> TextureNetwork:
    """The network of a model file, with its weights; ValueError if it is not one of this project's."""
    model = onnx.load(str(file))
    facts = {p.key: p.value for p in model.metadata_props}
    weights = {i.name.removeprefix("network."): torch.tensor(numpy_helper.to_array(i)) for i in model.graph.initializer}
    if facts.get("clips") != clip.LAYOUT or "enter.weight" not in weights:
        raise ValueError(f"{file.name} cannot be trained further: it is no model of this version's training")
    rows = json.loads(facts["textures"])
    network = TextureNetwork({}, weights["enter.weight"].shape[0], weights["past"].shape[0])
    network.add(rows, {name: unpacked(text) for name, text in json.loads(facts["modulators"]).items()})
    network.middles |= json.loads(facts["middles"])
    wanted = network.state_dict().keys()
    network.load_state_dict({k: v for k, v in weights.items() if k in wanted}, strict=False)
    return network


def take_over(network: TextureNetwork, files: Sequence[Path]) -> None:
    """Begin where the trainings of model files ended: with the mean of their weights.

    Their textures must have the same names, and are measured anew. The mean of networks that began as one is often
    better than each. Source: Wortsman et al., "Model soups", ICML 2022.
    """
    weights: list[dict[str, Tensor]] = []
    for file in files:
        trained = restored(file)
        if trained.names != network.names:
            raise ValueError(f"{file.name} has other textures: {', '.join(trained.names)}")
        weights.append(trained.state_dict())
    means = {key: sum(one[key] for one in weights) / len(weights) for key in weights[0] if key != "statistics"}
    network.load_state_dict(means, strict=False)
