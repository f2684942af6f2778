"""From signals one after the other to signals side by side in lanes, and back.

A tile of width x width numbers is read as rows, turned in registers, and written as columns. Complex numbers come with
all real parts before all imaginary parts in lanes, and in pairs of the two in numpy's arrays.
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rtengine.dsp.vector.lanes import FLOAT, ComplexType, shuffle, width_of
from rtengine.dsp.vector.pointer import INDEX
from rtengine.native.kernel import kernel

NUMBER = types.intp


@kernel
def to_lanes(lanes, x, stride, count, n, z, step):
    """Lane i of row j is number j of signal i: z[step * j + i] = x[stride * i + j] for j < n.

    x, z: pointers to float32.  count: signals; the lanes after them repeat the last one.  n: at least the width.
    """
    width = width_of(lanes)
    for first in range(0, n, width):
        j = min(first, n - width)  # the last tile overlaps the one before
        turn(lanes, x + j, stride, count, z + step * j, step, width)


@kernel
def from_lanes(lanes, z, step, n, x, stride, count):
    """The way back: x[stride * i + j] = z[step * j + i] for j < n and i < count."""
    width = width_of(lanes)
    for first in range(0, n, width):
        j = min(first, n - width)
        turn(lanes, z + step * j, step, width, x + j, stride, count)


@intrinsic
def turn(typingctx: Any, lanes: Any, source: Any, stride: Any, rows: Any, target: Any, step: Any, columns: Any) -> Any:
    """target[step * j + i] = source[stride * i + j] for i, j < width, of which rows x columns exist.

    log2(width) times, the upper and the lower half of the rows are shuffled like the halves of a pack of cards.
    """
    width = lanes.width

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        def row(first: Any, distance: Any, index: int, count: Any) -> Any:
            last = builder.sub(count, INDEX(1))
            exists = builder.icmp_signed("<", INDEX(index), count)
            place = builder.gep(first, [builder.mul(builder.select(exists, INDEX(index), last), distance)])
            return builder.bitcast(place, ir.VectorType(FLOAT, width).as_pointer())

        _, first_row, stride, rows, first_column, step, columns = args
        tile = [builder.load(row(first_row, stride, i, rows), align=4) for i in range(width)]
        for _ in range(width.bit_length() - 1):
            cards = zip(tile[: width // 2], tile[width // 2 :], strict=True)
            tile = [half for upper, lower in cards for half in _riffle(builder, upper, lower, width)]
        for j in reversed(range(width)):  # columns that do not exist land on the last one before it is written
            builder.store(tile[j], row(first_column, step, j, columns), align=4)
        return context.get_dummy_value()

    return types.void(lanes, source, NUMBER, NUMBER, target, NUMBER, NUMBER), codegen


@intrinsic
def store_pairs(typingctx: Any, p: Any, offset: Any, z: Any) -> Any:
    """Write a complex vector to complex64 numbers: p[offset + i] is lane i."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        re, im = (builder.extract_value(args[2], i) for i in range(2))
        for i, half in enumerate(_riffle(builder, re, im, z.width)):
            builder.store(half, _half(builder, args, i, z.width), align=4)
        return context.get_dummy_value()

    return types.void(p, NUMBER, z), codegen


@intrinsic
def load_pairs(typingctx: Any, lanes: Any, p: Any, offset: Any) -> Any:
    """Read a complex vector from complex64 numbers: lane i is p[offset + i]."""
    width = lanes.width

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        lower, upper = (builder.load(_half(builder, args[1:], i, width), align=4) for i in range(2))
        parts = [shuffle(builder, lower, upper, range(i, 2 * width, 2)) for i in range(2)]
        value = ir.Constant(context.get_value_type(sig.return_type), ir.Undefined)
        return builder.insert_value(builder.insert_value(value, parts[0], 0), parts[1], 1)

    return ComplexType(width)(lanes, p, NUMBER), codegen


def _half(builder: Any, args: Sequence[Any], half: int, width: int) -> Any:
    """Where the lower or the upper half of `width` complex64 begins, as a pointer to a vector of float32."""
    place = builder.add(builder.mul(args[1], INDEX(2)), INDEX(half * width))
    return builder.bitcast(builder.gep(args[0], [place]), ir.VectorType(FLOAT, width).as_pointer())


def _riffle(builder: Any, a: Any, b: Any, width: int) -> list[Any]:
    """The numbers a0 b0 a1 b1 ... as two vectors."""
    order = [lane + side for lane in range(width) for side in (0, width)]
    return [shuffle(builder, a, b, half) for half in (order[:width], order[width:])]
