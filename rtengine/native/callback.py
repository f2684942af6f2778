"""The function that a sound card calls: PortAudio's PaStreamCallback, compiled over a record.

    int callback(float *indata, float *outdata, unsigned long size, void *time, unsigned long flags, record *memory)

Buffers are interleaved. `size` is unsigned, and -size would wrap: take np.int64 of it. 0 means go on.
Source: PortAudio, portaudio.h, PaStreamCallback.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import cfunc, from_dtype, types

from rtengine.native.awaited import compiling
from rtengine.native.kernel import caching

INPUT_UNDERFLOW, INPUT_OVERFLOW, OUTPUT_UNDERFLOW, OUTPUT_OVERFLOW = 1, 2, 4, 8  # bits of flags


def compile_callback(function: Callable[..., int], layout: np.dtype[np.void], directory: Path) -> Any:
    """Compile it for records of this layout; the code is kept in this folder. Its `address` is what devices take."""
    buffer, memory = types.CPointer(types.float32), types.CPointer(from_dtype(layout))
    signature = types.intc(buffer, buffer, types.ulong, types.voidptr, types.ulong, memory)
    with caching(directory), compiling([function]):
        return cfunc(signature, cache=True, error_model="numpy")(function)
