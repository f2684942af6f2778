"""Complex vectors set aside in memory, where a processor has few registers.

A butterfly of eight complex numbers fills sixteen registers before it has computed anything. LLVM then moves numbers to
the stack and back as it meets them, some forty times where eight are enough, and the processor waits for the stores.
Here a kernel says which numbers wait:

    place = places(z)
    place[0] = a - e
    set_aside(place)

and nothing that comes later begins before they are stored. With 32 registers (AVX-512, NEON) they stay where they are;
the arithmetic, operation by operation, is the same.
"""

import platform
from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from rtengine.dsp.vector.lanes import FLOAT, native_width

INTEL = platform.machine().lower() in ("x86_64", "amd64")
FEW = INTEL and native_width() < 16  # 16 registers before AVX-512, 32 with it and on ARM
COUNT, LINE = 4, 64  # complex vectors; bytes


@intrinsic
def places(typingctx: Any, z: Any) -> Any:
    """Room on the stack for four of what z points to, as long as this kernel runs."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        room = ir.ArrayType(context.get_value_type(sig.return_type.element), COUNT)
        place = cgutils.alloca_once(builder, room)
        place.align = LINE
        return builder.bitcast(place, FLOAT.as_pointer())

    return z(z), codegen


@intrinsic
def set_aside(typingctx: Any, place: Any) -> Any:
    """Finish what was written to `place` before anything else is begun, if registers are few."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        if FEW:  # no instruction, but all memory might have changed for all that LLVM knows
            builder.asm(ir.FunctionType(ir.VoidType(), [args[0].type]), "", "r,~{memory}", [args[0]], True)
        return context.get_dummy_value()

    return types.void(place), codegen
