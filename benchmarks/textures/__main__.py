"""python -m benchmarks.textures [MODEL.onnx]: score a texture model; write a page of pictures and JSON."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.textures.rows import FOLDER, measure, measure_any
from rtengine.models.model import SHIPPED


def main() -> int:
    """Measure one model with the options given."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.textures", description=__doc__)
    parser.add_argument("model", nargs="?", type=Path, default=SHIPPED)
    parser.add_argument("--strength", type=float, default=0.7, help="0 to 1 (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the host's noise (%(default)s)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write (%(default)s)")
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--any", action=argparse.BooleanOptionalAction, default=True, help="sounds never trained on")
    options = parser.parse_args()
    if not 0 <= options.strength <= 1:
        parser.error(f"--strength {options.strength:g} is outside 0 to 1")
    console = Console(width=None if sys.stdout.isatty() else 200)
    chosen = {"peers": options.peers, "seed": options.seed, "say": lambda s: console.print(f"[dim]{s} ...")}
    try:
        reports = [measure(options.model, options.strength, options.out, **chosen)]
        if options.any:
            reports += filter(None, [measure_any(options.model, options.strength, options.out / "any", **chosen)])
    except (OSError, ValueError) as error:
        parser.error(str(error))
    for report in reports:
        for table in report.tables():
            console.print(table)
        for sentence in report.sentences():
            console.print(sentence)
    console.print(f"{options.out}/index.html: the same with pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
