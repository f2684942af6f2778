"""A texture network's weights, out of its ONNX file, as the one array that the host's kernels read.

The array holds no addresses, so it can lie anywhere, and any number of graphs share it. Its parts are in the order of
`places`, each on a cache line: matrices in panels of PANEL outputs, [panel][input][output], for a panel's sums lie in
registers while its rows stream by; then the steps of these, biases, and what is not learnt (shape.py).

All matrices are read once a hop, and are more than a processor has near: how fast is a matter of their size. So their
numbers have 16 bits, in steps that are a power of two for each output (`steps`), as training leaves them: in its file
they are float32, which have such numbers too. Other files' are rounded when they are read, 80 dB below what they do.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.vector.pointer import LINE
from rtengine.models.onnx_file import Content
from rtengine.models.texture import fingerprint
from rtengine.models.texture.bands import BANDS
from rtengine.models.texture.embedding import CONDITION, CURVES, LEARNT
from rtengine.models.texture.shape import WIDTH, Shape, shape
from rtengine.native.large_page import large_page

ARCHITECTURE = "film-2"  # of training/network.py, as a file's metadata name it
PANEL = 64  # outputs
ENTER, KNOW = WIDTH + 2 * BANDS, LEARNT + fingerprint.WIDTH + 1  # inputs

LINEAR, STACKS = ("enter", "know", "film", "depth", "leave"), ("past", "present", "mix")  # (outputs, inputs); turned
LARGEST = 2**15 - 1  # of a number in a matrix
UP = np.float32(2**16)  # by which the kernels find it larger, for it comes from half a word

PLACES = (
    *LINEAR, *STACKS, *(f"{name}_step" for name in (*LINEAR, *STACKS)), *(f"{name}_bias" for name in LINEAR),
    "centre", "scale", "analysis", "synthesis", "gathering", "loudness", "least", "reach", "deepest", "evening",
)  # fmt: skip

TINY = np.float32(1e-30)  # for an output without weights

Floats = NDArray[np.float32]
Shorts = NDArray[np.int16]


class Weights(NamedTuple):
    """data: all numbers. places: where each part begins. width: of the layers. layers: how many there are."""

    data: Floats
    places: dict[str, int]
    width: int
    layers: int


NONE = Weights(np.zeros(0, np.float32), dict.fromkeys(PLACES, 0), PANEL, 1)  # of a network that is not ours


def pack(content: Content) -> Weights | None:
    """The weights of a file of this architecture; None if its network is another, for onnxruntime to run.

    ValueError in a sentence if the file says that it is of this architecture, and is not.
    """
    if content.metadata.get("architecture") != ARCHITECTURE:
        return None
    found = {name.removeprefix("network."): value for name, value in content.weights.items()}
    layers, width, _ = found["present"].shape if "present" in found else (1, PANEL, PANEL)
    if width % PANEL:
        return None
    _check(found, layers, width)
    parts = _parts(found, shape())
    places, size = {}, 0
    for name, part in parts.items():
        places[name] = size
        size += -(-part.size // LINE) * LINE
    data = large_page(size)
    for name, part in parts.items():
        data[places[name] : places[name] + part.size] = part.reshape(-1)
    assert tuple(places) == PLACES
    data.flags.writeable = False
    return Weights(data, places, width, layers)


def _check(found: Mapping[str, Floats], layers: int, width: int) -> None:
    """ValueError if a matrix is missing or of another size."""
    sizes = {
        "past": (layers, 2 * width, width), "present": (layers, width, width), "mix": (layers, width, width),
        "enter.weight": (width, ENTER), "enter.bias": (width,), "know.weight": (CONDITION, KNOW),
        "know.bias": (CONDITION,), "film.weight": (2 * layers * width, CONDITION), "film.bias": (2 * layers * width,),
        "depth.weight": (2 * BANDS, CONDITION), "depth.bias": (2 * BANDS,),
        "leave.weight": (len(CURVES) * BANDS, width), "leave.bias": (len(CURVES) * BANDS,),
        "centre": (fingerprint.WIDTH,), "scale": (fingerprint.WIDTH,),
    }  # fmt: skip
    for name, size in sizes.items():
        if name not in found or found[name].shape != size:
            shape_found = found[name].shape if name in found else "missing"
            raise ValueError(f"its {name} is {shape_found}, not of shape {size}")


def _parts(found: Mapping[str, Floats], fixed: Shape) -> dict[str, Floats]:
    matrices = {n: found[f"{n}.weight"].T for n in LINEAR} | {n: found[n] for n in STACKS}
    step = {n: steps(matrix) for n, matrix in matrices.items()}
    packed = {n: panels(shorts(matrix, step[n])).view(np.float32) for n, matrix in matrices.items()}
    biases = {f"{n}_bias": found[f"{n}.bias"] for n in LINEAR}
    gathering = np.ascontiguousarray(fixed.gathering.T)
    rows = {"analysis": np.ascontiguousarray(fixed.analysis.T[:BANDS]), "synthesis": fixed.synthesis}
    small = {n: getattr(fixed, n) for n in ("loudness", "least", "reach", "deepest", "evening")}
    return {
        **packed, **{f"{n}_step": step[n] / UP for n in matrices}, **biases, "centre": found["centre"],
        "scale": found["scale"], **rows, "gathering": gathering, **small,
    }  # fmt: skip


def steps(matrix: Floats) -> Floats:
    """For each output of (..., inputs, outputs): the power of two of which all its weights are at most LARGEST."""
    most = np.abs(matrix).max(axis=-2)
    return np.exp2(np.ceil(np.log2(np.maximum(most, TINY).astype(np.float64) / LARGEST))).astype(np.float32)


def shorts(matrix: Floats, step: Floats) -> Shorts:
    """The weights as multiples of their steps, rounded."""
    return np.rint(matrix / step[..., None, :]).astype(np.int16)


def rounded(matrix: Floats) -> Floats:
    """The nearest weights (..., inputs, outputs) that `shorts` keeps as they are."""
    step = steps(matrix)
    return shorts(matrix, step).astype(np.float32) * step[..., None, :]


def kept(name: str, value: Floats) -> Floats:
    """What is read of a tensor, by its name in the file, after the network's own."""
    linear, _, end = name.partition(".")
    if linear in LINEAR and end == "weight":
        return rounded(value.T).T
    return rounded(value) if name in STACKS else value


def panels(matrix: Shorts) -> Shorts:
    """(..., inputs, outputs) as (..., outputs / PANEL, inputs, PANEL / 32, 16, 2): 16 outputs beside the next 16."""
    *stack, inputs, outputs = matrix.shape
    rows = matrix.reshape(*stack, inputs, outputs // PANEL, PANEL // 32, 2, 16)
    return np.ascontiguousarray(rows.swapaxes(-5, -4).swapaxes(-2, -1)).astype("<i2")


def spans(rows: Floats) -> NDArray[np.int64]:
    """For each row (first, end): where it is not 0."""
    filled = [np.flatnonzero(row) for row in rows]
    return np.array([(f[0], f[-1] + 1) for f in filled], np.int64)
