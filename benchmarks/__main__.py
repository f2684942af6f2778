"""python -m benchmarks [NAME ...] [--json FILE]: measure beside the peers, print tables, write JSON.

Every run says what it ran on, and what else wanted the processors meanwhile: with a load above 1 read ratios alone.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.machine import load, machine, sentence
from benchmarks.table import table

NAMES = ("fft", "griffin_lim", "rtisi", "render", "cost", "startup", "memory", "live", "console", "plugin")
WIDE = 200  # characters of a line in a file
LONG = ("near", "messy", "textures", "score", "service")  # a quarter of an hour and more: only if named


def main() -> int:
    """Run the named benchmarks, all by default, one after another."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"of {', '.join(NAMES + LONG)}; if none is given, all but {', '.join(LONG)}",
    )
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), help="file to write (%(default)s)")
    options = parser.parse_args()
    for name in options.names:
        if name not in NAMES + LONG:
            parser.error(f"there is no benchmark {name}: choose from {', '.join(NAMES + LONG)}")
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    results, loads, here = {}, {}, machine()
    console.print(sentence(here))
    for name in options.names or NAMES:
        before = load()
        rows = importlib.import_module(f"benchmarks.{name}").rows()
        loads[name] = (before, load())
        console.print(table(f"{name}, load {before} to {loads[name][1]}", rows))
        results[name] = [row.json() for row in rows]
    options.json.write_text(json.dumps({"machine": here, "load": loads, "benchmarks": results}, indent=1))
    console.print(f"{options.json}: the same as JSON")
    return 0


if __name__ == "__main__":
    sys.exit(main())
