"""The inner product of two float32 rows, which numba alone would add up one product at a time.

A compiler may not reorder a sum of floats, so a plain loop runs at the pace of one addition after another. Here LANES
sums run side by side and a tree adds them up at the end. The order is fixed: every processor gives the same bits.
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16  # one register of AVX-512, two of AVX2, four of NEON: LLVM cuts it to the processor's width


@intrinsic
def dot(typingctx: Any, a: Any, b: Any, start: Any, n: Any) -> Any:
    """Return the sum of a[k] * b[start + k] for k below n.

    a, b: contiguous float32 rows.  n: a multiple of LANES.  The caller keeps start + n within b: nothing is checked.
    """
    if not all(isinstance(row, types.Array) and row.ndim == 1 and row.dtype == types.float32 for row in (a, b)):
        return None

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        left, right = (context.make_array(sig.args[i])(context, builder, args[i]).data for i in (0, 1))
        offset, count = args[2:]
        total = cgutils.alloca_once_value(builder, ir.Constant(VECTOR, [0.0] * LANES))
        with cgutils.for_range_slice(builder, count.type(0), count, count.type(LANES)) as (k, _):
            product = builder.fmul(_load(builder, left, k), _load(builder, right, builder.add(offset, k)))
            builder.store(builder.fadd(builder.load(total), product), total)
        return _sum(builder, builder.load(total))

    return types.float32(a, b, types.intp, types.intp), codegen


VECTOR = ir.VectorType(ir.FloatType(), LANES)
INDEX = ir.IntType(32)


def _load(builder: Any, row: Any, k: Any) -> Any:
    """LANES samples from row[k] on, at any address."""
    return builder.load(builder.bitcast(builder.gep(row, [k]), VECTOR.as_pointer()), align=4)


def _sum(builder: Any, lanes: Any) -> Any:
    """Add the upper half to the lower half until one lane is left."""
    width = LANES // 2
    while width:
        order = [[INDEX(first + j) for j in range(width)] for first in (0, width)]
        low, high = (builder.shuffle_vector(lanes, lanes, ir.Constant(ir.VectorType(INDEX, width), o)) for o in order)
        lanes = builder.fadd(low, high)
        width //= 2
    return builder.extract_element(lanes, INDEX(0))
