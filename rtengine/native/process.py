"""Processes of our own, for what may die: a module of rtengine that runs beside this process."""

import os
import sys
from pathlib import Path


def command(module: str, *arguments: str) -> list[str]:
    """The words that start a module in the same interpreter."""
    return [sys.executable, "-m", module, *arguments]


def environment() -> dict[str, str]:
    """The environment of this process, in which the other one finds the same rtengine."""
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
