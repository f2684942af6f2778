"""python -m benchmarks [NAME ...] [--json FILE]: measure beside the peers, print a table, write JSON."""

import argparse
import importlib
import json
import platform
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.table import table

NAMES = ("fft", "griffin_lim", "rtisi", "render", "startup", "memory", "live", "console", "plugin")
LONG = ("near", "messy", "textures", "score", "service")  # a quarter of an hour and more: only if named


def main() -> int:
    """Run the named benchmarks, all by default, one after another."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
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
    console, results = Console(), {}
    for name in options.names or NAMES:
        rows = importlib.import_module(f"benchmarks.{name}").rows()
        console.print(table(name, rows))
        results[name] = [row.json() for row in rows]
    machine = {"python": sys.version.split()[0], "machine": platform.machine(), "system": platform.system()}
    options.json.write_text(json.dumps({"machine": machine, "benchmarks": results}, indent=1))
    console.print(f"{options.json}: the same as JSON")
    return 0


if __name__ == "__main__":
    sys.exit(main())
