"""Write the two networks of fitting.py: python -m rtengine.models.texture.training.write_fit [FOLDER].

The gradient is traced as plain operations (make_fx), which ONNX has.
"""

import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor
from torch._decomp import core_aten_decompositions
from torch.fx.experimental.proxy_tensor import make_fx

from rtengine.models.texture.bands import BANDS
from rtengine.models.texture.curve import LOW
from rtengine.models.texture.fit import FITTED, FRAMES, HEAR, SIZES, STEP, tables
from rtengine.models.texture.training import fitting

STEPPED = 12  # inputs of a step after the gains and before the tables


def write(folder: Path) -> None:
    """Write both files."""
    kernels = fitting.random_kernels()
    levels, low = torch.randn(FRAMES, BANDS) - 3, torch.randn(FRAMES, 2, LOW)
    heard = [h.detach() for h in fitting.hear(levels, low, fitting.Constants(kernels))]
    if {n: tuple(h.shape) for n, h in zip(SIZES, heard, strict=True)} != SIZES:
        raise ValueError(f"what is heard has the shapes {[tuple(h.shape) for h in heard]}, not {SIZES}")

    given = {name: torch.as_tensor(table) for name, table in tables().items()}

    def hear(levels: Tensor, low: Tensor, *given: Tensor) -> tuple[Tensor, ...]:
        return fitting.hear(levels, low, fitting.Constants(kernels, given))

    def step(gains: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        inputs, given = rest[:STEPPED], rest[STEPPED:]
        return fitting.step(gains.requires_grad_(), *inputs, fitting.Constants(kernels, given))

    _write(hear, {"levels": levels, "low": low} | given, [*SIZES], folder / HEAR.name)
    inputs = {name: torch.zeros(size) for name, size in FITTED.items()}
    inputs |= {"count": torch.ones(1), "levels": levels, "low": low, "wanted": 0.9 * heard[0], "own": 0.5 * heard[0]}
    inputs |= {"weight": torch.full((1,), 0.6)} | dict(zip([*SIZES][1:], heard[1:], strict=True))
    _write(step, inputs | given, [f"{name}.next" for name in FITTED], folder / STEP.name)


def _write(f: Callable[..., tuple[Tensor, ...]], inputs: dict[str, Tensor], outputs: list[str], file: Path) -> None:
    given = tuple(inputs.values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the older exporter, see export.py
        traced = make_fx(f, decomposition_table=_decompositions())(*given)
        torch.onnx.register_custom_op_symbolic("aten::lift_fresh_copy", lambda g, x: g.op("Identity", x), 17)  # type: ignore[attr-defined]  # it is not listed
        torch.onnx.export(
            torch.jit.trace(traced, given, check_trace=False), given, str(file), input_names=[*inputs],
            output_names=outputs, opset_version=17, dynamo=False, do_constant_folding=False,
        )  # fmt: skip
    model = onnx.load(str(file))
    onnx.helper.set_model_props(model, {"licence": "MIT", "recipe": "python -m " + __spec__.name if __spec__ else ""})
    onnx.checker.check_model(model)
    onnx.save(model, str(file))


def _decompositions() -> dict[torch._ops.OpOverload[..., Any], Callable[..., Any]]:
    """What ONNX, or its exporter, lacks or does slowly, by what it has."""
    aten = torch.ops.aten
    return {
        **core_aten_decompositions(),
        aten.pow.Tensor_Scalar: _power,
        aten.slice_backward.default: _slice_backward,
        aten.sum.default: lambda x, dtype=None: x.reshape(-1).sum(0),
        aten.threshold_backward.default: lambda gradient, rectified, bound: gradient * rectified.sign(),
    }


def _power(x: Tensor, exponent: float) -> Tensor:
    """A square as a product: onnxruntime calls the library's pow for every number, for that of 1 as well."""
    return x if exponent == 1 else x * x if exponent == 2 else NotImplemented


def _slice_backward(gradient: Tensor, sizes: Sequence[int], dim: int, start: int, end: int, step: int) -> Tensor:
    """Zeros around it by one operation, not by pieces that are joined."""
    if step != 1:
        raise ValueError(f"a slice with step = {step} is not 1")
    begin, finish, _ = slice(start, end).indices(sizes[dim])
    rest = [0, 0] * (len(sizes) - 1 - dim % len(sizes)) + [begin, sizes[dim] - finish]
    return torch.ops.aten.constant_pad_nd(gradient, rest)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else STEP.parent)
