"""All memory of a graph, a host or a kernel as one record, to which a snapshot can bring it back.

Much of it is rings of zeros that a short file never reaches. Zeros are not written, so the system gives such memory
only when it is used; what is to be played in time is touched before (`touch`).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE = 64  # bytes of a cache line, and of the widest vector
PAGE = 4096  # bytes that the system gives at a time, at least
LARGE = 1 << 20  # bytes of an array of which it matters that rows of zeros are not written
Memory = NDArray[np.void]  # a structured array of shape (1,)


def record(values: dict[str, Any], line: int = LINE) -> Memory:
    """Pack named arrays, numbers and nested dicts into one structured array, shape (1,).

    Fields of `line` bytes and more begin on lines, as the whole does: vectors that cross cache lines cost double.
    """
    dtype = _layout(values, line)
    room = np.zeros(dtype.itemsize + line, np.uint8)
    first = -room.ctypes.data % line
    memory = room[first : first + dtype.itemsize].view(dtype)
    _fill(memory, values)
    return memory


def _layout(values: dict[str, Any], line: int) -> np.dtype[np.void]:
    formats = {}
    for name, value in values.items():
        part = None if isinstance(value, dict) else np.asarray(value)
        formats[name] = (_layout(value, line), ()) if part is None else (part.dtype, part.shape)
    offsets, size = [], 0
    for dtype, shape in formats.values():
        nbytes = dtype.itemsize * int(np.prod(shape))
        unit = line if nbytes >= line else dtype.alignment
        offsets.append(-(-size // unit) * unit)
        size = offsets[-1] + nbytes
    size = -(-size // line) * line
    names, types = [*formats], [*formats.values()]
    return np.dtype({"names": names, "formats": types, "offsets": offsets, "itemsize": size, "aligned": True})


def _fill(memory: Memory, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            _fill(memory[name], value)
        elif (part := np.asarray(value)).dtype.names or part.nbytes < LARGE or part.ndim < 2:
            if part.dtype.names or part.any():
                memory[name] = part
        else:  # such as the room for textures to come
            for row, numbers in zip(memory[name][0], part, strict=True):
                if numbers.any():
                    row[...] = numbers


def touch(memory: Memory) -> None:
    """Have the system give all of it now, lest it do so while something is played."""
    pages = memory.view(np.uint8)[::PAGE]
    pages |= 0


class Snapshot:
    """What was in a record, as its lines that are not all zeros."""

    def __init__(self, memory: Memory) -> None:
        lines = _lines(memory)
        self._used = lines.any(axis=1)
        self._data = lines[self._used]

    def restore(self, memory: Memory) -> None:
        """Bring the record back; lines that are zeros already are not touched."""
        lines = _lines(memory)
        lines[lines.any(axis=1) & ~self._used] = 0
        lines[self._used] = self._data


def _lines(memory: Memory) -> NDArray[np.uint64]:
    return memory.view(np.uint64).reshape(-1, LINE // 8)
