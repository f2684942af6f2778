"""The processor's float mode: numbers too small to be heard count as zero.

A denormal float (below 1.2e-38) costs a hundred times a normal one on many processors, and every decaying filter ends
in them. The flags are a thread's own: whoever sets them on a thread that is not ours must put them back.
Source: Intel 64 and IA-32 manual, volume 1, section 10.2.3 (MXCSR); Arm architecture reference manual, FPCR.
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

INTEL_FLAGS = 0x8040  # FTZ: results, DAZ: operands
ARM_FLAG = 1 << 24  # FZ: both
MACHINE = binding.get_process_triple().split("-")[0]

BYTE, WORD, LONG = ir.IntType(8), ir.IntType(32), ir.IntType(64)


@intrinsic
def float_mode(typingctx: Any) -> Any:
    """The thread's float mode, for `set_float_mode`."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        if MACHINE in ("x86_64", "i686"):
            cell = cgutils.alloca_once(builder, WORD)
            store = _function(builder, "llvm.x86.sse.stmxcsr", ir.VoidType(), BYTE.as_pointer())
            builder.call(store, [builder.bitcast(cell, BYTE.as_pointer())])
            return builder.zext(builder.load(cell), LONG)
        if MACHINE in ("aarch64", "arm64"):
            return builder.call(_function(builder, "llvm.aarch64.get.fpcr", LONG), [])
        return LONG(0)

    return types.int64(), codegen


@intrinsic
def set_float_mode(typingctx: Any, mode: Any) -> Any:
    """Give the thread a float mode."""

    def codegen(context: Any, builder: Any, sig: Any, args: Sequence[Any]) -> Any:
        if MACHINE in ("x86_64", "i686"):
            cell = cgutils.alloca_once_value(builder, builder.trunc(args[0], WORD))
            load = _function(builder, "llvm.x86.sse.ldmxcsr", ir.VoidType(), BYTE.as_pointer())
            builder.call(load, [builder.bitcast(cell, BYTE.as_pointer())])
        elif MACHINE in ("aarch64", "arm64"):
            builder.call(_function(builder, "llvm.aarch64.set.fpcr", ir.VoidType(), LONG), [args[0]])
        return context.get_dummy_value()

    return types.void(types.int64), codegen


FLUSH = {"x86_64": INTEL_FLAGS, "i686": INTEL_FLAGS, "aarch64": ARM_FLAG, "arm64": ARM_FLAG}.get(MACHINE, 0)


def _function(builder: Any, name: str, result: ir.Type, *arguments: ir.Type) -> Any:
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, arguments), name)
