"""Intrinsics that a kernel needs to deal with the world of C: addresses, calls, and the processor's float mode.

Addresses travel as plain integers in a record, never as objects captured by a kernel, so that kernels stay cacheable.
"""

import ctypes
import sys
from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

WORD = ir.IntType(64)


@intrinsic
def call(typingctx: Any, address: Any, arguments: Any) -> Any:
    """Call the C function at an integer address with a tuple of integers; return its 64-bit result.

    Small integers, sizes and pointers all travel as 64-bit integers in the C conventions of x86-64 and ARM64.
    """
    if not (isinstance(arguments, types.BaseTuple) and all(isinstance(a, types.Integer) for a in arguments)):
        return None

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        kinds = list(sig.args[1])
        function = ir.FunctionType(WORD, [WORD] * len(kinds)).as_pointer()
        words = [builder.extract_value(args[1], i) for i in range(len(kinds))]
        values = [context.cast(builder, w, kind, types.int64) for w, kind in zip(words, kinds, strict=True)]
        return builder.call(builder.inttoptr(args[0], function), values)

    return types.int64(types.int64, arguments), codegen


@intrinsic
def floats(typingctx: Any, address: Any) -> Any:
    """An integer address as a float32 pointer, for numba.carray."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        return builder.inttoptr(args[0], ir.FloatType().as_pointer())

    return types.CPointer(types.float32)(types.int64), codegen


@intrinsic
def integers(typingctx: Any, address: Any) -> Any:
    """An integer address as an int64 pointer, for numba.carray."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        return builder.inttoptr(args[0], WORD.as_pointer())

    return types.CPointer(types.int64)(types.int64), codegen


@intrinsic
def fields(typingctx: Any, record: Any) -> Any:
    """A record of float32 fields as a pointer to the first of them."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        return builder.bitcast(args[0], ir.FloatType().as_pointer())

    return types.CPointer(types.float32)(record), codegen


def sleep_function() -> tuple[int, bool]:
    """The address of the system's sleep, and whether it takes milliseconds (Windows) or a timespec (POSIX)."""
    if sys.platform == "win32":
        return address_of(ctypes.windll.kernel32.Sleep), True
    return address_of(ctypes.CDLL(None).nanosleep), False


def address_of(function: Any) -> int:
    """The address of a ctypes function."""
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return address
