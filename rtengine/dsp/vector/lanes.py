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
each width in use. LLVM splits what is wider than the machine's registers. Where vectors come from is in `pointer`, what
one can do with them in `arithmetic`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llvmlite import binding, ir
from numba import config, types
from numba.core.imputils import lower_constant
from numba.extending import NativeValue, intrinsic, models, register_model, typeof_impl, unbox

FLOAT = ir.FloatType()
LEVELS = {"x86-64": 4, "x86-64-v2": 4, "x86-64-v3": 8, "x86-64-v4": 16}  # of the x86-64 psABI


@dataclass(frozen=True)
class Lanes:
    """How many numbers a vector holds: 4, 8 or 16."""

    width: int

    def __post_init__(self) -> None:
        if self.width not in (4, 8, 16):
            raise ValueError(f"{self.width} lanes are not 4, 8 or 16")


def native_width() -> int:
    """The float32 lanes of the widest registers: 16 with AVX-512, 8 with AVX, 4 with SSE or NEON.

    Those of this processor, or of the one that numba is told to compile for, by $NUMBA_CPU_NAME.
    """
    if width := LEVELS.get(config.CPU_NAME):
        return width
    features = binding.get_host_cpu_features()
    return 16 if features.get("avx512f") else 8 if features.get("avx") else 4


LANES = Lanes(native_width())  # numba keeps compiled kernels for each processor apart, so it may be a global of theirs


def width_for(count: int, lanes: Lanes = LANES) -> int:
    """How wide vectors should be for `count` signals: 8 lanes or all; every width in use costs seconds to compile."""
    return min(lanes.width, 8 if count <= 8 else lanes.width)


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
    """A complex number a lane: a vector of real parts and a vector of imaginary parts, which follows it in memory."""

    parts = 2

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"ComplexVector({width})")


register_model(LanesType)(models.OpaqueModel)


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, fe_type: VectorType) -> None:
        super().__init__(manager, fe_type, ir.VectorType(FLOAT, fe_type.width))


@register_model(ComplexType)
class _ComplexModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, fe_type: ComplexType) -> None:
        super().__init__(manager, fe_type, ir.ArrayType(ir.VectorType(FLOAT, fe_type.width), 2))


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
def width_of(typingctx: Any, lanes: Any) -> Any:
    """The number of lanes."""
    return types.intp(lanes), lambda context, builder, sig, args: ir.IntType(64)(lanes.width)


def shuffle(builder: Any, a: Any, b: Any, order: Sequence[int]) -> Any:
    """The lanes of a and then b, numbered on, in another order."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), len(order)), list(order)))
