"""python -m rtengine prepare: compile now what would be compiled when somebody waits."""

import argparse
from collections.abc import Callable, Sequence
from itertools import product

from rtengine.cli.arguments import PATCH, QUALITIES
from rtengine.cli.options import Parser, whole_numbers

DESCRIPTION = """\
Compile an instrument for this processor, live and for files, so that no start waits for it: after an installation,
in the background, in the image of a container. What is compiled already is left as it is."""
EXAMPLES = """\
examples:
  python -m rtengine prepare                            the textures, for stereo at 44.1 and 48 kHz
  python -m rtengine prepare --patch console --channels 8 --rates 48000"""
RATES, CHANNELS = "44100,48000", "2"
LOWEST, HIGHEST, MOST = 8_000, 384_000, 8


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; leaves with status 0 (help) or 2 and one sentence where they are wrong."""
    parser = Parser(prog="python -m rtengine prepare", description=DESCRIPTION, epilog=EXAMPLES)
    add = parser.add_argument
    add("--patch", default=PATCH, metavar="NAME[,NAME...]", help=f"what to compile, or a chain of such ({PATCH})")
    add("--channels", type=whole_numbers(1, 32, MOST), default=CHANNELS, metavar="N[,N...]", help=f"({CHANNELS})")
    add("--rates", type=whole_numbers(LOWEST, HIGHEST, MOST), default=RATES, metavar="HZ[,HZ...]",
        help=f"sample rates ({RATES})")  # fmt: skip
    return parser.parse_args(argv)


def run(argv: Sequence[str], say: Callable[[str], object]) -> str:
    """Compile as the arguments say, and return what to print; ValueError or OSError in one sentence."""
    options = parse(argv)
    from rtengine.cli.compiling import told
    from rtengine.jobs.order import Settings
    from rtengine.jobs.render import build
    from rtengine.live import host
    from rtengine.live.instrument import Instrument
    from rtengine.native.cache import cache_directory
    from rtengine.patches.chain import chained
    from rtengine.patches.patch import Setup

    patches = chained(options.patch)
    with told(say):
        for rate, channels in product(options.rates, options.channels):
            live = Instrument(patches, Setup(rate, inputs=channels, live=True)).graph()
            host.compile_host(host.prepare(live).dtype)
            for quality in QUALITIES:
                build(rate, channels, options.patch, Settings(quality=quality, threads=0)).close()
    return f"{options.patch} is compiled, in {cache_directory()}"
