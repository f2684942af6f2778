"""The controller's file: its weights by name out of ONNX, and what it says of itself.

Only what this file needs of the format is read: the float32 tensors of the graph, and the metadata.
Source: onnx/onnx.proto, ModelProto 7 (graph) and 14 (metadata), GraphProto 5 (tensors), TensorProto 1, 2, 8, 9.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rtengine.models.console import layout
from rtengine.models.console.layout import Weights

SHIPPED = Path(__file__).parent / "controller.onnx"
LARGEST = 1 << 24  # bytes of a file
FLOAT = 1  # TensorProto.FLOAT
GRAPH, METADATA = 7, 14  # fields of the model
TENSORS = 5  # of the graph
DIMENSIONS, TYPE, NAME, RAW = 1, 2, 8, 9  # of a tensor


class Model(NamedTuple):
    """Weights by name, and how it was trained."""

    weights: Weights
    training: dict[str, Any]


@cache
def load(path: Path = SHIPPED) -> Model:
    """Read a controller; OSError if there is no such file, ValueError in a sentence if it is something else."""
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path} has {path.stat().st_size} bytes: a controller has at most {LARGEST}")
    try:
        metadata, weights = _read(path.read_bytes())
        training = json.loads(metadata.get("training", "{}"))
    except (IndexError, KeyError, TypeError, UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"{path} is no ONNX file of a controller: {error}") from None
    if metadata.get("contract") != layout.CONTRACT:
        raise ValueError(f"{path} is no controller: its contract is {metadata.get('contract')}, not {layout.CONTRACT}")
    try:
        layout.check(weights)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return Model(weights, training)


def _read(data: bytes) -> tuple[dict[str, str], Weights]:
    metadata: dict[str, str] = {}
    weights: Weights = {}
    for field, value in _fields(data):
        if field == METADATA:
            pair = dict(_fields(value))
            metadata[pair[1].decode()] = pair[2].decode()
        elif field == GRAPH:
            for inner, tensor in _fields(value):
                if inner == TENSORS:
                    name, array = _tensor(tensor)
                    if array is not None:
                        weights[name] = array
    return metadata, weights


def _tensor(data: bytes) -> tuple[str, Any]:
    shape: list[int] = []
    name, kind, raw = "", 0, b""
    for field, value in _fields(data):
        if field == DIMENSIONS:
            shape += [value] if isinstance(value, int) else [*_varints(value)]
        elif field == TYPE:
            kind = value
        elif field == NAME:
            name = value.decode()
        elif field == RAW:
            raw = value
    return name, np.frombuffer(raw, "<f4").reshape(shape).astype(np.float32) if kind == FLOAT else None


def _varints(data: bytes) -> Iterator[int]:
    position = 0
    while position < len(data):
        value, position = _varint(data, position)
        yield value


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a protocol buffer, in their order: whole numbers, or bytes."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        kind = tag & 7
        if kind == 0:
            value, position = _varint(data, position)
            yield tag >> 3, value
            continue
        if kind not in (1, 2, 5):
            raise ValueError("its fields make no sense")
        size = {1: 8, 5: 4}.get(kind, 0)
        if kind == 2:
            size, position = _varint(data, position)
        if position + size > len(data):
            raise ValueError("it ends too early")
        yield tag >> 3, data[position : position + size]
        position += size


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = data[position]
        value |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            return value, position
    raise ValueError("a number in it has no end")
