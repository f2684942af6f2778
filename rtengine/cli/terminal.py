"""The status line of the live host: all but the device's name fits into 80 columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

QUIET, LOUD, TOO_LOUD = -60.0, -12.0, -1.0  # dBFS: ends of a level's bar, and where it turns red
WIDTH = 6  # characters of a bar
EIGHTHS = " ▏▎▍▌▋▊▉█"
MUCH = 0.7  # load that is shown in red


def line(status: Mapping[str, Any]) -> Text:
    """Levels in dBFS, load and its worst, late samples, xruns, latency and the device's, from Engine.status()."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for name in ("in", "out"):
        text.append(f"{name} ", "dim")
        text.append(bar(status[f"peak_{name}"]), colour(max(status[f"peak_{name}"])))
        text.append(f" {max(status[f'peak_{name}']):4.0f}  ")
    load, worst = status["load"], status["load_worst"]
    text.append(f"load {load:.0%} ({worst:.0%})  ", "red" if load > MUCH else "")
    text.append(f"late {status['late']}  ", "red" if status["late"] else "")
    text.append(f"xruns {status['xruns']}  ", "red" if status["xruns"] else "")
    rate = status["sample_rate"]
    measured = status["device_latency_measured"]
    own = 1000 * status["latency"] / rate
    device = 1000 * (sum(status["device_latency"]) if measured is None else measured)
    text.append(f"{own:.1f}+{device:.1f} ms  ")
    if status["bypass"]:
        text.append("bypass  ", "yellow")
    text.append(f"{status['device']} {rate:g} Hz")
    return text


def bar(levels: Sequence[float]) -> str:
    """The highest of these levels, in dBFS, as a bar of WIDTH characters."""
    filled = min(max((max(levels) - QUIET) / -QUIET, 0.0), 1.0) * WIDTH * 8
    eighths = [min(max(round(filled) - 8 * i, 0), 8) for i in range(WIDTH)]
    return "".join(EIGHTHS[e] for e in eighths)


def colour(level: float) -> str:
    """Green, yellow when loud, red when too loud."""
    return "red" if level > TOO_LOUD else "yellow" if level > LOUD else "green"
