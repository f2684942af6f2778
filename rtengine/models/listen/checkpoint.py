"""The tensors of a TensorFlow checkpoint, read without TensorFlow.

A checkpoint is two files. `.index` is a sorted table: blocks of entries, each a key that shares its beginning with the
key before it, and a value; a last block says where the blocks are, 48 bytes at the end where that one is. A value is a
protocol buffer with type, shape, and the place of the tensor's bytes in `.data-00000-of-00001`, beside a checksum.
Source: tensorflow/core/protobuf/tensor_bundle.proto; leveldb, doc/table_format.md; RFC 3720, appendix B.4 (CRC-32C).
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

MAGIC = 0xDB4775248B80FB57
FOOTER, TRAILER = 48, 5  # bytes at the end of the file, and after a block: how it is packed, and its checksum
FLOAT = 1  # DT_FLOAT
DTYPE, SHAPE, SHARD, OFFSET, SIZE, CHECKSUM = 1, 2, 3, 4, 5, 6  # fields of BundleEntryProto
MASK = 0xA282EAD8  # leveldb rotates a checksum and adds this, so that checksums of checksums differ

Fields = dict[int, list[int | bytes]]


def tensors(index: bytes, data: bytes) -> dict[str, NDArray[np.float32]]:
    """All float32 tensors by name; ValueError if the table is no checkpoint, is packed, or a checksum fails."""
    found = {}
    for key, value in _table(index):
        entry = _message(value)
        if not key or entry.get(DTYPE) != [FLOAT]:
            continue
        if _number(entry, SHARD):
            raise ValueError(f"{key.decode()} lies in shard {_number(entry, SHARD)}: only one shard can be read")
        dimensions = _message(_bytes(entry, SHAPE)).get(2, [])
        shape = [_number(_message(d), 1) for d in dimensions if isinstance(d, bytes)]
        start, size = _number(entry, OFFSET), _number(entry, SIZE)
        raw = data[start : start + size]
        if len(raw) != size or size != 4 * int(np.prod(shape)) or _masked(raw) != _number(entry, CHECKSUM):
            raise ValueError(f"the tensor {key.decode()} of the checkpoint is damaged")
        found[key.decode()] = np.frombuffer(raw, "<f4").reshape(shape)
    return found


def _table(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    if len(file) < FOOTER or int.from_bytes(file[-8:], "little") != MAGIC:
        raise ValueError("this is no index of a TensorFlow checkpoint")
    _, place = _handle(file, len(file) - FOOTER)
    handle, _ = _handle(file, place)
    for _, value in _entries(file, *handle):
        yield from _entries(file, *_handle(value, 0)[0])


def _entries(file: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    if file[offset + size]:
        raise ValueError("the checkpoint's index is compressed, which cannot be read")
    block = file[offset : offset + size]
    end = size - 4 - 4 * int.from_bytes(block[-4:], "little")  # then come the places where keys are whole
    position, key = 0, b""
    while position < end:
        shared, position = _varint(block, position)
        fresh, position = _varint(block, position)
        length, position = _varint(block, position)
        key = key[:shared] + block[position : position + fresh]
        position += fresh
        yield key, block[position : position + length]
        position += length


def _handle(data: bytes, position: int) -> tuple[tuple[int, int], int]:
    offset, position = _varint(data, position)
    size, position = _varint(data, position)
    return (offset, size), position


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            return value, position


def _message(data: bytes) -> Fields:
    """The fields of a protocol buffer by number."""
    fields: Fields = {}
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        if tag & 7 == 0:
            value, position = _varint(data, position)
            fields.setdefault(tag >> 3, []).append(value)
            continue
        if tag & 7 == 2:
            size, position = _varint(data, position)
        else:
            size = {1: 8, 5: 4}[tag & 7]
        raw = data[position : position + size]
        fields.setdefault(tag >> 3, []).append(raw if tag & 7 == 2 else int.from_bytes(raw, "little"))
        position += size
    return fields


def _number(fields: Fields, key: int) -> int:
    value = fields.get(key, [0])[0]
    return value if isinstance(value, int) else 0


def _bytes(fields: Fields, key: int) -> bytes:
    value = fields.get(key, [b""])[0]
    return value if isinstance(value, bytes) else b""


def _masked(data: bytes) -> int:
    crc = _crc32c(data)
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


def _crc32c(data: bytes) -> int:
    table, crc = _crc_table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


@cache
def _crc_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table
