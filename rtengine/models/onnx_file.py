"""What an ONNX file holds, read without onnxruntime: metadata, inputs, outputs' shapes, and weights by name.

Only this much of the format is read.
Source: onnx/onnx.proto: ModelProto 7 (graph) and 14 (metadata), GraphProto 5 (tensors), 11 and 12 (inputs, outputs),
ValueInfoProto 1 and 2, TypeProto 1, TypeProto.Tensor 2, TensorShapeProto 1, Dimension 1, TensorProto 1, 2, 4, 8, 9.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FLOAT = 1  # TensorProto.FLOAT
GRAPH, METADATA = 7, 14  # fields of the model
TENSORS, INPUTS, OUTPUTS = 5, 11, 12  # of the graph
DIMENSIONS, TYPE, FLOATS, NAME, RAW = 1, 2, 4, 8, 9  # of a tensor


class Content(NamedTuple):
    """metadata: text by key. inputs: names. outputs: shapes by name, 0 where one is open. weights: float32 by name."""

    metadata: dict[str, str]
    inputs: list[str]
    outputs: dict[str, tuple[int, ...]]
    weights: dict[str, NDArray[np.float32]]


def read(data: bytes) -> Content:
    """Read a file; ValueError, IndexError, KeyError or TypeError if it is something else."""
    content = Content({}, [], {}, {})
    if not data:
        raise ValueError("it is empty")
    for field, value in _fields(data):
        if field == METADATA:
            pair = dict(_fields(value))
            content.metadata[pair[1].decode()] = pair[2].decode()
        elif field == GRAPH:
            for inner, part in _fields(value):
                if inner == TENSORS:
                    name, array = _tensor(part)
                    if array is not None:
                        content.weights[name] = array
                elif inner == INPUTS:
                    content.inputs.append(_value(part)[0])
                elif inner == OUTPUTS:
                    content.outputs.update([_value(part)])
    return content


def _value(data: bytes) -> tuple[str, tuple[int, ...]]:
    """The name and the shape of an input or an output."""
    fields = dict(_fields(data))
    tensor = dict(_fields(dict(_fields(fields[2]))[1]))
    sizes = [dict(_fields(dimension)).get(1, 0) for _, dimension in _fields(tensor.get(2, b""))]
    return fields[1].decode(), tuple(size if isinstance(size, int) else 0 for size in sizes)


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
        elif field == FLOATS:
            raw += value
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
