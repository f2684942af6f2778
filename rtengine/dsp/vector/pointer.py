"""Pointers: how kernels reach vectors in memory.

A pointer's type holds no shape, so a kernel that takes one is compiled once for all sizes. p[i] is an element, p + i is
the pointer i elements further. Nothing checks bounds, and the array must outlive the pointer.
"""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model
from numpy.typing import NDArray

from rtengine.dsp.vector.lanes import FLOAT, ComplexType, VectorType

INDEX, WORD = ir.IntType(64), ir.IntType(32)
LINE = 16  # float32 in a cache line


class PointerType(types.Type):  # type: ignore[misc]
    """The address of a row of vectors, complex vectors or plain numbers."""

    def __init__(self, element: types.Type) -> None:
        self.element = element
        super().__init__(name=f"Pointer({element})")

    @property
    def floats(self) -> int:
        """The size of an element, in float32."""
        if isinstance(self.element, VectorType | ComplexType):
            return int(self.element.parts * self.element.width)
        return int(self.element.bitwidth // 32)


@register_model(PointerType)
class _PointerModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, fe_type: PointerType) -> None:
        super().__init__(manager, fe_type, FLOAT.as_pointer())


def aligned_zeros(*shape: int) -> NDArray[np.float32]:
    """Return float32 zeros that begin on a cache line: vectors that cross lines take twice as long."""
    size = math.prod(shape)
    memory = np.zeros(size + LINE, np.float32)
    first = -memory.ctypes.data // 4 % LINE
    return memory[first : first + size].reshape(shape)


@intrinsic
def numbers(typingctx: Any, array: Any) -> Any:
    """Point to the numbers, of 32 or 64 bits, of a contiguous array, or to the float32 at a pointer."""
    return PointerType(types.float32 if isinstance(array, PointerType) else array.dtype)(array), _address


@intrinsic
def vectors(typingctx: Any, lanes: Any, array: Any) -> Any:
    """Point to a contiguous float32 array, or to the memory of a pointer, as a row of vectors."""
    return PointerType(VectorType(lanes.width))(lanes, array), _address


@intrinsic
def complex_vectors(typingctx: Any, lanes: Any, array: Any) -> Any:
    """Point to such memory as a row of complex vectors: width real parts, then width imaginary parts."""
    return PointerType(ComplexType(lanes.width))(lanes, array), _address


def _address(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
    if isinstance(sig.args[-1], PointerType):
        return args[-1]
    array = context.make_array(sig.args[-1])(context, builder, args[-1])
    return builder.bitcast(array.data, FLOAT.as_pointer())


@intrinsic
def align(typingctx: Any, p: Any) -> Any:
    """Move a pointer on to where vectors are aligned: 1.2 times as fast with 16 lanes. Needs a spare vector's room."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        size = 4 * p.element.width
        address = builder.add(builder.ptrtoint(args[0], INDEX), INDEX(size - 1))
        return builder.inttoptr(builder.and_(address, INDEX(-size)), args[0].type)

    return p(p), codegen


@intrinsic
def load(typingctx: Any, lanes: Any, p: Any, offset: Any) -> Any:
    """Read a vector from any float32: lane i is p[offset + i]."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        return _read(context, builder, sig.return_type, _shift(builder, args[1], args[2], 1))

    return VectorType(lanes.width)(lanes, p, types.intp), codegen


@intrinsic
def load_low(typingctx: Any, lanes: Any, p: Any, offset: Any) -> Any:
    """Read the lower halves of words as float32: lane i is 2**16 times the 16-bit integer in that of p[offset + i]."""
    return VectorType(lanes.width)(lanes, p, types.intp), _halves(lambda builder, words, half: builder.shl(words, half))


@intrinsic
def load_high(typingctx: Any, lanes: Any, p: Any, offset: Any) -> Any:
    """Read the upper halves in the same way. To widen 16 bits would take two steps more than to mask these."""

    def masked(builder: Any, words: Any, half: Any) -> Any:
        return builder.shl(builder.lshr(words, half), half)

    return VectorType(lanes.width)(lanes, p, types.intp), _halves(masked)


def _halves(moved: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        vector = ir.VectorType(WORD, sig.return_type.width)
        words = builder.load(builder.bitcast(_shift(builder, args[1], args[2], 1), vector.as_pointer()), align=4)
        half = ir.Constant(vector, [16] * sig.return_type.width)
        return builder.sitofp(moved(builder, words, half), context.get_value_type(sig.return_type))

    return codegen


@intrinsic
def store(typingctx: Any, p: Any, offset: Any, vector: Any) -> Any:
    """Write a vector to any float32: p[offset + i] is lane i."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        _write(builder, sig.args[2], _shift(builder, args[0], args[1], 1), args[2])
        return context.get_dummy_value()

    return types.void(p, types.intp, vector), codegen


@infer_global(operator.add)
@infer_global(operator.sub)
class _Move(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Sequence[Any], kws: Any) -> Any:
        if isinstance(args[0], PointerType) and isinstance(args[1], types.Integer):
            return signature(args[0], args[0], types.intp)
        return None


@infer_global(operator.getitem)
class _Get(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Sequence[Any], kws: Any) -> Any:
        return signature(args[0].element, args[0], types.intp) if isinstance(args[0], PointerType) else None


@infer_global(operator.setitem)
class _Set(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Sequence[Any], kws: Any) -> Any:
        pointer = args[0]
        return signature(types.none, pointer, types.intp, pointer.element) if isinstance(pointer, PointerType) else None


@lower_builtin(operator.add, PointerType, types.Integer)
def _add(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
    return _shift(builder, args[0], args[1], sig.return_type.floats)


@lower_builtin(operator.sub, PointerType, types.Integer)
def _subtract(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
    return _shift(builder, args[0], args[1], -sig.return_type.floats)


@lower_builtin(operator.getitem, PointerType, types.Integer)
def _get(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
    return _read(context, builder, sig.return_type, _shift(builder, args[0], args[1], sig.args[0].floats))


@lower_builtin(operator.setitem, PointerType, types.Integer, types.Any)
def _set(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
    _write(builder, sig.args[2], _shift(builder, args[0], args[1], sig.args[0].floats), args[2])
    return context.get_dummy_value()


def _shift(builder: Any, p: Any, count: Any, floats: int) -> Any:
    return builder.gep(p, [builder.mul(count, INDEX(floats))])


def _read(context: Any, builder: Any, typ: types.Type, p: Any) -> Any:
    """Read with the alignment of one float32: where memory is better aligned, the same instruction is as fast."""
    if isinstance(typ, ComplexType):
        part = VectorType(typ.width)
        second = _shift(builder, p, INDEX(1), typ.width)
        value = ir.Constant(context.get_value_type(typ), ir.Undefined)
        value = builder.insert_value(value, _read(context, builder, part, p), 0)
        return builder.insert_value(value, _read(context, builder, part, second), 1)
    return builder.load(builder.bitcast(p, context.get_value_type(typ).as_pointer()), align=4)


def _write(builder: Any, typ: types.Type, p: Any, value: Any) -> None:
    if isinstance(typ, ComplexType):
        part = VectorType(typ.width)
        _write(builder, part, p, builder.extract_value(value, 0))
        _write(builder, part, _shift(builder, p, INDEX(1), typ.width), builder.extract_value(value, 1))
    else:
        builder.store(value, builder.bitcast(p, value.type.as_pointer()), align=4)
