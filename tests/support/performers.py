"""What the tests of the queue let workers perform, in place of a render."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def perform(spec: dict[str, Any], out: Path, tell: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
    """Write `text` in `steps` of 20 ms, then do what `end` says."""
    with (out / "result.txt").open("w") as file:
        for n in range(spec.get("steps", 1)):
            time.sleep(0.02)
            file.write(spec.get("text", "x"))
            tell((n + 1) / spec.get("steps", 1))
    end = spec.get("end")
    if end == "refuse":
        raise ValueError("there is no sound in it")
    if end == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if end == "hang":
        signal.setitimer(signal.ITIMER_REAL, 0.05)  # the deadline, brought forward
        time.sleep(60)
    if end == "memory":
        np.ones(8 << 30, np.uint8)
