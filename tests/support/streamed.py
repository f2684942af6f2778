"""A texture model run frame by frame through onnxruntime, with no host around it."""

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from rtengine.models.texture.bands import BANDS
from rtengine.models.texture.model import Model
from rtengine.models.texture.modulator import follow
from rtengine.models.texture.training.songs import stft

Samples = NDArray[np.float32]


def run(model: Model, x: Samples, texture: str, strength: float, seed: int = 0) -> NDArray[np.complex64]:
    """Texture (channels, samples) frame by frame; returns the spectrum (channels, frames, bins)."""
    modulator = model.modulators[texture]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model.file), options, providers=["CPUExecutionProvider"])
    spectrum = stft(torch.as_tensor(x)).numpy()
    phase = np.exp(1j * np.angle(spectrum))
    noise = stft(torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))).numpy() / phase
    ring = {s.name: np.zeros((max(s.delays), *s.shape), np.float32) for s in model.states}
    out = np.zeros_like(spectrum)
    for m in range(spectrum.shape[1]):
        envelopes, partials = np.zeros(BANDS, np.float32), np.zeros(spectrum.shape[2], np.float32)
        follow(*modulator, m % len(modulator.envelopes), np.float32(1), envelopes, partials)
        feed = {
            "envelopes": envelopes,
            "partials": partials,
            "magnitude": np.abs(spectrum[:, m]),
            "noise": np.stack([noise[:, m].real, noise[:, m].imag], 1).astype(np.float32),
            "embedding": np.array(model.textures[texture], np.float32),
            "strength": np.array([strength], np.float32),
        }
        for s in model.states:
            past = [ring[s.name][(m - d) % max(s.delays), r] for r, d in zip(s.rows, s.delays, strict=True)]
            feed[f"{s.name}.past"] = np.stack(past)
        y, *states = session.run(None, feed)
        for s, value in zip(model.states, states, strict=True):
            ring[s.name][m % max(s.delays)] = value
        out[:, m] = (y[:, 0] + 1j * y[:, 1]) * phase[:, m]
    return out
