"""python -m benchmarks.textures [MODEL.onnx]: score a texture model; write a page of pictures and JSON."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.textures.rows import FOLDER, Settings, measure_any, measure_own, show
from rtengine.blocks.texture.texture import QUALITIES
from rtengine.models.texture.model import SHIPPED


def main() -> int:
    """Measure one model with the options given."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.textures", description=__doc__)
    parser.add_argument("model", nargs="?", type=Path, default=SHIPPED)
    parser.add_argument("--strength", type=float, default=0.7, help="0 to 1 (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the host's noise (%(default)s)")
    parser.add_argument("--songs", type=int, default=100, help="how many at most (%(default)s)")
    parser.add_argument("--quality", choices=QUALITIES, default="hifi", help="as for files (%(default)s)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write (%(default)s)")
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--any", action=argparse.BooleanOptionalAction, default=True, help="sounds never trained on")
    options = parser.parse_args()
    if not 0 <= options.strength <= 1:
        parser.error(f"--strength {options.strength:g} is outside 0 to 1")
    if options.songs < 1:
        parser.error(f"--songs {options.songs} is less than 1")
    console = Console(width=None if sys.stdout.isatty() else 200)
    settings = Settings(
        options.model, options.strength, options.seed, options.songs, options.peers, options.quality,
        options.out, lambda s: console.print(f"[dim]{s} ..."),
    )  # fmt: skip
    try:
        for measure in (measure_own, measure_any) if options.any else (measure_own,):
            if report := measure(settings):
                show(report, console)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    console.print(f"{options.out}/index.html: the same with pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
