"""What kernels do with vectors and complex vectors: + - * / and a few functions.

A product or a sum may take a vector with a vector, with a plain float32, or with a complex64 such as a twiddle factor,
which counts for all lanes. Operations may contract (a * b + c in one rounding) and nothing else: sums keep their order,
NaN stays NaN, and results repeat bit for bit. Blanket fast mathematics was no faster where it was measured.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin

from rtengine.dsp.vector.lanes import ComplexType, VectorType, shuffle

FLAGS = ("contract",)
LANE = ir.IntType(32)
PARTS = {types.float32: 1, types.complex64: 2}  # numbers that count for all lanes


def _parts(typ: types.Type) -> int:
    """1 for a real number, 2 for a complex one, 0 for what takes no part in this arithmetic."""
    return typ.parts if isinstance(typ, VectorType | ComplexType) else PARTS.get(typ, 0)


def _result(a: types.Type, b: types.Type) -> types.Type | None:
    """The vector type of a combined with b, or None."""
    widths = {t.width for t in (a, b) if isinstance(t, VectorType | ComplexType)}
    if len(widths) != 1 or not (_parts(a) and _parts(b)):
        return None
    return (ComplexType if max(_parts(a), _parts(b)) == 2 else VectorType)(widths.pop())


def _split(builder: Any, typ: types.Type, value: Any, width: int) -> list[Any]:
    """The real part, or the real and the imaginary part, as LLVM vectors."""
    if isinstance(typ, VectorType):
        return [value]
    parts = [value] if typ == types.float32 else [builder.extract_value(value, i) for i in range(2)]
    return parts if isinstance(typ, ComplexType) else [_splat(builder, part, width) for part in parts]


def _splat(builder: Any, number: Any, width: int) -> Any:
    empty = ir.Constant(ir.VectorType(number.type, width), ir.Undefined)
    first = builder.insert_element(empty, number, LANE(0))
    return shuffle(builder, first, empty, [0] * width)


def _join(builder: Any, parts: Sequence[Any]) -> Any:
    if len(parts) == 1:
        return parts[0]
    value = ir.Constant(ir.ArrayType(parts[0].type, 2), ir.Undefined)
    return builder.insert_value(builder.insert_value(value, parts[0], 0), parts[1], 1)


def _operator(op: Callable[..., Any], instruction: str) -> None:
    """Let `op` work on vectors, part by part; two complex numbers multiply as such."""

    @infer_global(op)
    class Operator(AbstractTemplate):  # type: ignore[misc]
        def generic(self, args: Sequence[Any], kws: Any) -> Any:
            result = _result(*args) if len(args) == 2 else None
            parts = [_parts(a) for a in args]
            fits = instruction == "fmul" or parts[0] == parts[1] or (instruction == "fdiv" and parts[1] == 1)
            return signature(result, *args) if result and fits else None

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        def apply(name: str, a: Any, b: Any) -> Any:
            return getattr(builder, name)(a, b, flags=FLAGS)

        left, right = (_split(builder, t, v, sig.return_type.width) for t, v in zip(sig.args, args, strict=True))
        if instruction == "fmul" and len(left) == len(right) == 2:
            re = apply("fsub", apply("fmul", left[0], right[0]), apply("fmul", left[1], right[1]))
            im = apply("fadd", apply("fmul", left[0], right[1]), apply("fmul", left[1], right[0]))
            return _join(builder, [re, im])
        count = max(len(left), len(right))
        left, right = (side * (count // len(side)) for side in (left, right))
        return _join(builder, [apply(instruction, a, b) for a, b in zip(left, right, strict=True)])

    for a in (VectorType, ComplexType):
        for b in (VectorType, ComplexType, types.float32, types.complex64):
            lower_builtin(op, a, b)(codegen)
            if isinstance(b, types.Type):
                lower_builtin(op, b, a)(codegen)


_operator(operator.add, "fadd")
_operator(operator.sub, "fsub")
_operator(operator.mul, "fmul")
_operator(operator.truediv, "fdiv")


@intrinsic
def fill(typingctx: Any, lanes: Any, x: Any) -> Any:
    """The float32 x in every lane."""
    width = lanes.width
    return VectorType(width)(lanes, types.float32), lambda c, b, sig, args: _splat(b, args[1], width)


@intrinsic
def sqrt(typingctx: Any, v: Any) -> Any:
    """The square root of each lane, correctly rounded."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        typ = ir.FunctionType(args[0].type, [args[0].type])
        return builder.call(cgutils.get_or_insert_function(builder.module, typ, f"llvm.sqrt.v{v.width}f32"), args)

    return v(v), codegen


@intrinsic
def splice(typingctx: Any, v: Any, w: Any, count: Any) -> Any:
    """The lanes of v below `count`, of w from there on."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        lane = ir.Constant(ir.VectorType(LANE, v.width), list(range(v.width)))
        limit = _splat(builder, builder.trunc(args[2], LANE), v.width)
        return builder.select(builder.icmp_signed("<", lane, limit), args[0], args[1])

    return v(v, v, types.intp), codegen


@intrinsic
def complex_vector(typingctx: Any, re: Any, im: Any) -> Any:
    """The complex vector re + i im."""
    return ComplexType(re.width)(re, im), lambda c, b, sig, args: _join(b, args)


@intrinsic
def real(typingctx: Any, z: Any) -> Any:
    """The real part of each lane."""
    return VectorType(z.width)(z), lambda c, b, sig, args: b.extract_value(args[0], 0)


@intrinsic
def imag(typingctx: Any, z: Any) -> Any:
    """The imaginary part of each lane."""
    return VectorType(z.width)(z), lambda c, b, sig, args: b.extract_value(args[0], 1)


@intrinsic
def conj(typingctx: Any, z: Any) -> Any:
    """The complex conjugate of a complex vector or of a complex64."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        return builder.insert_value(args[0], builder.fneg(builder.extract_value(args[0], 1)), 1)

    return z(z), codegen


@intrinsic
def times_i(typingctx: Any, z: Any) -> Any:
    """The complex vector i z: a quarter turn, which costs no multiplication."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        re, im = _split(builder, z, args[0], z.width)
        return _join(builder, [builder.fneg(im), re])

    return z(z), codegen
