"""Instruments as values: `find("texture")`, `build([find("console"), find("texture")], Setup(48_000, inputs=8))`."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rtengine.patches.chain import build, chained, find, names
    from rtengine.patches.patch import Files, Part, Patch, Setup

__all__ = ["Files", "Part", "Patch", "Setup", "build", "chained", "find", "names"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'rtengine.patches' has no attribute {name!r}")
    return getattr(import_module(f"rtengine.patches.{'patch' if name[0].isupper() else 'chain'}"), name)


def __dir__() -> list[str]:
    return __all__
