"""A neural audio host in which no audio ever waits for Python: what other programs use of it, in one list.

Each name is imported when it is asked for: whoever renders needs no sound card, and `--help` needs no compiler.
`rtengine.dsp` has the functions it is made of, `rtengine.patches` the instruments, `rtengine.jobs` renders of files.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rtengine import jobs, patches
    from rtengine.block import Block, Parameter, Reading, Work
    from rtengine.graph import Graph
    from rtengine.live.engine import Engine

__all__ = ["Block", "Engine", "Graph", "Parameter", "Reading", "Work", "jobs", "patches"]

HOMES = {
    "Block": "rtengine.block",
    "Engine": "rtengine.live.engine",
    "Graph": "rtengine.graph",
    "Parameter": "rtengine.block",
    "Reading": "rtengine.block",
    "Work": "rtengine.block",
}


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(import_module(HOMES[name]), name)
    if name in __all__:
        return import_module(f"rtengine.{name}")
    raise AttributeError(f"module 'rtengine' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
