"""A texture model run one frame at a time from a kernel: its tensors, and the ring of its past outputs.

A network of our own architecture is run by native.py, any other by onnxruntime.
"""

from typing import Any

import numpy as np

from rtengine.models import onnx
from rtengine.models.texture import native
from rtengine.models.texture.bands import BANDS
from rtengine.models.texture.model import INPUTS, Model, State
from rtengine.models.texture.weights import NONE, Weights
from rtengine.native.kernel import kernel
from rtengine.native.ring import power_of_two

LARGEST = np.float32(np.finfo(np.float32).max)


def prepare(model: Model, channels: int) -> dict[str, Any]:
    """Memory of the network's inputs, outputs and states; `bind` completes it."""
    bins = model.n_fft // 2 + 1
    copies = np.concatenate([np.zeros((0, 4), np.int64), *_copies(model.states)])
    deepest = max((d for state in model.states for d in state.delays), default=0)
    present = sum(int(np.prod(state.shape)) for state in model.states)
    return {
        "magnitude": np.zeros((channels, bins), np.float32),
        "noise": np.zeros((channels, 2, bins), np.float32),
        "envelopes": np.zeros(BANDS, np.float32),
        "partials": np.zeros(bins, np.float32),
        "embedding": model.embeddings[0],
        "strength": np.zeros(1, np.float32),
        "spectrum": np.zeros((channels, 2, bins), np.float32),
        "present": np.zeros(max(present, 1), np.float32),  # the states of this frame, one after another
        "past": np.zeros(max(int(copies[:, 2].sum()), 1), np.float32),
        "ring": np.zeros((power_of_two(deepest + 1), max(present, 1)), np.float32),
        "copies": copies,  # rows (from, to, width, delay) that fill past from ring
        "frames": 0,
        "failed": 0,
        "native": native.prepare(model.weights or NONE),
        "session": onnx.prepare(),
    }


def _copies(states: tuple[State, ...]) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
    source = target = 0
    copies = []
    for state in states:
        width = state.shape[1]
        rows = [(source + r * width, target + k * width, width, state.delays[k]) for k, r in enumerate(state.rows)]
        copies.append(np.array(rows, np.int64).reshape(-1, 4))
        source += state.shape[0] * width
        target += len(state.rows) * width
    return copies


def bind(state: np.void, model: Model) -> onnx.Session | Weights:
    """Create the network on the packed memory; what is returned must live as long as the memory is run."""
    if model.weights:
        state["native"]["address"] = model.weights.data.ctypes.data
        return model.weights
    inputs = {name: state[name] for name in INPUTS}
    outputs = {"spectrum": state["spectrum"]}
    source = target = 0
    for s in model.states:
        past, present = len(s.rows) * s.shape[1], s.shape[0] * s.shape[1]
        inputs[f"{s.name}.past"] = state["past"][target : target + past].reshape(len(s.rows), s.shape[1])
        outputs[s.name] = state["present"][source : source + present].reshape(s.shape)
        source, target = source + present, target + past
    session = onnx.Session(model.file, inputs, outputs)
    session.store(state["session"])
    return session


@kernel
def infer(net):
    """Give the next frame to the network. Its answer is in net.spectrum: what is not finite is 0, and counted."""
    mask = net.ring.shape[0] - 1
    for k in range(net.copies.shape[0]):
        source, target, width, delay = net.copies[k, 0], net.copies[k, 1], net.copies[k, 2], net.copies[k, 3]
        slot = (net.frames - delay) & mask
        for w in range(width):
            net.past[target + w] = net.ring[slot, source + w]
    good = True
    if net.native.address:
        native.forward(net)
    else:
        good = onnx.run(net.session)
    good = good and finite(net.present)
    slot = net.frames & mask
    for i in range(net.present.shape[0]):
        net.ring[slot, i] = net.present[i] if good else np.float32(0)
    for c in range(net.spectrum.shape[0]):
        re, im = net.spectrum[c, 0], net.spectrum[c, 1]
        if not (good and finite(re) and finite(im)):
            for k in range(re.shape[0]):
                if not (good and np.isfinite(re[k]) and np.isfinite(im[k])):
                    re[k] = im[k] = np.float32(0)
    net.failed += not good
    net.frames += 1


@kernel
def finite(x):
    """Whether all of x (n,) is; done several at once, where a loop that ends at the first would be one by one."""
    bad = np.int32(0)
    for i in range(x.shape[0]):
        bad |= np.int32(not abs(x[i]) <= LARGEST)
    return bad == 0
