"""The controller's file: its weights by name out of ONNX, and what it says of itself."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from rtengine.files.json_text import parsed
from rtengine.models.console import layout
from rtengine.models.console.layout import Weights
from rtengine.models.onnx_file import read

SHIPPED = Path(__file__).parent / "controller.onnx"
LARGEST = 1 << 24  # bytes of a file


class Model(NamedTuple):
    """Weights by name, and how it was trained."""

    weights: Weights
    training: dict[str, Any]


@cache
def load(path: Path = SHIPPED) -> Model:
    """Read a controller; OSError if there is no such file, ValueError in a sentence if it is something else."""
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path} has {path.stat().st_size} bytes: a controller has at most {LARGEST}")
    try:
        content = read(path.read_bytes())
        training = parsed(content.metadata.get("training", "{}"))
    except (IndexError, KeyError, TypeError, UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"{path} is no ONNX file of a controller: {error}") from None
    if content.metadata.get("contract") != layout.CONTRACT:
        raise ValueError(
            f"{path} is no controller: its contract is {content.metadata.get('contract')}, not {layout.CONTRACT}"
        )
    try:
        layout.check(content.weights)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return Model(content.weights, training)
