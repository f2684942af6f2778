"""Write a trained network as the one ONNX file that the host reads: weights, states, embeddings, metadata."""

import json
from collections.abc import Mapping
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from rtengine.models.features import BINS, HOP_LENGTH, N_FFT, SAMPLE_RATE
from rtengine.models.network import EMBEDDING, TextureNetwork

DESCRIPTION = "Gives music the texture of another sound, causally, one STFT frame at a time."


class _Frame(nn.Module):
    """One frame with the host's shapes: no batch, channels first, states as separate arguments."""

    def __init__(self, network: TextureNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, magnitude: Tensor, noise: Tensor, embedding: Tensor, strength: Tensor, *past: Tensor) -> tuple[Tensor, ...]:
        y, states = self.network(magnitude[None], noise[None], embedding[None], strength[None], list(past))
        return (y[0], *states)


def export(network: TextureNetwork, path: Path, training: Mapping[str, object]) -> None:
    """Write the ONNX file.

    Inputs: magnitude (channels, bins), noise (channels, 2, bins), embedding (E,), strength (1,), NAME.past (K, width) of
    each state.  Outputs: spectrum (channels, 2, bins), NAME (S, width).  All float32.
    """
    network = network.eval()
    states = network.states()
    names = [s.name for s in states]
    inputs = (
        torch.rand(2, BINS), torch.randn(2, 2, BINS), network.embeddings()[0].detach(), torch.tensor([0.7]),
        *network.zeros(),
    )  # fmt: skip
    torch.onnx.export(
        _Frame(network),
        inputs,
        str(path),
        input_names=["magnitude", "noise", "embedding", "strength", *(f"{n}.past" for n in names)],
        output_names=["spectrum", *names],
        dynamic_axes={n: {0: "channels"} for n in ("magnitude", "noise", "spectrum")},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load(str(path))
    embeddings = network.embeddings().detach()
    metadata = {
        "contract": "1",
        "sample_rate": str(SAMPLE_RATE),
        "n_fft": str(N_FFT),
        "hop_length": str(HOP_LENGTH),
        "look_ahead": "0",
        "textures": json.dumps({n: [round(v, 7) for v in row.tolist()] for n, row in zip(network.names, embeddings, strict=True)}),
        "states": json.dumps([{"name": s.name, "rows": s.rows, "delays": s.delays} for s in states]),
        "licence": "MIT",
        "description": DESCRIPTION,
        "training": json.dumps(dict(training)),
    }
    assert embeddings.shape[1] == EMBEDDING
    onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
