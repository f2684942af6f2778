"""What a benchmark ran on: without it, a figure says nothing to who has another machine."""

import os
import platform
import sys
from pathlib import Path
from typing import Any

from rtengine.dsp.vector.lanes import LANES


def processor() -> str:
    """The processor's name as the system has it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def load() -> float | None:
    """Programs that wanted a processor in the last minute, on average; None where the system does not count them."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def machine() -> dict[str, Any]:
    """Processor, cores, the width of the vectors that kernels are compiled for, Python and system."""
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "lanes": LANES.width,
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.machine()}",
    }


def sentence(found: dict[str, Any]) -> str:
    """The same for people."""
    return "{processor}, {cores} cores, vectors of {lanes} floats; Python {python}, {system}".format(**found)
