"""TensorFlow's checkpoints, read without it: a table written here by the format's own rules."""

import numpy as np
import pytest

from rtengine.models.listen.checkpoint import MAGIC, _masked, tensors


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def entry(array: np.ndarray, offset: int) -> bytes:
    shape = b"".join(b"\x12" + varint(len(d)) + d for d in (b"\x08" + varint(n) for n in array.shape))
    place = b"\x20" + varint(offset) + b"\x28" + varint(array.nbytes)
    return (
        b"\x08\x01\x12" + varint(len(shape)) + shape + place + b"\x35" + _masked(array.tobytes()).to_bytes(4, "little")
    )


def block(rows: list[tuple[bytes, bytes]]) -> bytes:
    body, before = b"", b""
    for key, value in rows:
        shared = next(
            (i for i, (a, b) in enumerate(zip(before, key, strict=False)) if a != b), min(len(before), len(key))
        )
        body += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return body + (0).to_bytes(4, "little") + (1).to_bytes(4, "little")


def checkpoint(arrays: dict[str, np.ndarray]) -> tuple[bytes, bytes]:
    data, rows = b"", [(b"", b"\x08\x01")]
    for name, array in sorted(arrays.items()):
        rows.append((name.encode(), entry(array, len(data))))
        data += array.tobytes()
    first = block(rows)
    index = block([(b"zz", varint(0) + varint(len(first)))])
    file = first + bytes(5)
    footer = varint(0) + varint(0) + varint(len(file)) + varint(len(index))
    return file + index + bytes(5) + footer.ljust(40, b"\0") + MAGIC.to_bytes(8, "little"), data


ARRAYS = {
    "conv/bias": np.arange(300, dtype=np.float32),
    "conv/kernel": np.random.default_rng(0).random((7, 3, 1, 20), np.float32),
    "dense": np.float32([[1, 2]]),
}


def test_every_tensor_comes_back_with_its_name_and_shape():
    found = tensors(*checkpoint(ARRAYS))
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)


def test_a_damaged_tensor_is_named():
    index, data = checkpoint(ARRAYS)
    with pytest.raises(ValueError, match="conv/kernel of the checkpoint is damaged"):
        tensors(index, data[:1300] + b"x" + data[1301:])


@pytest.mark.parametrize("index", [b"", b"x" * 100])
def test_what_is_no_checkpoint_is_refused(index):
    with pytest.raises(ValueError, match="no index"):
        tensors(index, b"")


def test_the_checksum_is_the_standards():
    assert _masked(b"123456789") == (((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF)  # RFC 3720
