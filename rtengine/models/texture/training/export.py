"""Write a trained network as the one ONNX file that the host reads: weights, states, embeddings, metadata."""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from rtengine.models.texture import clip
from rtengine.models.texture.bands import BANDS, BINS, HOP_LENGTH, N_FFT, SAMPLE_RATE
from rtengine.models.texture.embedding import columns, noise_columns
from rtengine.models.texture.model import CONTRACT, INPUTS
from rtengine.models.texture.training.network import TextureNetwork
from rtengine.models.texture.weights import ARCHITECTURE

DRIFT = 2  # Hz: with 2 to 8 a fixed filter explains as little, and above 2 the melody loses
DESCRIPTION = "Gives music the texture of another sound, causally, one STFT frame at a time."


class _Frame(nn.Module):
    """One frame with the host's shapes: no batch, channels first, states as separate arguments."""

    def __init__(self, network: TextureNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, magnitude: Tensor, noise: Tensor, envelopes: Tensor, partials: Tensor, embedding: Tensor,
        strength: Tensor, *past: Tensor,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        now = [t[None] for t in (magnitude, noise, envelopes, partials, embedding, strength)]
        y, states, _ = self.network(*now, list(past))
        return (y[0], *states)


def export(network: TextureNetwork, path: Path, training: Mapping[str, object]) -> None:
    """Write the ONNX file.

    Its inputs and outputs are in rtengine/models/texture/model.py.

    training: what the model card's reader wants to know.
    """
    frame = _Frame(network).eval()  # the whole of it, for the exporter leaves the mode that it finds
    states = network.states()
    names = [s.name for s in states]
    inputs = (
        torch.rand(2, BINS), torch.randn(2, 2, BINS), torch.randn(BANDS), torch.rand(BINS),
        network.embeddings()[0].detach(), torch.tensor([0.7]), *network.start(),
    )  # fmt: skip
    with (
        warnings.catch_warnings()
    ):  # of the older exporter, which needs no further package and names what it is told to;
        warnings.simplefilter("ignore")  # and of shapes that become constants, which is what is wanted of one frame
        torch.onnx.export(
            frame,
            inputs,
            str(path),
            input_names=[*INPUTS, *(f"{n}.past" for n in names)],
            output_names=["spectrum", *names],
            dynamic_axes={n: {0: "channels"} for n in ("magnitude", "noise", "spectrum")},
            opset_version=17,
            dynamo=False,
            do_constant_folding=False,  # weights keep their names, so that training can go on; sessions fold
        )
    model = onnx.load(str(path))
    embeddings = network.embeddings().detach()
    controls = {"tone": columns("tone"), "noise": noise_columns()}
    metadata = {
        "contract": CONTRACT,
        "architecture": ARCHITECTURE,
        "sample_rate": str(SAMPLE_RATE),
        "n_fft": str(N_FFT),
        "hop_length": str(HOP_LENGTH),
        "look_ahead": "0",
        "textures": json.dumps(dict(zip(network.names, embeddings.tolist(), strict=True))),
        "states": json.dumps([s._asdict() for s in states]),
        "modulators": json.dumps({name: modulator.packed() for name, modulator in network.modulators.items()}),
        "controls": json.dumps({name: [c.start, c.stop] for name, c in controls.items()}),
        "clips": clip.LAYOUT,
        "drift": str(DRIFT),
        "middles": json.dumps({name: network.middle(name) for name in network.names}),
        "licence": "MIT",
        "description": DESCRIPTION,
        "training": json.dumps(dict(training)),
    }
    onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
