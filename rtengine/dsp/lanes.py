"""Vectors of float32 as numbers of a kernel: LLVM's <n x float>, and complex numbers made of two of them.

A loop over an array leaves it to the compiler to find what can run side by side. Here a kernel says so: eight frames of
a signal lie interleaved, sample 0 of each, then sample 1 of each, and code that reads like the work on one frame does
all eight, for every number in it is eight numbers wide.

    @kernel
    def halve(lanes, x, n):
        rows = vectors(lanes, x)
        for i in range(n):
            rows[i] = rows[i] * np.float32(0.5)

    halve(Lanes(8), x, n)

The width is the type of the first argument: one source serves every processor, and is compiled and kept on disk for
each width in use. LLVM splits what is wider than the machine's registers.

Memory is reached by pointers, whose type holds no shape: a kernel that takes them is compiled once for all sizes.
Nothing checks their bounds, and their array must outlive them. What one can do with vectors is in `arithmetic`.
"""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core.imputils import lower_constant
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import NativeValue, intrinsic, lower_builtin, models, register_model, typeof_impl, unbox

FLOAT, INDEX = ir.FloatType(), ir.IntType(64)


@dataclass(frozen=True)
class Lanes:
    """How many numbers a vector holds: a power of two."""

    width: int


def native_width() -> int:
    """The float32 lanes of this processor's widest registers: 16 with AVX-512, 8 with AVX, 4 with SSE or NEON."""
    features = binding.get_host_cpu_features()
    return 16 if features.get("avx512f") else 8 if features.get("avx") else 4


LANES = Lanes(native_width())  # numba keeps compiled kernels for each processor apart, so it may be a global of theirs


class LanesType(types.Type):  # type: ignore[misc]
    """The type of Lanes(width): no value at run time."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"Lanes({width})")


class VectorType(types.Type):  # type: ignore[misc]
    """`width` float32, one a lane."""

    parts = 1

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"Vector({width})")


class ComplexType(types.Type):  # type: ignore[misc]
    """A complex number a lane: a vector of real parts and a vector of imaginary parts, in memory one after the other."""

    parts = 2

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"ComplexVector({width})")


class PointerType(types.Type):  # type: ignore[misc]
    """The address of a row of vectors, complex vectors or plain numbers. p + n is n elements further."""

    def __init__(self, element: types.Type) -> None:
        self.element = element
        super().__init__(name=f"Pointer({element})")

    @property
    def floats(self) -> int:
        """The size of an element, in float32."""
        if isinstance(self.element, VectorType | ComplexType):
            return int(self.element.parts * self.element.width)
        return int(self.element.bitwidth // 32)


register_model(LanesType)(models.OpaqueModel)


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, fe_type: VectorType) -> None:
        super().__init__(manager, fe_type, ir.VectorType(FLOAT, fe_type.width))


@register_model(ComplexType)
class _ComplexModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, fe_type: ComplexType) -> None:
        super().__init__(manager, fe_type, ir.ArrayType(ir.VectorType(FLOAT, fe_type.width), 2))


@register_model(PointerType)
class _PointerModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, fe_type: PointerType) -> None:
        super().__init__(manager, fe_type, FLOAT.as_pointer())


@typeof_impl.register(Lanes)
def _typeof(value: Lanes, context: Any) -> LanesType:
    return LanesType(value.width)


@unbox(LanesType)
def _unbox(typ: LanesType, value: Any, c: Any) -> NativeValue:
    return NativeValue(c.context.get_dummy_value())


@lower_constant(LanesType)
def _constant(context: Any, builder: Any, typ: LanesType, value: Lanes) -> Any:
    return context.get_dummy_value()


@intrinsic
def lanes_of(typingctx: Any, array: Any) -> Any:
    """As many Lanes as the last axis of an array in a record is long."""
    return LanesType(array.shape[-1])(array), lambda context, builder, sig, args: context.get_dummy_value()


@intrinsic
def numbers(typingctx: Any, array: Any) -> Any:
    """Point to the numbers, of 32 or 64 bits, of a contiguous array."""
    return PointerType(array.dtype)(array), _address


@intrinsic
def vectors(typingctx: Any, lanes: Any, array: Any) -> Any:
    """Point to a contiguous float32 array as a row of vectors."""
    return PointerType(VectorType(lanes.width))(lanes, array), _address


@intrinsic
def complex_vectors(typingctx: Any, lanes: Any, array: Any) -> Any:
    """Point to a contiguous float32 array as a row of complex vectors: width real parts, then width imaginary parts."""
    return PointerType(ComplexType(lanes.width))(lanes, array), _address


def _address(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
    array = context.make_array(sig.args[-1])(context, builder, args[-1])
    return builder.bitcast(array.data, FLOAT.as_pointer())


@intrinsic
def load(typingctx: Any, lanes: Any, p: Any, offset: Any) -> Any:
    """Read a vector from any float32: lane i is p[offset + i]."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        return _read(context, builder, sig.return_type, _shift(builder, args[1], args[2], 1))

    return VectorType(lanes.width)(lanes, p, types.intp), codegen


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


@lower_builtin(operator.add, PointerType, types.Integer)  # type: ignore[untyped-decorator]
def _add(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
    return _shift(builder, args[0], args[1], sig.return_type.floats)


@lower_builtin(operator.sub, PointerType, types.Integer)  # type: ignore[untyped-decorator]
def _subtract(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
    return _shift(builder, args[0], args[1], -sig.return_type.floats)


@lower_builtin(operator.getitem, PointerType, types.Integer)  # type: ignore[untyped-decorator]
def _get(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
    return _read(context, builder, sig.return_type, _shift(builder, args[0], args[1], sig.args[0].floats))


@lower_builtin(operator.setitem, PointerType, types.Integer, types.Any)  # type: ignore[untyped-decorator]
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


def shuffle(builder: Any, a: Any, b: Any, order: Sequence[int]) -> Any:
    """The lanes of a and then b, numbered on, in another order."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), len(order)), list(order)))
