"""All memory of a graph, a host or a kernel as one record: to reset is one assignment, a snapshot is one copy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE = 64  # bytes of a cache line, and of the widest vector
Memory = NDArray[np.void]  # a structured array of shape (1,)


def record(values: dict[str, Any], line: int = LINE) -> Memory:
    """Pack named arrays, numbers and nested dicts into one structured array, shape (1,).

    Fields of `line` bytes and more begin on lines, as the whole does: vectors that cross cache lines cost double.
    """
    parts = {name: record(v, line)[0] if isinstance(v, dict) else np.asarray(v) for name, v in values.items()}
    offsets, size = [], 0
    for part in parts.values():
        unit = line if part.nbytes >= line else part.dtype.alignment
        offsets.append(-(-size // unit) * unit)
        size = offsets[-1] + part.nbytes
    size = -(-size // line) * line
    formats = [(part.dtype, part.shape) for part in parts.values()]
    dtype = np.dtype({"names": [*parts], "formats": formats, "offsets": offsets, "itemsize": size, "aligned": True})
    room = np.zeros(size + line, np.uint8)
    first = -room.ctypes.data % line
    memory = room[first : first + size].view(dtype)
    for name, part in parts.items():
        memory[name] = part
    return memory
